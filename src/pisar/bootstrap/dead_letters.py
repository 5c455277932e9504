"""The dead-letter function, put together."""

from collections.abc import Mapping

from pisar import logs, settings
from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.adapters.telegram import AiogramChat
from pisar.flows.dead_letters import DeadLetters
from pisar.flows.delivery import Delivery
from pisar.flows.records import Records
from pisar.flows.transcription import Closing


def build(environment: Mapping[str, str]) -> DeadLetters:
    """Return the dead-letter consumer; raise Misconfigured."""
    storage, telegram, working, logging = settings.read(
        environment, settings.Storage, settings.Telegram, settings.Working, settings.Logging
    )
    logs.configure("dead_letters", logging.level)
    clock = SystemClock()
    store = S3ObjectStore(storage.bucket)
    chat = AiogramChat(telegram.token.reveal(), api_url=telegram.api_url, timeout_seconds=telegram.timeout_seconds)
    records = Records(store, clock)
    delivery = Delivery(chat, records, clock, patience_seconds=telegram.patience_seconds)
    closing = Closing(records=records, store=store, delivery=delivery, lease_seconds=working.lease_seconds)
    return DeadLetters(records=records, store=store, closing=closing, lease_seconds=working.lease_seconds)
