"""Writes the results of a dropped file: objects under `transcripts/`, named like the file.

`uploads/talks/monday.ogg` gives `transcripts/talks/monday.ogg.txt` and its siblings, or `….error.json`. The results keep the file's whole
name, so that those of `monday.ogg` and `monday.mp3` do not overwrite each other. Writing the results twice changes nothing.
"""

import json

from pisar.domain.answer_to import Drop
from pisar.domain.bucket import RESULTS, UPLOADS
from pisar.domain.transcripts import Transcript
from pisar.formats import FILE_FORMATS, FORMATS
from pisar.ports.storage import ObjectStore

ERROR_SUFFIX = ".error.json"
MAX_KEY_BYTES = 1024
"""The longest key of an object, in bytes (Amazon S3 User Guide, "Naming Amazon S3 objects")."""

_SUFFIXES = (ERROR_SUFFIX, *(f".{FORMATS[name].extension}" for name in FILE_FORMATS))


def write_transcript(store: ObjectStore, drop: Drop, transcript: Transcript) -> None:
    """Write the transcript in every format that the drop asks for, and erase the error file of an earlier version of the file."""
    for name in drop.formats:
        shape = FORMATS[name]
        store.put(f"{_stem(drop.key)}.{shape.extension}", shape.write(transcript).encode())
    store.delete(_stem(drop.key) + ERROR_SUFFIX)


def write_error(store: ObjectStore, key: str, code: str, message: str) -> None:
    """Write an error file that says why the dropped file was not transcribed, in the form of the API's errors."""
    store.put(_stem(key) + ERROR_SUFFIX, json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False).encode())


def have_room(key: str) -> bool:
    """Say whether a dropped file's key is short enough for the keys of its results to fit into MAX_KEY_BYTES."""
    return max(len(f"{_stem(key)}{suffix}".encode()) for suffix in _SUFFIXES) <= MAX_KEY_BYTES


def last_written(store: ObjectStore) -> dict[str, float]:
    """Return the time of each dropped file's latest result (Unix seconds), by the file's key; keys that name no result are left out."""
    found: dict[str, float] = {}
    for entry in store.entries(RESULTS):
        suffix = next((one for one in _SUFFIXES if entry.key.endswith(one)), None)
        if suffix:
            dropped = UPLOADS + entry.key.removeprefix(RESULTS).removesuffix(suffix)
            found[dropped] = max(entry.written_at, found.get(dropped, 0.0))
    return found


def _stem(key: str) -> str:
    return RESULTS + key.removeprefix(UPLOADS)
