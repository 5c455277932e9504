"""The webhook function, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pisar import logs
from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.adapters.telegram import parse_update
from pisar.answers.chat_delivery import Delivery
from pisar.bot.actions import Facts
from pisar.chat.answers_again import AnswersAgain
from pisar.chat.conversation import Conversation
from pisar.chat.erasure import Erasure
from pisar.chat.intake import Intake
from pisar.chat.paced_chat import PacedChat
from pisar.domain.jobs import Options
from pisar.domain.messages import Update
from pisar.ports.meter import Meter
from pisar.ports.queues import JobQueue
from pisar.state.engine_speed import Pace
from pisar.state.job_records import Records
from pisar.wiring import parts, settings
from pisar.wiring.queues import message_queue_of_jobs
from pisar.work.queueing import Queueing

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Webhook:
    """What the door needs: the secret Telegram must show, and what to do with an update.

    `receive` takes it as Telegram sends it, `converse` what it tells. Both raise Unreadable for what is no update, and Retryable when it
    should come again. `close` ends the connections to Telegram.
    """

    secret: settings.Secret
    receive: Callable[[bytes], None]
    converse: Callable[[Update | None], None]
    close: Callable[[], None]


def build(environment: Mapping[str, str], queue_of_jobs: JobQueue | None = None, meter: Meter | None = None) -> Webhook:
    """Return the webhook; raise Misconfigured."""
    storage, queue, telegram, intake_times, webhook, limits, recognising, answering, keeping, logging = settings.read(
        environment,
        settings.Storage,
        settings.Queue,
        settings.Telegram,
        settings.Intake,
        settings.Webhook,
        settings.Limits,
        settings.Recognising,
        settings.Answering,
        settings.Keeping,
        settings.Logging,
        required=() if queue_of_jobs else ("PISAR_QUEUE_URL",),
    )
    logs.configure("webhook", logging.level)
    clock = SystemClock()
    store = S3ObjectStore(storage.bucket)
    files = parts.chat(telegram)
    chat = PacedChat(files, store, clock)
    records = Records(store, clock, meter)
    audio_limits = parts.audio_limits(limits)
    delivery = Delivery(chat, records, clock, patience_seconds=intake_times.patience_seconds)
    intake = Intake(
        records=records,
        store=store,
        queueing=Queueing(
            records=records, store=store, queue=queue_of_jobs or message_queue_of_jobs(queue), max_waiting=limits.max_waiting
        ),
        files=files,
        delivery=delivery,
        limits=audio_limits,
        options=Options(language=recognising.language),
        pace=Pace(store, clock),
        lease_seconds=intake_times.lease_seconds,
    )
    again = AnswersAgain(
        intake=intake,
        records=records,
        store=store,
        chat=chat,
        delivery=delivery,
        clock=clock,
        keep_seconds=keeping.days * DAY_SECONDS,
        lease_seconds=intake_times.lease_seconds,
    )
    conversation = Conversation(
        intake=intake,
        again=again,
        erasure=Erasure(records=records, store=store, chat=chat, clock=clock, keep_seconds=keeping.days * DAY_SECONDS),
        records=records,
        store=store,
        chat=chat,
        delivery=delivery,
        clock=clock,
        facts=Facts(
            allowed=webhook.allowed,
            owners=webhook.owners,
            limits=audio_limits,
            keep_days=keeping.days,
            reuse_hours=answering.reuse_hours,
            reuse_shared=answering.reuse == "shared",
        ),
        minutes_per_day=telegram.minutes_per_day,
    )

    def receive(update: bytes) -> None:
        conversation.receive(parse_update(update))

    return Webhook(webhook.secret, receive, conversation.receive, files.close)
