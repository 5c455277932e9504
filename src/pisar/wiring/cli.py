"""What the command line works with, put together: recognition without a cloud, the keys in the bucket, and the bot's face.

Each part is imported when it is asked for: `transcribe` needs no boto3, `keys` no engine, and only `telegram` needs aiogram.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pisar.domain.audio import too_big
from pisar.domain.deployments import Load
from pisar.domain.jobs import Options
from pisar.domain.options import options
from pisar.domain.transcripts import Transcript
from pisar.speech.recognition import Recognition
from pisar.state.api_keys import Keys
from pisar.wiring import settings
from pisar.wiring.recognition import decoder_limits

if TYPE_CHECKING:
    from pisar.adapters.telegram.profile import AiogramBotProfile
    from pisar.owner.bot_check import BotCheck
    from pisar.owner.bot_setup import BotSetup
    from pisar.owner.doctor import Doctor
    from pisar.owner.kept_dead_letters import KeptLetters
    from pisar.owner.status import Overview
    from pisar.owner.storage_check import StorageCheck
    from pisar.ports.queues import Depths, JobQueue

ROOMY: Mapping[str, str] = {"PISAR_MAX_UPLOAD_MB": "1024", "PISAR_MAX_AUDIO_MINUTES": "240"}
"""Limits where the environment sets none. The service's own protect its owner from strangers; here the owner asks, and only memory
is at stake: four hours of sound are 0.9 GB as the engine takes them."""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Recognition of files on this machine, all with the same options."""

    recognition: Recognition
    options: Options

    def recognise(self, audio: bytes, on_progress: Callable[[float], None] | None = None) -> Transcript:
        """Return the transcript of an audio file. Raises Rejected, or Unavailable."""
        return self.recognition.recognise(self.recognition.listen(audio, track=self.options.track), self.options, on_progress=on_progress)


@dataclass(frozen=True, slots=True)
class ScribeSettings:
    """Checked settings of a scribe whose model is yet to be loaded."""

    limits: settings.Limits
    recognising: settings.Recognising
    options: Options

    def check_size(self, size: int) -> None:
        """Raise Rejected for a file of so many bytes, before anyone reads it, where the decoder would refuse it."""
        limit_bytes = decoder_limits(self.limits).max_bytes
        if size > limit_bytes:
            raise too_big(size, limit_bytes)

    def load(self) -> Scribe:
        """Return the scribe with its model loaded; raise Misconfigured."""
        from pisar.wiring.recognition import recognition  # noqa: PLC0415 - numpy and the engine, only once there is a file

        return Scribe(recognition(self.limits, self.recognising), self.options)


def scribe_settings(
    environment: Mapping[str, str], *, language: str = "", prompt: str = "", model: str = "", track: str = ""
) -> ScribeSettings:
    """Return the settings, `language` and `model` before what the environment says; raise Misconfigured, or Rejected(BAD_OPTION)."""
    chosen = {"PISAR_MODEL": model} if model else {}
    limits, recognising = settings.read({**ROOMY, **environment, **chosen}, settings.Limits, settings.Recognising)
    asked = options(language=language, prompt=prompt, track=track, default_language=recognising.language)
    return ScribeSettings(limits, recognising, asked)


def keys(environment: Mapping[str, str]) -> Keys:
    """Return the keys in the bucket; raise Misconfigured."""
    from pisar.adapters.object_storage import S3ObjectStore  # noqa: PLC0415 - boto3, 0.4 s

    (storage,) = settings.read(environment, settings.Storage)
    return Keys(S3ObjectStore(storage.bucket))


def storage_check(environment: Mapping[str, str]) -> "StorageCheck":
    """Return what tries the store out; raise Misconfigured."""
    from pisar.adapters.form_sender import HttpFormSender  # noqa: PLC0415 - with boto3, 0.4 s
    from pisar.adapters.object_storage import S3Bucket, S3ObjectStore  # noqa: PLC0415 - see above
    from pisar.owner.storage_check import StorageCheck  # noqa: PLC0415 - see above

    storage, answering = settings.read(environment, settings.Storage, settings.Answering)
    store = S3ObjectStore(storage.bucket)
    return StorageCheck(S3Bucket(storage.bucket), store, store.reached_at(answering.upload_url), HttpFormSender())


def kept_letters(environment: Mapping[str, str]) -> "KeptLetters":
    """Return the messages that no worker could read; raise Misconfigured."""
    from pisar.adapters.clock import SystemClock  # noqa: PLC0415 - with boto3, 0.4 s
    from pisar.adapters.object_storage import S3ObjectStore  # noqa: PLC0415 - see above
    from pisar.owner.kept_dead_letters import KeptLetters  # noqa: PLC0415 - see above
    from pisar.state.job_records import Records  # noqa: PLC0415 - see above

    (storage,) = settings.read(environment, settings.Storage)
    store = S3ObjectStore(storage.bucket)
    return KeptLetters(store, Records(store, SystemClock()))


def queue(environment: Mapping[str, str]) -> "JobQueue":
    """Return the queue of jobs; raise Misconfigured."""
    from pisar.adapters.message_queue import SqsJobQueue  # noqa: PLC0415 - boto3, 0.4 s

    if environment.get("PISAR_BROKER_URL"):
        from pisar.wiring.celery import queues  # noqa: PLC0415 - celery, 0.5 s, which a deployment in the cloud does not have

        return queues(environment).jobs
    (where,) = settings.read(environment, settings.Queue, required=["PISAR_QUEUE_URL"])
    return SqsJobQueue(where.queue_url)


