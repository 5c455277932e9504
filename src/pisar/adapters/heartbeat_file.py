"""A file whose age tells a supervisor whether a process without an HTTP door is well: `containers/transcriber/health.py` looks at it."""

from contextlib import suppress
from pathlib import Path


class HeartbeatFile:
    """Touches a file. One that can't be touched is old, which says enough: it ends no work."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def beat(self) -> None:
        """Make the file, or make it new."""
        with suppress(OSError):
            self._path.touch()
