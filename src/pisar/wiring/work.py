"""Builds the parts that work on queued jobs, step by step, and end them."""

from functools import cached_property

from pisar.domain.audio import AudioLimits
from pisar.wiring.answers import Answers
from pisar.wiring.speech import Speech
from pisar.work.attempt import Holding
from pisar.work.celery_steps import Steps
from pisar.work.dead_letters import DeadLetters
from pisar.work.finish_job import Closing
from pisar.work.linked_audio import LinkedAudio
from pisar.work.parts import Parts
from pisar.work.transcribe_job import Lengths, Transcription


class Work(Answers, Speech):
    """The parts that work on jobs."""

    @cached_property
    def parts(self) -> Parts:
        """The parts of long recordings."""
        at_once = self.settings.lengths.parts_at_once
        return Parts(records=self.records, store=self.store, queue=self.queue, clock=self.clock, at_once=at_once)

    @cached_property
    def closing(self) -> Closing:
        """Ends jobs."""
        return Closing(
            records=self.records,
            store=self.store,
            cache=self.cache,
            delivery=self.delivery,
            announcements=self.announcements,
            parts=self.parts,
            lease_seconds=self.lease_seconds,
        )

    @cached_property
    def audio(self) -> LinkedAudio:
        """Reads the audio of jobs, and fetches what is behind a link."""
        return LinkedAudio(store=self.store, links=self.links, max_bytes=self.upload_limits.max_bytes)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """Ends the jobs of dead letters."""
        return DeadLetters(records=self.records, store=self.store, closing=self.closing, lease_seconds=self.lease_seconds)

    @cached_property
    def lengths(self) -> Lengths:
        """From what length on a recording is cut, and how long its parts are."""
        lengths = self.settings.lengths
        return Lengths(whole_seconds=60 * lengths.whole_minutes, part_seconds=60 * lengths.part_minutes)

    @cached_property
    def holding(self) -> Holding:
        """How a worker holds the job that it transcribes."""
        return Holding(lease_seconds=self.settings.working.lease_seconds)

    @cached_property
    def transcription(self) -> Transcription:
        """Transcribes jobs."""
        return Transcription(
            records=self.records,
            store=self.store,
            audio=self.audio,
            clock=self.clock,
            recognition=self.recognition,
            transcripts=self.transcripts,
            cache=self.cache,
            content_ids=self.content_ids,
            quotas=self.quotas,
            payers=self.payers,
            closing=self.closing,
            parts=self.parts,
            lengths=self.lengths,
            holding=self.holding,
        )

    @cached_property
    def steps(self) -> Steps:
        """Does the steps of a Celery job that need no engine."""
        voice_seconds = 60 * self.settings.broker.voice_minutes
        return Steps(
            records=self.records,
            audio=self.audio,
            decoder=self.decoder,
            closing=self.closing,
            queue=self.queue,
            content_ids=self.content_ids,
            quotas=self.quotas,
            payers=self.payers,
            voice=AudioLimits(max_bytes=self.upload_limits.max_bytes, max_seconds=voice_seconds),
            lease_seconds=self.lease_seconds,
            max_tries=self.settings.broker.max_tries,
        )
