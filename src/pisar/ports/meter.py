"""The numbers behind the owner's charts."""

from typing import Protocol

from pisar.domain.jobs import Outcome


class Meter(Protocol):
    """What the owner's charts are told. Every call returns at once and never fails."""

    def recognised(self, *, engine_seconds: float, audio_seconds: float) -> None:
        """Tell of a recording, of which `audio_seconds` are above 0."""

    def begun(self, *, waited_seconds: float) -> None:
        """Tell of a job that was claimed for the first time, so long after it was made."""

    def ended(self, outcome: Outcome, *, seconds: float | None) -> None:
        """Tell of a job that ended, so long after it was made; None if no worker had to take it up."""
