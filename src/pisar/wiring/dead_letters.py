"""The dead-letter function, put together."""

from collections.abc import Mapping

from pisar import logs
from pisar.wiring import parts, settings
from pisar.wiring.meters import meter
from pisar.wiring.queues import Queues, message_queue
from pisar.work.dead_letters import DeadLetters


def build(environment: Mapping[str, str], queues: Queues | None = None) -> DeadLetters:
    """Return the dead-letter consumer; raise Misconfigured."""
    storage, queue, telegram, intake, lengths, callbacks, logging = settings.read(
        environment,
        settings.Storage,
        settings.Queue,
        settings.Telegram,
        settings.Intake,
        settings.Lengths,
        settings.Callbacks,
        settings.Logging,
        required=() if queues else ("PISAR_QUEUE_URL",),
    )
    logs.configure("dead_letters", logging.level)
    ending = parts.ending(
        storage,
        telegram,
        queues or message_queue(queue, callbacks),
        at_once=lengths.parts_at_once,
        meter=meter(environment),
        patience_seconds=intake.patience_seconds,
        lease_seconds=intake.lease_seconds,
    )
    return DeadLetters(records=ending.records, store=ending.store, closing=ending.closing, lease_seconds=intake.lease_seconds)
