"""What to do with an update: decided from the update and the rules alone.

Rules: audio from somebody who may use the bot is taken; what can't be taken is refused in words, and a stranger once in a
chat; everything else is ignored. In a group only a listed chat counts: a listed person's voice in somebody else's group is
that group's business.
"""

from dataclasses import dataclass

from pisar.domain.audio import AudioLimits, named_as_media
from pisar.domain.chats import AllowList
from pisar.domain.jobs import Reply, job_id
from pisar.domain.messages import Incoming, Media
from pisar.errors import Rejected, Rejection

PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Take:
    """Transcribe the media. `unsure`: neither type nor name calls it audio, its content must."""

    job_id: str
    reply: Reply
    media: Media
    unsure: bool


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


def decide(incoming: Incoming | None, *, allowed: AllowList, limits: AudioLimits) -> Decision:
    """Return what to do with a message (None: an update of another kind)."""
    if incoming is None:
        return Ignore("not a new message")
    media = incoming.media
    if media is None:
        return Ignore("no media")
    as_media = True if media.kind != "document" else named_as_media(media.mime_type, media.file_name)
    if as_media is False:
        return Ignore("a document that is not audio")
    reply = Reply(
        chat_id=incoming.chat_id,
        message_id=incoming.message_id,
        thread_id=incoming.thread_id,
        language=text_language(incoming.language_code),
    )
    if incoming.chat_type == PRIVATE:
        if not allowed.allows(incoming.user_id, incoming.chat_id):
            shown = incoming.chat_id if incoming.user_id is None else incoming.user_id
            return Refuse(job_id("telegram", "stranger", incoming.chat_id), reply, Rejected(Rejection.NOT_ALLOWED, {"id": shown}))
    elif not allowed.allows(incoming.chat_id):
        return Ignore("a group that is not listed")
    this = job_id("telegram", incoming.chat_id, incoming.message_id)
    if media.size_bytes is not None and media.size_bytes > limits.max_bytes:
        return Refuse(this, reply, too_big(media.size_bytes, limits.max_bytes))
    if media.seconds is not None and media.seconds > limits.max_seconds:
        return Refuse(this, reply, Rejected(Rejection.TOO_LONG, {"limit_minutes": round(limits.max_seconds / 60)}))
    return Take(this, reply, media, unsure=as_media is None)


def too_big(size_bytes: int, limit_bytes: int) -> Rejected:
    """Return the refusal of a file of that size, in megabytes as people count them."""
    return Rejected(Rejection.TOO_BIG, {"size_mb": round(size_bytes / 2**20, 1), "limit_mb": limit_bytes // 2**20})


def text_language(language_code: str | None) -> str:
    """Return the language of our texts for a Telegram `language_code` (IETF tag): Russian where it says so, else English."""
    return "ru" if (language_code or "").lower().split("-")[0] == "ru" else "en"
