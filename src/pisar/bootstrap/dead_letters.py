"""The dead-letter function, put together."""

from collections.abc import Mapping

from pisar import logs, settings
from pisar.bootstrap import parts
from pisar.bootstrap.queues import callback_queue
from pisar.flows.dead_letters import DeadLetters
from pisar.ports import CallbackQueue


def build(environment: Mapping[str, str], queue: CallbackQueue | None = None) -> DeadLetters:
    """Return the dead-letter consumer; raise Misconfigured."""
    storage, telegram, intake, callbacks, logging = settings.read(
        environment, settings.Storage, settings.Telegram, settings.Intake, settings.Callbacks, settings.Logging
    )
    logs.configure("dead_letters", logging.level)
    queue = queue or callback_queue(callbacks)
    ending = parts.ending(storage, telegram, queue, patience_seconds=intake.patience_seconds, lease_seconds=intake.lease_seconds)
    return DeadLetters(records=ending.records, store=ending.store, closing=ending.closing, lease_seconds=intake.lease_seconds)
