"""Parts that more than one deployable has, made from their settings."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.answers.chat_delivery import Delivery
from pisar.chat.paced_chat import PacedChat
from pisar.domain.audio import AudioLimits
from pisar.errors import Misconfigured
from pisar.ports.chat import Chat
from pisar.ports.meter import Meter
from pisar.state.job_records import Records
from pisar.state.transcript_cache import TranscriptCache
from pisar.wiring import settings
from pisar.wiring.late import Late
from pisar.wiring.queues import Queues
from pisar.work.ending import Closing
from pisar.work.parts import Parts

if TYPE_CHECKING:
    from pisar.adapters.telegram import AiogramChat


@dataclass(frozen=True, slots=True)
class Ending:
    """The store and the records with what closes jobs over them: what transcriber and dead letters share."""

    store: S3ObjectStore
    records: Records
    parts: Parts
    closing: Closing


def ending(
    storage: settings.Storage,
    telegram: settings.Telegram,
    queues: Queues,
    *,
    at_once: int,
    meter: Meter | None = None,
    patience_seconds: float,
    lease_seconds: float,
) -> Ending:
    """Return what ends a job. `patience_seconds` for Telegram must fit into what runs it, `lease_seconds` outlast that.

    `at_once`: how many parts of one long recording are on their way at a time.
    """
    clock = SystemClock()
    store = S3ObjectStore(storage.bucket)
    records = Records(store, clock, meter)
    delivery = Delivery(PacedChat(late_chat(telegram), store, clock), records, clock, patience_seconds=patience_seconds)
    parts = Parts(records=records, store=store, queue=queues.jobs, clock=clock, at_once=at_once)
    closing = Closing(
        records=records,
        store=store,
        cache=TranscriptCache(store, clock, reuse_seconds=0),
        delivery=delivery,
        announcements=queues.announcements,
        parts=parts,
        lease_seconds=lease_seconds,
    )
    return Ending(store, records, parts, closing)


def late_chat(telegram: settings.Telegram) -> Chat:
    """Return the bot's chats before aiogram is imported, which takes longer than all the rest of a start; raise Misconfigured.

    An answer is what a job ends with: until then aiogram is there, while the audio is fetched, decoded and recognised.
    """
    if not re.fullmatch(r"\d+:\S+", telegram.token.reveal(), re.ASCII):
        raise Misconfigured("TELEGRAM_BOT_TOKEN is not a bot's token; @BotFather gives one like 123456:AbC…")
    return cast("Chat", Late(lambda: chat(telegram)))


def chat(telegram: settings.Telegram) -> "AiogramChat":
    """Return the bot's chats; raise Misconfigured."""
    from pisar.adapters.telegram import AiogramChat  # noqa: PLC0415 - 0.6 s: see late_chat

    return AiogramChat(telegram.token.reveal(), api_url=telegram.api_url, timeout_seconds=telegram.timeout_seconds)


def audio_limits(limits: settings.Limits) -> AudioLimits:
    """Return the limits of an audio that comes through a chat, in the domain's units."""
    return AudioLimits(max_bytes=limits.max_audio_mb * 2**20, max_seconds=limits.max_audio_minutes * 60)
