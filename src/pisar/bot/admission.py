"""The decision on somebody's audio: it is taken, refused in words, or ignored."""

from dataclasses import dataclass

from pisar.bot.texts import text_language
from pisar.domain.answer_to import Reply
from pisar.domain.chats import ChatSettings
from pisar.domain.messages import Incoming, Media, Press
from pisar.errors import Rejected

PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Take:
    """Transcribe the media. `language` and `prompt`: as the engine takes them; `expected`: the languages known to be spoken there.

    `unsure`: neither type nor name calls it audio, its content must. `asked`: somebody wants it transcribed, so they hear why it can't
    be; what nobody asked for and is no audio is passed over.
    """

    job_id: str
    reply: Reply
    media: Media
    unsure: bool
    language: str = ""
    expected: tuple[str, ...] = ()
    prompt: str = ""
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Refuse:
    """Say why not. The job id is the refusal's own, so that it is said once."""

    job_id: str
    reply: Reply
    rejection: Rejected


@dataclass(frozen=True, slots=True)
class Ignore:
    """Do nothing. `why` is for the log."""

    why: str


Decision = Take | Refuse | Ignore


def reply_to(update: Incoming | Press, settings: ChatSettings, *, message_id: int | None = None) -> Reply:
    """Return where an answer to the update goes."""
    return Reply(
        chat_id=update.chat_id,
        message_id=update.message_id if message_id is None else message_id,
        thread_id=update.thread_id,
        language=text_language(update.language_code),
        user_id=update.user_id,
        shape=settings.shape,
        silent=settings.silent,
    )
