"""Time."""

from typing import Protocol


class Clock(Protocol):
    """Time, so that tests own it."""

    def now(self) -> float:
        """Return Unix seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
