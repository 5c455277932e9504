"""Makes the adapter of each system outside of Pisar from its settings, when it is first asked for.

An adapter is imported where it is made. So a start costs no more than what it uses, and an adapter's packages need be installed only where
it is used.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self, cast

from pisar import logs
from pisar.domain.audio import TELEGRAM_DOWNLOAD_LIMIT_BYTES, AudioLimits
from pisar.errors import Misconfigured
from pisar.ports.callbacks import CallbackQueue, CallbackSender
from pisar.ports.chat import Chat, ChatFiles
from pisar.ports.clock import Clock
from pisar.ports.links import LinkFiles
from pisar.ports.meter import Meter
from pisar.ports.queues import JobQueue
from pisar.ports.speech import Decoder, Engine, SpeechDetector
from pisar.ports.storage import ObjectStore, PartUploads, UploadForms
from pisar.wiring import settings
from pisar.wiring.environment import check
from pisar.wiring.late import Late

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from pisar.adapters.object_storage import S3ObjectStore
    from pisar.adapters.prometheus import PrometheusMeter
    from pisar.adapters.telegram import AiogramChat
    from pisar.adapters.telegram.profile import AiogramBotProfile
    from pisar.wiring.celery import CeleryBroker

COMMON = (settings.Storage, settings.Metrics, settings.Monitoring, settings.Logging)
"""The groups of settings that every deployable reads."""

OPENAI_BYTES = 26_214_400
"""The largest file that OpenAI's API takes, 25 MB."""


