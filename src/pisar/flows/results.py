"""What a dropped file becomes: objects under `transcripts/`, named like it.

`uploads/talks/monday.ogg` gives `transcripts/talks/monday.ogg.txt` and its siblings, or `….error.json`. The whole name is kept,
so that `monday.ogg` and `monday.mp3` do not overwrite each other's results. Writing them twice changes nothing.
"""

import json

from pisar.domain.jobs import Drop
from pisar.domain.transcripts import Transcript
from pisar.formats import FORMATS
from pisar.ports import ObjectStore

UPLOADS = "uploads/"
RESULTS = "transcripts/"
ERROR_SUFFIX = ".error.json"


def write_transcript(store: ObjectStore, drop: Drop, transcript: Transcript) -> None:
    """Lay the transcript down in every format the drop asks for, and take away an error left by an earlier version of the file."""
    for name in drop.formats:
        shape = FORMATS[name]
        store.put(f"{_stem(drop)}.{shape.extension}", shape.write(transcript).encode())
    store.delete(_stem(drop) + ERROR_SUFFIX)


def write_error(store: ObjectStore, drop: Drop, code: str, message: str) -> None:
    """Lay down why the file could not be transcribed, in the form of the API's errors."""
    store.put(_stem(drop) + ERROR_SUFFIX, json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False).encode())


def _stem(drop: Drop) -> str:
    return RESULTS + drop.key.removeprefix(UPLOADS)
