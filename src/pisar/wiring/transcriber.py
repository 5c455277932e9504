"""Builds the transcriber container."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pisar.api.transcribe_now import Deferred as Deferred  # noqa: PLC0414 - the door tells it from a transcript
from pisar.api.transcribe_now import Direct
from pisar.cloud_events import authorizer_context
from pisar.domain.clients import Client
from pisar.domain.jobs import JobMessage, Options
from pisar.domain.options import options
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Unreadable
from pisar.speech.cached_transcripts import Watch
from pisar.state.api_keys import Keys
from pisar.wiring import settings
from pisar.wiring.clients import GROUPS, Clients
from pisar.wiring.work import Work
from pisar.work.transcribe_job import Transcription

if TYPE_CHECKING:
    from pisar.web.works import Hold

OPTIONS = ("language", "task", "prompt", "temperature", "track")


@dataclass(frozen=True, slots=True)
class Transcriber:
    """What the transcriber's HTTP service needs. `max_bytes`: the largest audio in a request. `keeps`: whether transcripts are cached.

    `jobs` is None over a broker, whose workers do the jobs.
    """

    jobs: Transcription | None
    direct: Direct
    keeps: bool
    keys: Keys
    max_bytes: int
    language: str
    server: settings.Server

    @property
    def streams(self) -> bool:
        """Say whether a response may be streamed: the cloud's gateway lets no stream through."""
        return not self.server.behind_gateway

    @property
    def wait_seconds(self) -> float:
        """How many seconds a request waits for its transcript at most."""
        return self.direct.wait_seconds

    def work(self, body: str) -> None:
        """Do the job that a queue message names. Raises Unreadable, or Retryable when the message should be delivered again."""
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
        hold: "Hold",
        on_segments: Callable[[tuple[Segment, ...]], None] | None = None,
    ) -> Transcript:
        """Return the transcript of an audio file, however long it takes. Raises Rejected, Retryable, and whatever `hold` raises."""
        return self.direct.transcribe(client, audio, chosen, watch=Watch(on_segments=on_segments, check=hold.check, on_begin=hold.begin))

    def transcribe_or_defer(
        self, client: Client, audio: bytes, chosen: Options, wait_seconds: float, hold: "Hold"
    ) -> Transcript | Deferred:
        """Return the transcript if it is expected in time, else the job that was made. Raises as `transcribe` does."""
        watch = Watch(check=hold.check, on_begin=hold.begin)
        return self.direct.transcribe_or_defer(client, audio, chosen, wait_seconds=wait_seconds, watch=watch, on_defer=hold.defer)

    def defer(self, client: Client, audio: bytes, chosen: Options) -> Deferred:
        """Return the job that was made of an audio file. Raises Rejected and Retryable."""
        return self.direct.defer(client, audio, chosen)

    def transcript_id(self, client: Client, audio: bytes, chosen: Options) -> str:
        """Return the content id under which a transcript is cached, and by which it can be erased."""
        return self.direct.transcript_id(client, audio, chosen)

    def find_client(self, key: str | None, context: str | None) -> Client | None:
        """Look up the client of a request: by `context`, where the gateway's authorizer has looked at the keys, else by its API key.

        The authorizer sees both headers that may carry a key, and the container behind the gateway only one. Returns None for an unknown or
        revoked key.
        """
        if context is None or not self.server.behind_gateway:
            return self.keys.find(key)
        try:
            return self.keys.holder(str(authorizer_context(context).get("client", "")))
        except Unreadable:
            return None


class Transcribing(Work, Clients):
    """The parts of the transcriber. Without a broker it does Message Queue's jobs too; over a broker it answers no chat."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return the parts with their settings checked; raise Misconfigured. Over a broker no bot is needed."""
        over_broker = bool(environment.get("PISAR_BROKER_URL"))
        groups = (
            *GROUPS,
            settings.Server,
            settings.Working,
            *(() if over_broker else (settings.Telegram, settings.Lengths, settings.Links)),
        )
        return cls.start("api" if over_broker else "transcriber", environment, *groups, required=["PISAR_QUEUE_URL"])

    @cached_property
    def lease_seconds(self) -> float:
        """How many seconds one try holds a job."""
        return self.settings.working.lease_seconds

    @cached_property
    def patience_seconds(self) -> float:
        """How many seconds a worker waits for Telegram."""
        return self.settings.telegram.patience_seconds

    @cached_property
    def transcriber(self) -> Transcriber:
        """What the transcriber's HTTP service needs, with its model loaded."""
        if not self.over_broker:
            # Aiogram is imported while the model is loaded, but not beside the other imports, which would take longer.
            _ = self.bucket, self.queue, self.decoder, self.detector, self.chat
        return Transcriber(
            jobs=None if self.over_broker else self.transcription,
            direct=self.direct,
            keeps=self.settings.answering.reuse_hours > 0,
            keys=self.keys,
            max_bytes=self.call_limits.max_bytes,
            language=self.options.language,
            server=self.settings.server,
        )


def build(environment: Mapping[str, str]) -> Transcriber:
    """Return the transcriber with its model loaded; raise Misconfigured."""
    return Transcribing.of(environment).transcriber
