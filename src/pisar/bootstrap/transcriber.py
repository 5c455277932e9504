"""The transcriber container, put together."""

from collections.abc import Mapping
from dataclasses import dataclass

from pisar import logs, settings
from pisar.bootstrap import parts
from pisar.bootstrap.recognition import recognition
from pisar.domain.audio import AudioLimits
from pisar.domain.clients import Client
from pisar.domain.jobs import JobMessage, Options
from pisar.domain.options import options
from pisar.domain.transcripts import Transcript
from pisar.flows.keys import Keys
from pisar.flows.recognition import Recognition
from pisar.flows.transcription import Transcription


@dataclass(frozen=True, slots=True)
class Transcriber:
    """What the doors need."""

    transcription: Transcription
    recognition: Recognition
    keys: Keys
    limits: AudioLimits
    language: str
    host: str
    port: int

    def work(self, body: str) -> None:
        """Do the job a queue message names. Raises Unreadable, or Retryable when it should be delivered again."""
        self.transcription.work(JobMessage.decode(body))

    def options(self, asked: Mapping[str, str]) -> Options:
        """Return checked options from what a caller asked for; raise Rejected(BAD_OPTION)."""
        names = ("language", "task", "prompt")
        return options(**{name: asked[name] for name in names if name in asked}, default_language=self.language)

    def recognise(self, audio: bytes, chosen: Options) -> Transcript:
        """Return the transcript of an audio file. Raises Rejected, or Unavailable."""
        return self.recognition.recognise(audio, chosen)

    def find_client(self, key: str | None) -> Client | None:
        """Return who holds the API key, None if nobody does."""
        return self.keys.find(key)


def build(environment: Mapping[str, str]) -> Transcriber:
    """Return the transcriber with its model loaded; raise Misconfigured."""
    storage, telegram, limits, recognising, working, server, logging = settings.read(
        environment,
        settings.Storage,
        settings.Telegram,
        settings.Limits,
        settings.Recognising,
        settings.Working,
        settings.Server,
        settings.Logging,
    )
    logs.configure("transcriber", logging.level)
    ending = parts.ending(storage, telegram, patience_seconds=telegram.patience_seconds)
    recognise = recognition(limits, recognising)
    return Transcriber(
        transcription=Transcription(
            records=ending.records,
            store=ending.store,
            recognition=recognise,
            closing=ending.closing,
            lease_seconds=working.lease_seconds,
        ),
        recognition=recognise,
        keys=Keys(ending.store),
        limits=parts.audio_limits(limits),
        language=recognising.language,
        host=server.host,
        port=server.port,
    )
