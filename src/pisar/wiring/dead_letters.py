"""Builds the dead-letter function."""

from collections.abc import Mapping

from pisar.wiring import settings
from pisar.wiring.work import Work
from pisar.work.dead_letters import DeadLetters


def build(environment: Mapping[str, str]) -> DeadLetters:
    """Return the dead-letter consumer; raise Misconfigured."""
    groups = (settings.Queue, settings.Callbacks, settings.Telegram, settings.Intake, settings.Lengths, settings.Answering)
    return Work.start("dead_letters", environment, *groups, required=["PISAR_QUEUE_URL"]).dead_letters
