"""Builds what the command line needs: recognition without a cloud, the keys in the bucket, and the bot's profile.

Each part is imported when it is asked for: `transcribe` needs no boto3, `keys` no engine, and only `telegram` needs aiogram.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pisar.domain.audio import too_big
from pisar.domain.deployments import Load
from pisar.domain.jobs import Options
from pisar.domain.options import as_prompt, listed_words, options
from pisar.domain.transcripts import Transcript
from pisar.speech.recognition import Recognition
from pisar.state.api_keys import Keys
from pisar.wiring import settings
from pisar.wiring.environment import check
from pisar.wiring.outside import Outside
from pisar.wiring.speech import Speech
from pisar.wiring.state import State

if TYPE_CHECKING:
    from pisar.owner.bot_check import BotCheck
    from pisar.owner.bot_setup import BotSetup
    from pisar.owner.doctor import Doctor
    from pisar.owner.kept_dead_letters import KeptLetters
    from pisar.owner.status import Overview
    from pisar.owner.storage_check import StorageCheck
    from pisar.ports.queues import JobQueue

ROOMY: Mapping[str, str] = {"PISAR_MAX_UPLOAD_MB": "1024", "PISAR_MAX_AUDIO_MINUTES": "240"}
"""The limits where the environment sets none.

The service's own limits protect its owner from strangers. Here the owner asks, and only memory is at stake: four hours of sound are 0.9 GB
as the engine takes them.
"""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Recognition of files on this machine, all with the same options."""

    recognition: Recognition
    options: Options

    def recognise(self, audio: bytes, on_progress: Callable[[float], None] | None = None) -> Transcript:
        """Return the transcript of an audio file. Raises Rejected and Unavailable."""
        return self.recognition.recognise(self.recognition.listen(audio, track=self.options.track), self.options, on_progress=on_progress)


@dataclass(frozen=True, slots=True)
class ScribeSettings:
    """The checked settings of a scribe whose model is not loaded yet."""

    speech: Speech
    options: Options

    @property
    def max_bytes(self) -> int:
        """Return how large a file may be."""
        return self.speech.file_limits.max_bytes

    def check_size(self, size: int) -> None:
        """Raise Rejected if a file of so many bytes is too large, so that the file need not be read."""
        if size > self.max_bytes:
            raise too_big(size, self.max_bytes)

    def load(self) -> Scribe:
        """Return the scribe with its model loaded; raise Misconfigured."""
        return Scribe(self.speech.recognition, self.options)


def roomy(environment: Mapping[str, str], model: str = "") -> Speech:
    """Return the recognition of files on this machine; a given `model` overrides the environment's. Raises Misconfigured."""
    environment = {**ROOMY, **environment, **({"PISAR_MODEL": model} if model else {})}
    check(environment, settings.Limits, settings.Recognising)
    return Speech(environment)


def scribe_settings(
    environment: Mapping[str, str],
    *,
    language: str = "",
    task: str = "",
    prompt: str = "",
    words: str = "",
    model: str = "",
    track: str = "",
) -> ScribeSettings:
    """Return the settings; a given `language` or `model` overrides the environment's. Raises Misconfigured, or Rejected(BAD_OPTION).

    `words`: a list of words to expect. They come last in the prompt, since of a long one the end is read.
    """
    speech = roomy(environment, model)
    prompt = f"{prompt.strip()} {as_prompt(', '.join(listed_words(words)))}"
    asked = options(language=language, task=task, prompt=prompt, track=track, default_language=speech.options.language)
    return ScribeSettings(speech, asked)


def keys(environment: Mapping[str, str]) -> Keys:
    """Return the keys in the bucket; raise Misconfigured."""
    return State(environment).keys


def storage_check(environment: Mapping[str, str]) -> "StorageCheck":
    """Return the check of the store; raise Misconfigured."""
    from pisar.adapters.form_sender import HttpFormSender  # noqa: PLC0415 - with boto3, 0.4 s
    from pisar.adapters.object_storage import S3Bucket  # noqa: PLC0415 - see above
    from pisar.owner.storage_check import StorageCheck  # noqa: PLC0415 - see above

    check(environment, settings.Storage, settings.Answering)
    state = State(environment)
    return StorageCheck(S3Bucket(state.settings.storage.bucket), state.store, state.forms, HttpFormSender())