class Outside:
    """The settings of one environment, and the adapters made from them, each once. Raises Misconfigured where a setting is wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.settings = settings.Settings(environment)

    @classmethod
    def start(cls, name: str, environment: Mapping[str, str], *groups: "type[DataclassInstance]", required: Collection[str] = ()) -> Self:
        """Check the settings of a deployable and set its logs up; raise Misconfigured that names every wrong one.

        `groups`: the groups that it reads beside COMMON. `required`: names of settings that it needs, unless it has a broker in place of
        what they name.
        """
        this = cls(environment)
        if this.over_broker:
            groups, required = (*groups, settings.Broker), ()
        check(environment, *dict.fromkeys((*COMMON, *groups)), required=required)
        logs.configure(name, this.settings.logging.level)
        return this

    @cached_property
    def over_broker(self) -> bool:
        """Whether jobs go to self-hosted Celery workers, and not to Message Queue."""
        return bool(self.environment.get("PISAR_BROKER_URL"))

    @cached_property
    def clock(self) -> Clock:
        """The machine's clock."""
        from pisar.adapters.clock import SystemClock

        return SystemClock()

    @cached_property
    def bucket(self) -> "S3ObjectStore":
        """The bucket."""
        from pisar.adapters.object_storage import S3ObjectStore

        return S3ObjectStore(self.settings.storage.bucket)

    @cached_property
    def store(self) -> ObjectStore:
        """The bucket behind the port that the rest of Pisar uses."""
        return self.bucket

    @cached_property
    def forms(self) -> UploadForms:
        """Makes upload forms for API clients, with the bucket's address as they reach it."""
        return self.bucket.reached_at(self.settings.answering.upload_url)

    @cached_property
    def part_uploads(self) -> PartUploads:
        """The bucket's uploads in parts."""
        return self.bucket

    @cached_property
    def broker(self) -> "CeleryBroker":
        """Celery's broker."""
        from pisar.wiring.celery import CeleryBroker

        return CeleryBroker(self.settings.broker)

    @cached_property
    def queue(self) -> JobQueue:
        """The queue of jobs: the broker's if there is a broker, else Message Queue's."""
        if self.over_broker:
            return self.broker.jobs(self.store)
        from pisar.adapters.message_queue import SqsJobQueue

        return SqsJobQueue(self.settings.queue.queue_url)

    @cached_property
    def callbacks(self) -> CallbackQueue | None:
        """The queue of callbacks: the broker's, else Message Queue's if one is set, else None."""
        if self.over_broker:
            return self.broker.callbacks
        from pisar.adapters.message_queue import SqsCallbackQueue

        url = self.settings.callbacks.queue_url
        return SqsCallbackQueue(url) if url else None

    @cached_property
    def sender(self) -> CallbackSender:
        """Makes HTTP calls to API clients."""
        from pisar.adapters.callback_sender import HttpCallbackSender

        return HttpCallbackSender(allowed_hosts=self.settings.callbacks.hosts)

    @cached_property
    def links(self) -> LinkFiles:
        """The files behind links."""
        from pisar.adapters.link_files import HttpLinkFiles

        return HttpLinkFiles(allowed_hosts=self.settings.links.hosts)

    @cached_property
    def telegram(self) -> "AiogramChat":
        """The bot's chats and the files in them. Importing aiogram takes longer than all the rest of a start."""
        from pisar.adapters.telegram import AiogramChat

        bot = self.settings.telegram
        return AiogramChat(bot.token.reveal(), api_url=bot.api_url, timeout_seconds=bot.timeout_seconds)

    @cached_property
    def chat(self) -> Chat:
        """The bot's chats, made in the background while aiogram is imported: a job needs them only for its answer."""
        if not re.fullmatch(r"\d+:\S+", self.settings.telegram.token.reveal(), re.ASCII):
            raise Misconfigured("TELEGRAM_BOT_TOKEN is not a bot's token; @BotFather gives one like 123456:AbC…")
        return cast("Chat", Late(lambda: self.telegram))

    @cached_property
    def files(self) -> ChatFiles:
        """The files that people sent to the bot."""
        return self.telegram

    def new_profile(self) -> "AiogramBotProfile":
        """Return a new client of the bot's profile; the caller closes it."""
        from pisar.adapters.telegram.profile import AiogramBotProfile

        bot = self.settings.telegram
        return AiogramBotProfile(bot.token.reveal(), api_url=bot.api_url, timeout_seconds=bot.timeout_seconds)

    @cached_property
    def decoder(self) -> Decoder:
        """FFmpeg's decoder."""
        from pisar.adapters.decoder import FfmpegDecoder

        return FfmpegDecoder()

    @cached_property
    def detector(self) -> SpeechDetector:
        """Silero's detector of speech."""
        from pisar.adapters.speech_detector import SileroSpeechDetector

        return SileroSpeechDetector()

    @cached_property
    def engine(self) -> Engine:
        """The engine with its model loaded, downloaded first if need be."""
        from pisar.adapters.allocator import give_back_large_blocks
        from pisar.adapters.model_files import locate_model
        from pisar.adapters.whisper_cpp import WhisperCppEngine

        give_back_large_blocks()
        this = self.settings.recognising
        model = locate_model(this.model, cache=this.model_cache, base_url=this.model_url, progress=True)
        return WhisperCppEngine(model, threads=this.threads or None, beams=this.beams, fallbacks=this.fallbacks)

    @cached_property
    def prometheus(self) -> "PrometheusMeter | None":
        """This process's metrics for Prometheus, None unless a port is set for them."""
        if not self.settings.metrics.port:
            return None
        from pisar.adapters.prometheus import PrometheusMeter

        return PrometheusMeter()

    @cached_property
    def meter(self) -> Meter | None:
        """The metrics of the owner's charts: Prometheus, or Yandex Monitoring where a folder is set, or None."""
        if self.prometheus is not None:
            return self.prometheus
        monitoring = self.settings.monitoring
        if not monitoring.folder_id:
            return None
        from pisar.adapters.monitoring import MonitoringMeter

        return MonitoringMeter(monitoring.folder_id, monitoring.rub_per_hour)

    def serve_numbers(self) -> None:
        """Serve this process's metrics if a port is set for them."""
        if self.prometheus is not None:
            self.prometheus.serve(self.settings.metrics.host, self.settings.metrics.port)

    @property
    def beat(self) -> Callable[[], None]:
        """A function that tells a supervisor that this process is well; it does nothing unless a file is set for that."""
        from pisar.adapters.heartbeat_file import HeartbeatFile

        path = self.settings.health.heartbeat_file
        return HeartbeatFile(path).beat if path else lambda: None

    @property
    def request_limits(self) -> AudioLimits:
        """The limits of an audio that comes in a request."""
        return self._limits(self.settings.limits.max_audio_mb)

    @property
    def call_limits(self) -> AudioLimits:
        """The limits of an audio in a call of the API: what OpenAI's API takes, at least, for its clients are told of no other limit."""
        limits = self.request_limits
        return replace(limits, max_bytes=max(limits.max_bytes, OPENAI_BYTES))

    @property
    def chat_limits(self) -> AudioLimits:
        """The limits of an audio that is sent to the bot: no more than its Bot API server gives."""
        limits = self.request_limits
        if self.settings.telegram.gives_large_files:
            return limits
        return replace(limits, max_bytes=min(limits.max_bytes, TELEGRAM_DOWNLOAD_LIMIT_BYTES))

    @property
    def upload_limits(self) -> AudioLimits:
        """The limits of an audio that comes through the bucket."""
        return self._limits(self.settings.limits.max_upload_mb)

    @property
    def decoder_limits(self) -> AudioLimits:
        """The decoder's limits: the largest of the others, since each door has enforced its own."""
        return replace(self.file_limits, max_bytes=max(self.file_limits.max_bytes, OPENAI_BYTES))

    @property
    def file_limits(self) -> AudioLimits:
        """The limits of a file on this machine: the larger of the settings."""
        return self._limits(max(self.settings.limits.max_audio_mb, self.settings.limits.max_upload_mb))

    def _limits(self, megabytes: int) -> AudioLimits:
        return AudioLimits(max_bytes=megabytes * 2**20, max_seconds=self.settings.limits.max_audio_minutes * 60)
