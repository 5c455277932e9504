"""The webhook function, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pisar import logs, settings
from pisar.adapters.clock import SystemClock
from pisar.adapters.message_queue import SqsJobQueue
from pisar.adapters.object_storage import S3ObjectStore
from pisar.adapters.telegram import parse_update
from pisar.bootstrap import parts
from pisar.bot.updates import decide
from pisar.domain.jobs import Options
from pisar.flows.delivery import Delivery
from pisar.flows.intake import Intake
from pisar.flows.records import Records


@dataclass(frozen=True, slots=True)
class Webhook:
    """What the door needs: the secret Telegram must show, and what to do with an update's bytes.

    `receive` raises Unreadable for what is no update and Retryable when it should come again.
    """

    secret: settings.Secret
    receive: Callable[[bytes], None]


def build(environment: Mapping[str, str]) -> Webhook:
    """Return the webhook; raise Misconfigured."""
    storage, queue, telegram, intake_times, webhook, limits, recognising, logging = settings.read(
        environment,
        settings.Storage,
        settings.Queue,
        settings.Telegram,
        settings.Intake,
        settings.Webhook,
        settings.Limits,
        settings.Recognising,
        settings.Logging,
    )
    logs.configure("webhook", logging.level)
    clock = SystemClock()
    store = S3ObjectStore(storage.bucket)
    chat = parts.chat(telegram)
    records = Records(store, clock)
    audio_limits = parts.audio_limits(limits)
    intake = Intake(
        records=records,
        store=store,
        queue=SqsJobQueue(queue.queue_url),
        files=chat,
        delivery=Delivery(chat, records, clock, patience_seconds=intake_times.patience_seconds),
        limits=audio_limits,
        options=Options(language=recognising.language),
        lease_seconds=intake_times.lease_seconds,
    )

    def receive(update: bytes) -> None:
        intake.receive(decide(parse_update(update), allowed=webhook.allowed, limits=audio_limits))

    return Webhook(webhook.secret, receive)
