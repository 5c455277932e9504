"""The dead-letter function, put together."""

from collections.abc import Mapping

from pisar import logs, settings
from pisar.bootstrap import parts
from pisar.flows.dead_letters import DeadLetters


def build(environment: Mapping[str, str]) -> DeadLetters:
    """Return the dead-letter consumer; raise Misconfigured."""
    storage, telegram, intake, callbacks, logging = settings.read(
        environment, settings.Storage, settings.Telegram, settings.Intake, settings.Callbacks, settings.Logging
    )
    logs.configure("dead_letters", logging.level)
    ending = parts.ending(storage, telegram, callbacks, patience_seconds=intake.patience_seconds, lease_seconds=intake.lease_seconds)
    return DeadLetters(records=ending.records, store=ending.store, closing=ending.closing, lease_seconds=intake.lease_seconds)
