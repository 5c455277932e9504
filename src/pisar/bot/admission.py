"""The decision on a message's audio: it is taken, refused with a text, or ignored."""

from dataclasses import dataclass

from pisar.bot.texts import text_language
from pisar.domain.answer_to import Reply
from pisar.domain.chats import ChatSettings
from pisar.domain.messages import Incoming, Media, Press
from pisar.errors import Rejected

PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Take:
    """Transcribe the media. `language` and `prompt`: the engine's options; `expected`: the languages known to be spoken in the chat.

    `unsure`: neither its type nor its name says that the file is audio, so its content must be checked. `asked`: somebody asked for the
    text, and is told if the file can't be transcribed; without that a file that is no audio is ignored.
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
    """Answer why the audio is not taken. The refusal has a job id, so that it is sent once."""

    job_id: str
    reply: Reply
    rejection: Rejected


@dataclass(frozen=True, slots=True)
class Ignore:
    """Do nothing. `why` is for the log."""

    why: str


Decision = Take | Refuse | Ignore


def spoken_to(language_code: str | None, settings: ChatSettings) -> str:
    """Return the language of the bot's texts for a person with Telegram's `language_code`, or for nobody in particular, in a chat."""
    return text_language(settings.interface or language_code or settings.guess)


def reply_to(update: Incoming | Press, settings: ChatSettings, *, message_id: int | None = None) -> Reply:
    """Return where an answer to the update goes."""
    return Reply(
        chat_id=update.chat_id,
        message_id=update.message_id if message_id is None else message_id,
        thread_id=update.thread_id,
        topic_id=update.topic_id,
        language=spoken_to(update.language_code, settings),
        user_id=update.user_id,
        shape=settings.shape,
        silent=settings.silent,
    )
