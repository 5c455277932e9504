"""The transcriber container, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pisar import logs
from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.api.transcribe_now import Deferred as Deferred  # noqa: PLC0414 - the door tells it from a transcript
from pisar.api.transcribe_now import Direct
from pisar.domain.clients import Client
from pisar.domain.jobs import JobMessage, Options
from pisar.domain.options import options
from pisar.domain.transcripts import Segment, Transcript
from pisar.envelopes import authorizer_context
from pisar.errors import Unreadable
from pisar.speech.cached_transcripts import Transcripts, Watch
from pisar.speech.charging import Payers, Till
from pisar.state.api_keys import Keys
from pisar.state.engine_speed import Pace
from pisar.state.job_records import Records
from pisar.state.transcript_cache import TranscriptCache
from pisar.wiring import parts, settings
from pisar.wiring.meters import meter
from pisar.wiring.paying import till
from pisar.wiring.queues import Queues, message_queue
from pisar.wiring.recognition import recognition
from pisar.work.attempt import Holding
from pisar.work.queueing import Queueing
from pisar.work.transcribe_job import Lengths, Transcription

OPTIONS = ("language", "task", "prompt", "temperature", "track")


@dataclass(frozen=True, slots=True)
class Transcriber:
    """What the door needs. `max_bytes`: the largest audio taken in a request; `streams`: whether an answer may come in parts.

    `jobs` is None over a broker, whose workers do them.
    """

    jobs: Transcription | None
    direct: Direct
    keys: Keys
    max_bytes: int
    language: str
    behind_gateway: bool
    host: str
    port: int

    @property
    def streams(self) -> bool:
        """Say whether an answer may be sent in parts: the cloud lets none through."""
        return not self.behind_gateway

    @property
    def wait_seconds(self) -> float:
        """The longest that a request waits for its transcript."""
        return self.direct.wait_seconds

    def work(self, body: str) -> None:
        """Do the job a queue message names. Raises Unreadable, or Retryable when it should be delivered again."""
        if self.jobs is None:
            raise AssertionError("workers do the jobs of a broker")
        self.jobs.work(JobMessage.decode(body))

    def options(self, asked: Mapping[str, str]) -> Options:
        """Return checked options from what a caller asked for; raise Rejected(BAD_OPTION)."""
        return options(**{name: asked[name] for name in OPTIONS if name in asked}, default_language=self.language)

    def transcribe(
        self,
        client: Client,
        audio: bytes,
        chosen: Options,
        on_segments: Callable[[tuple[Segment, ...]], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        """Return the transcript of an audio file, however long it takes. Raises Rejected, or Retryable, or what `check` does."""
        return self.direct.transcribe(client, audio, chosen, watch=Watch(on_segments=on_segments, check=check))

    def transcribe_or_defer(
        self, client: Client, audio: bytes, chosen: Options, wait_seconds: float, check: Callable[[], None] | None = None
    ) -> Transcript | Deferred:
        """Return the transcript if it is expected in time, else the job that was made. Raises Rejected, Retryable, what `check` does."""
        return self.direct.transcribe_or_defer(client, audio, chosen, wait_seconds=wait_seconds, watch=Watch(check=check))

    def transcript_id(self, client: Client, audio: bytes, chosen: Options) -> str:
        """Return the name under which a transcript is kept to answer the same audio again, by which it can be erased."""
        return self.direct.transcript_id(client, audio, chosen)

    def find_client(self, key: str | None, context: str | None) -> Client | None:
        """Return who calls: who holds the API key, or whom the gateway's authorizer found in `context`; None if that is nobody."""
        if key is not None or not self.behind_gateway:
            return self.keys.find(key)
        try:
            return self.keys.holder(str(authorizer_context(context).get("client", "")))
        except Unreadable:
            return None


