"""The bucket's prefixes: what lies where, and after what time its age erases it.

This is the one table of them: the bucket's lifecycle rules (`terraform/prefixes.json` is made of it), the expiry on self-hosted machines,
`pisar doctor`, the documents and the tests go by it.
"""

from collections.abc import Mapping
from enum import StrEnum


class Age(StrEnum):
    """After what time an object is erased by its age."""

    DAY = "day"
    MONTH = "month"
    LEFT_OVER = "left over"
    """Two days: whoever is done with a job erases it, and a crash may leave it."""
    CACHE = "cache"
    """`PISAR_REUSE_HOURS`, and a little for who works on it."""
    TEXTS = "texts"
    """`PISAR_KEEP_DAYS`."""
    RECORDS = "records"
    """Longer than texts and than every message of the queues."""


JOBS = "jobs/"
AUDIO = "audio/"
"""Where a door lays the audio it took in."""
INCOMING = "incoming/"
"""Where clients lay audio through a form; the bucket's trigger watches it."""
TEXTS = "texts/"
CACHE = "cache/"
OWNED = "owned/"
LINE = "line/"
AWAITED = "awaited/"
PARTS = "parts/"
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
    QUEUED: None,
    USAGE: Age.MONTH,
    RATES: Age.DAY,
    SAID: Age.LEFT_OVER,
    CHATS: None,
    CLIENTS: None,
    WORKERS: None,
    MEASURED: None,
    DEAD_LETTERS: None,
    UPLOADS: None,
    RESULTS: None,
}
"""Every prefix, and the age at which what lies there is erased; None: somebody erases it, or it stays."""

EXPIRING = tuple(sorted(prefix for prefix, age in PREFIXES.items() if age))
OF_JOBS = (AUDIO, INCOMING, LINE, PARTS, TEXTS)
"""What lies there under a job's name is needed until the job is finished."""
