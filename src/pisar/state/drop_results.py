"""Writes the results of a dropped file: objects under `transcripts/`, named like the file.

`uploads/talks/monday.ogg` gives `transcripts/talks/monday.ogg.txt` and its siblings, or `….error.json`. The results keep the file's whole
name, so that those of `monday.ogg` and `monday.mp3` do not overwrite each other. Writing the results twice changes nothing.

Results lie beside the version of the file that they are of, or not at all: whoever writes them looks whether that version is still there,
and takes the place of all that lies there. Of a file that was removed meanwhile nothing is written; what was written before it was removed
stays, since texts are fetched from where others tidy up the recordings.
"""

import json
from collections.abc import Mapping
from contextlib import suppress

from pisar.domain.answer_to import Drop
from pisar.domain.bucket import RESULTS, UPLOADS
from pisar.domain.transcripts import Transcript
from pisar.errors import Missing
from pisar.formats import FILE_FORMATS, FORMATS
from pisar.ports.storage import ObjectStore

ERROR_SUFFIX = ".error.json"
MAX_KEY_BYTES = 1024
"""The longest key of an object, in bytes (Amazon S3 User Guide, "Naming Amazon S3 objects")."""

_SUFFIXES = (ERROR_SUFFIX, *(f".{FORMATS[name].extension}" for name in FILE_FORMATS))


def write_transcript(store: ObjectStore, drop: Drop, transcript: Transcript) -> bool:
    """Write the transcript in every format that the drop asks for, and nothing else beside; False if the file is another one by now."""
    shapes = [FORMATS[name] for name in drop.formats]
    return _write(store, drop, {f".{shape.extension}": shape.write(transcript).encode() for shape in shapes})


def write_error(store: ObjectStore, drop: Drop, code: str, message: str) -> bool:
    """Write an error file alone that says why the file was not transcribed, in the API's form; False if the file is another one by now."""
    error = {"error": {"code": code, "message": message}}
    return _write(store, drop, {ERROR_SUFFIX: json.dumps(error, ensure_ascii=False).encode()})


def clear(store: ObjectStore, key: str, *, but: Mapping[str, bytes] | None = None) -> None:
    """Erase the results of a dropped file, those of an earlier version of it; `but`: the suffixes of results that stay. Idempotent."""
    stem = _stem(key)
    erased = {f"{stem}{suffix}" for suffix in _SUFFIXES if suffix not in (but or {})}
    for found in [one for one in store.keys(f"{stem}.") if one in erased]:
        store.delete(found)


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


def _write(store: ObjectStore, drop: Drop, results: Mapping[str, bytes]) -> bool:
    if not _is_there(store, drop):
        return False
    clear(store, drop.key, but=results)
    tags = {f"{_stem(drop.key)}{suffix}": store.put(f"{_stem(drop.key)}{suffix}", body) for suffix, body in results.items()}
    if _is_there(store, drop):
        return True
    # The race with a new version: its intake has cleared away the old results before these were written. So they are taken back, unless
    # the new version's own lie there by now.
    for key, tag in tags.items():
        with suppress(Missing):
            if store.look(key).etag == tag:
                store.delete(key)
    return False


def _is_there(store: ObjectStore, drop: Drop) -> bool:
    """Say whether the version of the file that the drop is about still lies in the bucket; records of before 0.2.0 do not name it."""
    try:
        return store.look(drop.key).etag == drop.etag or not drop.etag
    except Missing:
        return False


def _stem(key: str) -> str:
    return RESULTS + key.removeprefix(UPLOADS)
