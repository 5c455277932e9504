"""The transcriber container, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pisar import logs, settings
from pisar.adapters.clock import SystemClock
from pisar.bootstrap import parts
from pisar.bootstrap.meters import meter
from pisar.bootstrap.queues import Queues, message_queue
from pisar.bootstrap.recognition import recognition
from pisar.domain.clients import Client
from pisar.domain.jobs import JobMessage, Options
from pisar.domain.options import options
from pisar.domain.transcripts import Segment, Transcript
from pisar.envelopes import authorizer_context
from pisar.errors import Unreadable
from pisar.flows.attempts import Holding
from pisar.flows.direct import Deferred as Deferred  # noqa: PLC0414 - the door tells it from a transcript
from pisar.flows.direct import Direct
from pisar.flows.keys import Keys
from pisar.flows.pace import Pace
from pisar.flows.quotas import Quotas
from pisar.flows.transcript_cache import TranscriptCache
from pisar.flows.transcription import Lengths, Transcription
from pisar.flows.transcripts import Transcripts, Watch

OPTIONS = ("language", "task", "prompt", "temperature", "track")


@dataclass(frozen=True, slots=True)
class Transcriber:
    """What the doors need. `max_bytes`: the largest audio taken in a request; `streams`: whether an answer may come in parts."""

    transcription: Transcription
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
        self.transcription.work(JobMessage.decode(body))

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


def build(environment: Mapping[str, str], queues: Queues | None = None, holding: Holding | None = None) -> Transcriber:
    """Return the transcriber with its model loaded; raise Misconfigured. `holding`: other than for a delivery of Message Queue."""
    storage, queue, telegram, limits, lengths, recognising, answering, intake, working, callbacks, server, logging = settings.read(
        environment,
        settings.Storage,
        settings.Queue,
        settings.Telegram,
        settings.Limits,
        settings.Lengths,
        settings.Recognising,
        settings.Answering,
        settings.Intake,
        settings.Working,
        settings.Callbacks,
        settings.Server,
        settings.Logging,
        required=() if queues else ("PISAR_QUEUE_URL",),
    )
    queues = queues or message_queue(queue, callbacks)
    logs.configure("transcriber", logging.level)
    told = meter(environment)
    ending = parts.ending(
        storage,
        telegram,
        queues,
        at_once=lengths.parts_at_once,
        meter=told,
        patience_seconds=telegram.patience_seconds,
        lease_seconds=working.lease_seconds,
    )
    clock, store, keys = SystemClock(), ending.store, Keys(ending.store)
    cache = TranscriptCache(store, clock, reuse_seconds=3600 * answering.reuse_hours)
    transcripts = Transcripts(
        recognition=recognition(limits, recognising),
        cache=cache,
        quotas=Quotas(store, clock),
        pace=Pace(store, clock),
        model=recognising.model.rpartition("/")[2],
        shared=answering.reuse_shared,
        lease_seconds=working.lease_seconds,
        meter=told,
    )
    return Transcriber(
        transcription=Transcription(
            records=ending.records,
            store=store,
            clock=clock,
            transcripts=transcripts,
            cache=cache,
            keys=keys,
            closing=ending.closing,
            parts=ending.parts,
            lengths=Lengths(whole_seconds=60 * lengths.whole_minutes, part_seconds=60 * lengths.part_minutes),
            minutes_per_day=telegram.minutes_per_day,
            holding=holding or Holding(lease_seconds=working.lease_seconds),
        ),
        direct=Direct(
            transcripts=transcripts,
            records=ending.records,
            store=store,
            queue=queues.jobs,
            wait_seconds=answering.wait_seconds,
            max_waiting=limits.max_waiting,
            lease_seconds=intake.lease_seconds,
        ),
        keys=keys,
        max_bytes=parts.audio_limits(limits).max_bytes,
        language=recognising.language,
        behind_gateway=server.behind_gateway,
        host=server.host,
        port=server.port,
    )
