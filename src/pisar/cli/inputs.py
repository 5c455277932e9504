"""What was named on the command line → the files to transcribe, each once, in order.

`-` is standard input. A file that is named is taken whatever it is called; from a folder only what its name, or without an extension its
content, calls audio or video. Hidden files and folders are passed over, and what is half written (`pisar.domain.passed_over`).
"""

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pisar.domain.audio import named_as_media, sounds_like_media
from pisar.domain.passed_over import is_folder_passed_over, why_passed_over

HEAD_BYTES = 16
BLOCK_BYTES = 2**20
PIPE = "-"
"""What stands for standard input, as for whisper.cpp and ffmpeg; a file of that name is `./-`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to transcribe, or why what was named can't be one.

    `place`: where it lies below the folder that was named; for a file that was named, its name. `piped`: it comes by standard input.
    """

    path: Path
    place: Path
    problem: str | None = None
    piped: bool = False

    @property
    def name(self) -> str:
        """Return what people are told that it is."""
        return "standard input" if self.piped else str(self.path)

    def size(self) -> int:
        """Return the size of the file in bytes, 0 for standard input, whose size nobody knows. Raises OSError."""
        return 0 if self.piped else self.path.stat().st_size

    def read(self, limit_bytes: int) -> bytes:
        """Return what is in it, of standard input a byte more than `limit_bytes` at most. Raises OSError."""
        if not self.piped:
            return self.path.read_bytes()
        blocks, left = [], limit_bytes + 1
        while left and (block := sys.stdin.buffer.read(min(left, BLOCK_BYTES))):
            blocks.append(block)
            left -= len(block)
        return b"".join(blocks)


PIPED = Source(Path(PIPE), Path("stdin"), piped=True)
"""Standard input; files that are written of it are named stdin."""


def find_sources(names: Sequence[str], *, recursive: bool) -> list[Source]:
    """Return the files that paths, folders and quoted patterns stand for."""
    seen: set[Path] = set()
    sources = []
    for source in (source for name in names for source in _find(name, recursive=recursive)):
        real = PIPED.path if source.piped else source.path.resolve()
        if real not in seen:
            seen.add(real)
            sources.append(source)
    return sources


def _find(name: str, *, recursive: bool) -> Iterator[Source]:
    if name == PIPE:
        yield PIPED
        return
    path = Path(name)
    if os.path.lexists(path) or not glob.has_magic(name):
        yield from _of_path(path, recursive=recursive)
        return
    matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not matches:
        yield Source(path, path, "No file matches this pattern.")
    for match in matches:
        yield from _of_path(Path(match), recursive=recursive)


def _of_path(path: Path, *, recursive: bool) -> Iterator[Source]:
    if not path.is_dir():
        yield Source(path, Path(path.name), None if path.exists() else "There is no such file or folder.")
        return
    found = False
    for file in _files(path, recursive=recursive):
        found = True
        yield Source(file, file.relative_to(path))
    if not found:
        yield Source(path, path, "There is no audio or video in this folder" + ("." if recursive else " itself; --recursive looks deeper."))


def _files(folder: Path, *, recursive: bool) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if recursive and not is_folder_passed_over(one))
        for name in sorted(files):
            path = Path(parent, name)
            if not why_passed_over(name) and path.is_file() and _is_media(path):
                yield path


def _is_media(path: Path) -> bool:
    named = named_as_media(None, path.name)
    if named is not None:
        return named
    try:
        with path.open("rb") as file:
            return sounds_like_media(file.read(HEAD_BYTES))
    except OSError:
        return False
