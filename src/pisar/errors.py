"""Every error Pisar raises, classified by what the caller does next.

    PisarError
    ├── Retryable            later the same call may succeed: leave the job, let the queue bring it back
    │   ├── Busy             another worker holds the job's lease
    │   └── Unavailable      a foreign system is down, slow or limiting us (`after_seconds` when it said for how long)
    │       ├── Refused      a messenger refused the call for a reason that may pass: a few tries (`pisar.domain.jobs.MAX_REFUSED`)
    │       ├── OutOfMemory  the kernel ended what worked on the job: twice is enough (`pisar.domain.jobs.MAX_KILLED`)
    │       └── Crowded      others take up what the job needs: that is no try of its own
    ├── Rejected             this input never succeeds: tell the person why (`code`, `details`) and finish the job
    ├── Undeliverable        the chat can't be written to any more: finish the job without an answer
    ├── Unreadable           bytes from outside that do not parse: fail, so that they reach the dead-letter queue
    ├── Misconfigured        the operator's mistake: stop at start and name every missing or wrong setting
    └── answers of a store or a chat, for the flow to act on; they never reach a door:
        ├── Missing          no such object
        ├── Conflict         a conditional write lost: someone wrote first
        ├── MessageGone      the message to edit no longer exists
        └── NoDocuments      the chat takes no documents, and may take text

Foreign errors (botocore, aiogram, ffmpeg, whisper.cpp) become these in the adapter that meets them and nowhere else.
No message of these errors carries a token, a path of this machine or spoken text.
"""

from collections.abc import Mapping
from enum import StrEnum


class PisarError(Exception):
    """Root of the tree; catch it only at a door."""


class Retryable(PisarError):
    """Later the same call may succeed."""


class Busy(Retryable):
    """Another worker holds the job's lease."""


class Unavailable(Retryable):
    """A foreign system failed for now. `after_seconds` is how long it asked to be left alone, None if it did not say."""

    def __init__(self, message: str, *, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class Refused(Unavailable):
    """The messenger refused the call and changed nothing. Nobody knows whether it will pass."""


class OutOfMemory(Unavailable):
    """A program that worked on the job was ended by SIGKILL from outside, as the kernel does when memory runs out."""


class Crowded(Unavailable):
    """Too much is done here at once, by others: the job was not begun."""


class Rejection(StrEnum):
    """Why an input never succeeds. Each has a sentence in every language of `pisar.bot.texts`."""

    TOO_BIG = "too_big"  # details: limit_mb, size_mb
    TOO_LONG = "too_long"  # details: limit_minutes; instead: what to do, unless it is to cut the recording
    NO_AUDIO_TRACK = "no_audio_track"
    NO_SUCH_TRACK = "no_such_track"  # details: track, tracks
    CANNOT_DECODE = "cannot_decode"  # details: it_is, what the file is instead (in English), where that is known
    TOO_HEAVY = "too_heavy"
    UNSUPPORTED = "unsupported"
    UNSUPPORTED_SOUND = "unsupported_sound"  # details: rate_hz, channels, least_hz, most_hz, most_channels
    FILE_UNAVAILABLE = "file_unavailable"
    NOT_ALLOWED = "not_allowed"  # details: id
    BAD_OPTION = "bad_option"  # details: option, expected
    QUEUE_FULL = "queue_full"  # details: waiting
    QUOTA_USED = "quota_used"  # details: limit_minutes, resets_at ("HH:MM", UTC), resets_in_seconds


class LinkRefusal(StrEnum):
    """Why the file behind a link is not fetched; for people in chats, with a sentence in every language of `pisar.bot.texts`."""

    PAGE = "link_page"
    REFUSED = "link_refused"
    TOO_BIG = "link_too_big"  # details: limit_mb
    UNREACHABLE = "link_unreachable"


class Misuse(StrEnum):
    """Why a call of the API can't be followed, where no audio is to blame; for programs, so in English alone."""

    NOT_FOUND = "not_found"  # details: what
    NOT_FINISHED = "not_finished"  # details: state
    NO_TRANSCRIPT = "no_transcript"  # details: why
    BAD_CALLBACK = "bad_callback"  # details: why
    NO_CALLBACKS = "no_callbacks"
    KEY_REUSED = "idempotency_key_reused"
    JOB_DELETED = "job_deleted"
    TOO_MANY_AWAITED = "too_many_awaited"  # details: awaited, expires_in_seconds
    UPLOAD_INCOMPLETE = "upload_incomplete"  # details: missing
    NO_UPLOAD = "no_upload"  # details: why


class Rejected(PisarError):
    """This input never succeeds; `details` fill the placeholders of its sentence."""

    def __init__(self, code: Rejection | LinkRefusal | Misuse, details: Mapping[str, str | int | float] | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.details = dict(details or {})


class Undeliverable(PisarError):
    """The chat can't be written to any more: blocked, kicked, deleted."""


class Unreadable(PisarError):
    """Bytes from outside that do not parse as what they should be."""


class Misconfigured(PisarError):
    """The operator's mistake; the message says what is wrong, what was expected and what to do."""


class Missing(PisarError):
    """No object under that key."""


class Conflict(PisarError):
    """A conditional write lost: someone wrote first."""


class MessageGone(PisarError):
    """The message to edit no longer exists or can't be edited."""


class NoDocuments(PisarError):
    """The chat takes no documents; nothing was changed."""
