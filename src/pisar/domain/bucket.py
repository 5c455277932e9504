"""The bucket's key prefixes: which objects lie where, and at what age they are erased.

This is the only table of them. The bucket's lifecycle rules (`terraform/prefixes.json` is made from it), the expiry on self-hosted
machines, `pisar doctor`, the documents and the tests use it.
"""

from collections.abc import Mapping
from enum import StrEnum


class Age(StrEnum):
    """The age at which an object is erased."""

    DAY = "day"
    MONTH = "month"
    LEFT_OVER = "left over"
    """Two days: the objects of a job are erased at its end, and may be left by a crash."""
    CACHE = "cache"
    """`PISAR_REUSE_HOURS`, and a little more for the worker that makes the entry."""
    TEXTS = "texts"
    """`PISAR_KEEP_DAYS`."""
    RECORDS = "records"
    """Longer than texts are kept, and longer than any message stays in a queue."""


JOBS = "jobs/"
AUDIO = "audio/"
"""Audio that a door took in."""
INCOMING = "incoming/"
"""Audio that clients upload through a form; the bucket's trigger watches this prefix."""
TEXTS = "texts/"
CACHE = "cache/"
OWNED = "owned/"
LINE = "line/"
AWAITED = "awaited/"
PARTS = "parts/"
HEARD = "heard/"
"""The texts of clients' jobs that are worked on, as far as they are heard."""
CORRECTIONS = "corrections/"
"""What clients corrected in the texts of their jobs."""
SHARES = "shares/"
"""Which texts of clients' jobs are shared, and until when."""
QUEUED = "queued/"
USAGE = "usage/"
RATES = "rates/"
SAID = "said/"
CHATS = "chats/"
CLIENTS = "clients/"
WORKERS = "workers/"
MEASURED = "measured/"
DEAD_LETTERS = "dead-letters/"
UPLOADS = "uploads/"
RESULTS = "transcripts/"
DROPPED = "dropped/"
KNOCKS = "knocks/"
"""Who came to the bot without being let in."""

PREFIXES: Mapping[str, Age | None] = {
    JOBS: Age.RECORDS,
    AUDIO: Age.LEFT_OVER,
    INCOMING: Age.LEFT_OVER,
    TEXTS: Age.TEXTS,
    CACHE: Age.CACHE,
    OWNED: Age.RECORDS,
    LINE: Age.LEFT_OVER,
    AWAITED: Age.LEFT_OVER,
    PARTS: Age.LEFT_OVER,
    HEARD: Age.LEFT_OVER,
    CORRECTIONS: Age.TEXTS,
    SHARES: Age.TEXTS,
    QUEUED: None,
    USAGE: Age.MONTH,
    RATES: Age.DAY,
    SAID: Age.LEFT_OVER,
    KNOCKS: Age.LEFT_OVER,
    CHATS: None,
    CLIENTS: None,
    WORKERS: None,
    MEASURED: None,
    DEAD_LETTERS: None,
    UPLOADS: None,
    RESULTS: None,
    DROPPED: Age.RECORDS,
}
"""The age at which each prefix's objects are erased; None: they are erased by name, or stay."""

EXPIRING = tuple(sorted(prefix for prefix, age in PREFIXES.items() if age))
MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}
"""The media types of what Pisar writes, by the ending of the name. Without the charset a browser would guess it."""

UNKNOWN_TYPE = "application/octet-stream"


def media_type(key: str) -> str:
    """Return the media type that an object is stored with, by which a browser shows it: audio has none, since nobody has looked at it."""
    if key.startswith(DEAD_LETTERS):
        return MEDIA_TYPES["txt"]
    return MEDIA_TYPES.get(key.rpartition("/")[2].rpartition(".")[2], UNKNOWN_TYPE)


OF_JOBS = (AUDIO, HEARD, INCOMING, LINE, PARTS, TEXTS)
"""Prefixes of objects that are named by a job and needed until it is finished."""
