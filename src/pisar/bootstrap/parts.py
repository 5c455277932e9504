"""Parts that more than one deployable has, made from their settings."""

from dataclasses import dataclass

from pisar import settings
from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.adapters.telegram import AiogramChat
from pisar.domain.audio import AudioLimits
from pisar.flows.callbacks import Announcements
from pisar.flows.delivery import Delivery
from pisar.flows.paced_chat import PacedChat
from pisar.flows.records import Records
from pisar.flows.transcription import Closing
from pisar.ports import CallbackQueue


@dataclass(frozen=True, slots=True)
class Ending:
    """The store and the records with what closes jobs over them: what transcriber and dead letters share."""

    store: S3ObjectStore
    records: Records
    closing: Closing


def ending(
    storage: settings.Storage,
    telegram: settings.Telegram,
    callbacks: CallbackQueue | None,
    *,
    patience_seconds: float,
    lease_seconds: float,
) -> Ending:
    """Return the parts that end a job. `patience_seconds` for Telegram must fit into what runs them, `lease_seconds` outlast it."""
    clock = SystemClock()
    store = S3ObjectStore(storage.bucket)
    records = Records(store, clock)
    delivery = Delivery(PacedChat(chat(telegram), store, clock), records, clock, patience_seconds=patience_seconds)
    closing = Closing(records=records, store=store, delivery=delivery, announcements=Announcements(callbacks), lease_seconds=lease_seconds)
    return Ending(store, records, closing)


def chat(telegram: settings.Telegram) -> AiogramChat:
    """Return the bot's chats."""
    return AiogramChat(telegram.token.reveal(), api_url=telegram.api_url, timeout_seconds=telegram.timeout_seconds)


def audio_limits(limits: settings.Limits) -> AudioLimits:
    """Return the limits of an audio that comes through a chat, in the domain's units."""
    return AudioLimits(max_bytes=limits.max_audio_mb * 2**20, max_seconds=limits.max_audio_minutes * 60)
