"""The metrics behind the owner's charts."""

from typing import Protocol

from pisar.domain.jobs import Outcome


class Meter(Protocol):
    """Takes metrics. Every call returns at once and never fails."""

    def recognised(self, *, engine_seconds: float, audio_seconds: float) -> None:
        """Count a recognised recording; `audio_seconds` is above 0."""

    def begun(self, *, waited_seconds: float) -> None:
        """Count a job that was claimed for the first time, `waited_seconds` after it was made."""

    def ended(self, outcome: Outcome, *, seconds: float | None) -> None:
        """Count a job that ended `seconds` after it was made; None if no worker had claimed it."""