def build(environment: Mapping[str, str], queues: Queues | None = None) -> Transcriber:
    """Return what answers callers, with its model loaded; raise Misconfigured.

    Without the `queues` of a broker it does Message Queue's jobs too. Over a broker it answers nobody in a chat, and needs no bot.
    """
    storage, queue, callbacks, server, limits, answering, intake, working, logging, *_ = settings.read(
        environment,
        settings.Storage,
        settings.Queue,
        settings.Callbacks,
        settings.Server,
        settings.Limits,
        settings.Answering,
        settings.Intake,
        settings.Working,
        settings.Logging,
        *HEARING,
        *(() if queues else ENDING),
        required=() if queues else ("PISAR_QUEUE_URL",),
    )
    logs.configure("transcriber", logging.level)
    if queues is None:
        queues = message_queue(queue, callbacks)
        ending = _ending(environment, queues)  # before the model is loaded: see parts.late_chat
        store, records, hearing = ending.store, ending.records, _hearing(environment, ending.store)
        jobs = _jobs(environment, ending, hearing, Holding(lease_seconds=working.lease_seconds))
    else:
        store, jobs = S3ObjectStore(storage.bucket), None
        records, hearing = Records(store, SystemClock(), meter(environment)), _hearing(environment, store)
    return Transcriber(
        jobs=jobs,
        direct=Direct(
            transcripts=hearing.transcripts,
            records=records,
            store=store,
            queueing=Queueing(records=records, store=store, queue=queues.jobs, max_waiting=limits.max_waiting),
            wait_seconds=answering.wait_seconds,
            lease_seconds=intake.lease_seconds,
        ),
        keys=hearing.keys,
        max_bytes=parts.audio_limits(limits).max_bytes,
        language=hearing.language,
        behind_gateway=server.behind_gateway,
        host=server.host,
        port=server.port,
    )


def build_worker(environment: Mapping[str, str], queues: Queues, holding: Holding) -> Transcription:
    """Return what does a broker's jobs, with its model loaded; raise Misconfigured."""
    settings.read(environment, *HEARING, *ENDING)
    ending = _ending(environment, queues)
    return _jobs(environment, ending, _hearing(environment, ending.store), holding)


HEARING = (settings.Limits, settings.Recognising, settings.Answering, settings.Working)
ENDING = (settings.Storage, settings.Telegram, settings.Lengths, settings.Working)


@dataclass(frozen=True, slots=True)
class _Hearing:
    """What makes transcripts, and `language`, what is spoken where nobody says."""

    keys: Keys
    cache: TranscriptCache
    till: Till
    transcripts: Transcripts
    language: str


def _hearing(environment: Mapping[str, str], store: S3ObjectStore) -> _Hearing:
    limits, recognising, answering, working = settings.read(environment, *HEARING)
    clock = SystemClock()
    cache = TranscriptCache(store, clock, reuse_seconds=3600 * answering.reuse_hours)
    paid = till(store, recognising, answering)
    transcripts = Transcripts(
        recognition=recognition(limits, recognising),
        cache=cache,
        till=paid,
        pace=Pace(store, clock),
        lease_seconds=working.lease_seconds,
        meter=meter(environment),
    )
    return _Hearing(Keys(store), cache, paid, transcripts, recognising.language)


def _ending(environment: Mapping[str, str], queues: Queues) -> parts.Ending:
    storage, telegram, lengths, working = settings.read(environment, *ENDING)
    return parts.ending(
        storage,
        telegram,
        queues,
        at_once=lengths.parts_at_once,
        meter=meter(environment),
        patience_seconds=telegram.patience_seconds,
        lease_seconds=working.lease_seconds,
    )


def _jobs(environment: Mapping[str, str], ending: parts.Ending, hearing: _Hearing, holding: Holding) -> Transcription:
    _, telegram, lengths, _ = settings.read(environment, *ENDING)
    return Transcription(
        records=ending.records,
        store=ending.store,
        clock=SystemClock(),
        transcripts=hearing.transcripts,
        cache=hearing.cache,
        till=hearing.till,
        payers=Payers(hearing.keys, minutes_per_day=telegram.minutes_per_day),
        closing=ending.closing,
        parts=ending.parts,
        lengths=Lengths(whole_seconds=60 * lengths.whole_minutes, part_seconds=60 * lengths.part_minutes),
        holding=holding,
    )
