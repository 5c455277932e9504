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
    """A new message, as far as Pisar reads it. `chat_type`: private, group, supergroup or channel.

    `text`: what it says, a file's caption included. `replied`: the message it answers, without what that one answered. `anonymous`:
    it comes from the group itself, that is from one of its administrators. `moved_to`: the id the group has from now on, told under the id
    that it had; `moved_from`: that one, told under the new one. Telegram sends both.
    """

    chat_id: int
    chat_type: str
    message_id: int
    thread_id: int | None = None
    user_id: int | None = None
    language_code: str | None = None
    media: Media | None = None
    text: str = ""
    replied: "Incoming | None" = None
    anonymous: bool = False
    moved_to: int | None = None
    moved_from: int | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: what is written on it, and what its press carries, at most 64 bytes."""

    label: str
    data: str


Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons, from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that somebody pressed under message `message_id` of the bot; `data` is what the button carries."""

    press_id: str
    chat_id: int
    chat_type: str
    message_id: int
    user_id: int
    data: str
    thread_id: int | None = None
    language_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The bot was let into a chat or put out of it: blocked by a person, or removed from a group."""

    chat_id: int
    present: bool


Update = Incoming | Press | Membership
"""What may come from a messenger."""