def overview(environment: Mapping[str, str]) -> "Overview":
    """Return what looks at workers, jobs and queues, the broker's or else the cloud's whose URLs are set; raise Misconfigured."""
    from pisar.adapters.clock import SystemClock  # noqa: PLC0415 - with boto3, 0.4 s
    from pisar.adapters.object_storage import S3ObjectStore  # noqa: PLC0415 - see above
    from pisar.owner.status import Overview  # noqa: PLC0415 - see above

    (storage,) = settings.read(environment, settings.Storage)
    return Overview(S3ObjectStore(storage.bucket), SystemClock(), _depths(environment))


def _depths(environment: Mapping[str, str]) -> "Depths | None":
    if environment.get("PISAR_BROKER_URL"):
        from pisar.wiring.celery import depths  # noqa: PLC0415 - celery, 0.5 s, which a deployment in the cloud does not have

        return depths(environment)
    from pisar.adapters.message_queue import SqsQueues  # noqa: PLC0415 - boto3, 0.4 s
    from pisar.owner.status import NamedQueues  # noqa: PLC0415 - see above

    queue, callbacks = settings.read(environment, settings.Queue, settings.Callbacks)
    names = [url.rpartition("/")[2] for url in (queue.queue_url, callbacks.queue_url) if url]
    return NamedQueues(SqsQueues(), names) if names else None


def measured_factor(environment: Mapping[str, str]) -> float | None:
    """Return the real-time factor that the workers of this bucket have measured, None before they have; raise Misconfigured."""
    from pisar.adapters.clock import SystemClock  # noqa: PLC0415 - with boto3, 0.4 s
    from pisar.adapters.object_storage import S3ObjectStore  # noqa: PLC0415 - see above
    from pisar.state.engine_speed import Pace  # noqa: PLC0415 - see above

    (storage,) = settings.read(environment, settings.Storage)
    return Pace(S3ObjectStore(storage.bucket), SystemClock()).real_time_factor()


@contextmanager
def doctor(
    environment: Mapping[str, str], *, messages_per_day: int, seconds_per_message: float, url: str, root_certificates: bytes | None = None
) -> "Iterator[Doctor]":
    """Give what looks at the deployment, its connections closed afterwards; raise Misconfigured."""
    from pisar.adapters.clock import SystemClock  # noqa: PLC0415 - with boto3 and gRPC, over a second
    from pisar.adapters.http_door import HttpDoor  # noqa: PLC0415 - see above
    from pisar.adapters.message_queue import SqsQueues  # noqa: PLC0415 - see above
    from pisar.adapters.object_storage import S3ObjectStore  # noqa: PLC0415 - see above
    from pisar.adapters.yandex import YandexDeployment  # noqa: PLC0415 - see above
    from pisar.owner.costs import Usage  # noqa: PLC0415 - see above
    from pisar.owner.doctor import Doctor, Foreigners  # noqa: PLC0415 - see above
    from pisar.state.engine_speed import Pace  # noqa: PLC0415 - see above

    cloud, storage = settings.read(environment, settings.Cloud, settings.Storage)
    telegram = settings.read(environment, settings.Telegram)[0] if environment.get("TELEGRAM_BOT_TOKEN") else None
    store, clock = S3ObjectStore(storage.bucket), SystemClock()
    assumed = Usage(messages_per_day=messages_per_day, seconds_per_message=seconds_per_message)
    factor = Pace(store, clock).real_time_factor() or assumed.real_time_factor
    load = Load(
        messages_per_day=messages_per_day,
        work_seconds_per_message=seconds_per_message * factor + assumed.container_seconds_beside,
        real_time_factor=factor,
    )
    with ExitStack() as opened:
        asked = Foreigners(
            deployment=YandexDeployment(
                cloud.folder_id, cloud.token.reveal(), endpoint=cloud.endpoint, root_certificates=root_certificates
            ),
            queues=SqsQueues(),
            store=store,
            door=HttpDoor,
            profile=opened.enter_context(closing(_bot_profile(telegram))) if telegram else None,
        )
        yield Doctor(asked, bucket=storage.bucket, load=load, now=clock.now, url=url)


@contextmanager
def bot_setup(environment: Mapping[str, str]) -> "Iterator[BotSetup]":
    """Give what sets the bot up, its connections closed afterwards; raise Misconfigured."""
    from pisar.adapters.clock import SystemClock  # noqa: PLC0415 - only for the bot
    from pisar.owner.bot_setup import BotSetup  # noqa: PLC0415 - see above

    telegram, webhook = settings.read(environment, settings.Telegram, settings.Webhook)
    with closing(_bot_profile(telegram)) as profile:
        patience_seconds = telegram.patience_seconds
        yield BotSetup(profile, SystemClock(), secret=webhook.secret.reveal(), owners=webhook.owners, patience_seconds=patience_seconds)


@contextmanager
def bot_check(environment: Mapping[str, str]) -> "Iterator[BotCheck]":
    """Give what looks at the bot, its connections closed afterwards; raise Misconfigured."""
    from pisar.owner.bot_check import BotCheck  # noqa: PLC0415 - only for the bot

    (telegram,) = settings.read(environment, settings.Telegram)
    with closing(_bot_profile(telegram)) as profile:
        yield BotCheck(profile)


def _bot_profile(telegram: settings.Telegram) -> "AiogramBotProfile":
    from pisar.adapters.telegram.profile import AiogramBotProfile  # noqa: PLC0415 - aiogram, half a second

    return AiogramBotProfile(telegram.token.reveal(), api_url=telegram.api_url, timeout_seconds=telegram.timeout_seconds)
