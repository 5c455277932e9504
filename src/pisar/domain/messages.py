"""Messages from people, as far as Pisar reads them, whatever messenger they come from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file in a message. `kind`: voice, audio, video_note, video or document; size and length as Telegram declares them."""

    kind: str
    file_id: str
    unique_id: str
    size_bytes: int | None = None
    seconds: float | None = None
    mime_type: str | None = None
    file_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A new message, as far as Pisar reads it. `chat_type`: private, group, supergroup or channel."""

    chat_id: int
    chat_type: str
    message_id: int
    thread_id: int | None = None
    user_id: int | None = None
    language_code: str | None = None
    media: Media | None = None