def kept_letters(environment: Mapping[str, str]) -> "KeptLetters":
    """Return the dead letters that no worker could read; raise Misconfigured."""
    from pisar.owner.kept_dead_letters import KeptLetters  # noqa: PLC0415 - only for them

    state = State(environment)
    return KeptLetters(state.store, state.records)


def queue(environment: Mapping[str, str]) -> "JobQueue":
    """Return the queue of jobs; raise Misconfigured."""
    state = State(environment)
    if not state.over_broker:
        check(environment, settings.Queue, required=["PISAR_QUEUE_URL"])
    return state.queue


def overview(environment: Mapping[str, str]) -> "Overview":
    """Return the overview of workers, jobs and queues, the broker's or else the cloud's whose URLs are set; raise Misconfigured."""
    from pisar.adapters.message_queue import SqsQueues  # noqa: PLC0415 - boto3, 0.4 s
    from pisar.owner.status import NamedQueues, Overview  # noqa: PLC0415 - see above

    state = State(environment)
    if state.over_broker:
        return Overview(state.store, state.clock, state.broker.depths)
    names = [url.rpartition("/")[2] for url in (state.settings.queue.queue_url, state.settings.callbacks.queue_url) if url]
    return Overview(state.store, state.clock, NamedQueues(SqsQueues(), names) if names else None)


def measured_factor(environment: Mapping[str, str]) -> float | None:
    """Return the real-time factor that this bucket's workers have measured, None before any measurement; raise Misconfigured."""
    return State(environment).pace.real_time_factor()


@contextmanager
def doctor(
    environment: Mapping[str, str], *, messages_per_day: int, seconds_per_message: float, url: str, root_certificates: bytes | None = None
) -> "Iterator[Doctor]":
    """Yield the check of the deployment, and close its connections afterwards; raise Misconfigured."""
    from pisar.adapters.http_door import HttpDoor  # noqa: PLC0415 - with boto3 and gRPC, over a second
    from pisar.adapters.message_queue import SqsQueues  # noqa: PLC0415 - see above
    from pisar.adapters.yandex import YandexDeployment  # noqa: PLC0415 - see above
    from pisar.owner.costs import Usage  # noqa: PLC0415 - see above
    from pisar.owner.doctor import Doctor, Foreigners  # noqa: PLC0415 - see above

    has_bot = bool(environment.get("TELEGRAM_BOT_TOKEN"))
    check(environment, settings.Cloud, settings.Storage, *((settings.Telegram,) if has_bot else ()))
    state = State(environment)
    cloud = state.settings.cloud
    assumed = Usage(messages_per_day=messages_per_day, seconds_per_message=seconds_per_message)
    factor = state.pace.real_time_factor() or assumed.real_time_factor
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
            store=state.store,
            door=HttpDoor,
            profile=opened.enter_context(closing(state.new_profile())) if has_bot else None,
        )
        yield Doctor(asked, bucket=state.settings.storage.bucket, load=load, now=state.clock.now, url=url)


@contextmanager
def bot_setup(environment: Mapping[str, str]) -> "Iterator[BotSetup]":
    """Yield the bot's set-up, and close its connections afterwards; raise Misconfigured."""
    from pisar.owner.bot_setup import BotSetup  # noqa: PLC0415 - only for the bot

    check(environment, settings.Telegram, settings.Webhook)
    outside = Outside(environment)
    webhook, patience_seconds = outside.settings.webhook, outside.settings.telegram.patience_seconds
    with closing(outside.new_profile()) as profile:
        yield BotSetup(profile, outside.clock, secret=webhook.secret.reveal(), owners=webhook.owners, patience_seconds=patience_seconds)


@contextmanager
def bot_check(environment: Mapping[str, str]) -> "Iterator[BotCheck]":
    """Yield the check of the bot, and close its connections afterwards; raise Misconfigured."""
    from pisar.owner.bot_check import BotCheck  # noqa: PLC0415 - only for the bot

    with closing(Outside(environment).new_profile()) as profile:
        yield BotCheck(profile)
