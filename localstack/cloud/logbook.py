"""Every log line of every process of the local cloud, in order of arrival, and a way to wait for one."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Condition
from typing import Any, TextIO, TypeVar

T = TypeVar("T")


class LogBook:
    """Lines as dicts; a line that is not JSON becomes {"message": line}. Safe for threads. With a folder, also one file a source."""

    def __init__(self, folder: Path | None = None) -> None:
        self._changed = Condition()
        self._lines: list[Mapping[str, Any]] = []
        self._folder = folder
        self._files: dict[str, TextIO] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, source: str, line: str) -> None:
        """Take a line."""
        with self._changed:
            self._lines.append(_parse(source, line))
            self._changed.notify_all()
            if self._folder is not None:
                if source not in self._files:
                    self._files[source] = (self._folder / f"{source}.log").open("w", encoding="utf-8")
                self._files[source].write(line + "\n")
                self._files[source].flush()

    def lines(self, **fields: object) -> list[Mapping[str, Any]]:
        """Return the lines whose fields have these values."""
        with self._changed:
            return [line for line in self._lines if all(line.get(name) == value for name, value in fields.items())]

    def wait_for(self, predicate: Callable[[], T], timeout: float = 60.0) -> T:
        """Return the predicate's first true value, asked again after every line; raise TimeoutError."""
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                seen = len(self._lines)
            if value := predicate():
                return value
            with self._changed:
                if not self._changed.wait_for(lambda: len(self._lines) != seen, deadline - time.monotonic()):  # noqa: B023 - used before the next turn
                    raise TimeoutError(f"no such line within {timeout} s")

    def close(self) -> None:
        """Close the files."""
        with self._changed:
            for file in self._files.values():
                file.close()
            self._files.clear()


def _parse(source: str, line: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        parsed = None
    return {"process": source} | (parsed if isinstance(parsed, dict) else {"message": line})
