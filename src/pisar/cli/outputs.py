"""Where transcripts are written: beside the recording, or to the same place below another folder.

An output appears whole under its name or not at all. What is there already stays, unless it was said otherwise.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from pisar.cli.inputs import Source
from pisar.domain.audio import named_as_media
from pisar.formats import FORMATS


class Outputs:
    """The files to write, checked before the work that would be lost."""

    def __init__(self, sources: Iterable[Source], formats: Sequence[str], *, folder: Path | None, force: bool) -> None:
        self._formats = formats
        self._folder = folder
        self._force = force
        self._owners = {source.path.resolve(): source for source in sources if not source.piped}

    def claim(self, source: Source) -> dict[str, Path]:
        """Return the output of every format; raise FileExistsError, which says what is in the way."""
        targets = {name: self._target(source, FORMATS[name].extension) for name in self._formats}
        for target in targets.values():
            owner = self._owners.setdefault(target.resolve(), source)
            if not owner.piped and owner.path.resolve() == target.resolve():
                raise FileExistsError(f"{target.name} is a recording to transcribe and will not be written over.")
            if owner is not source:
                raise FileExistsError(f"{target.name} is already the output of {owner.place.name}; use --output-dir.")
            self._check(target)
        return targets

    def write(self, target: Path, text: str) -> None:
        """Write a file as UTF-8; raise FileExistsError if somebody has made it meanwhile, OSError whose text says why it can't be."""
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(text.encode())
            self._check(target)
            part.replace(target)
        except OSError as error:
            if error.errno is None:  # ours
                raise
            raise OSError(error.errno, f"{target.name} can't be written: {error.strerror}") from error
        finally:
            with suppress(OSError):
                part.unlink()

    def _check(self, target: Path) -> None:
        if not self._force and os.path.lexists(target):
            raise FileExistsError(f"{target.name} exists; --force writes over it.")

    def _target(self, source: Source, extension: str) -> Path:
        path = self._folder / source.place if self._folder else source.place if source.piped else source.path
        return path.with_suffix(f".{extension}") if named_as_media(None, path.name) else path.with_name(f"{path.name}.{extension}")
