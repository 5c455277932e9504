"""What lies in the bucket: records, keys, transcripts for later, the line of those who wait."""

from functools import cached_property

from pisar.domain.jobs import Options
from pisar.state.api_keys import Keys
from pisar.state.engine_speed import Pace
from pisar.state.job_records import Records
from pisar.state.quotas import Payers, Quotas
from pisar.state.transcript_cache import TranscriptCache
from pisar.wiring.outside import Outside
from pisar.work.queueing import Queueing

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS


class State(Outside):
    """Everything that Pisar keeps, over the bucket and the clock."""

    @cached_property
    def records(self) -> Records:
        """The jobs' records."""
        return Records(self.store, self.clock, self.meter)

    @cached_property
    def keys(self) -> Keys:
        """The API's keys."""
        return Keys(self.store)

    @cached_property
    def cache(self) -> TranscriptCache:
        """Transcripts that answer the same audio again."""
        return TranscriptCache(self.store, self.clock, reuse_seconds=HOUR_SECONDS * self.settings.answering.reuse_hours)

    @cached_property
    def quotas(self) -> Quotas:
        """Who has used how much."""
        return Quotas(self.store, self.clock)

    @cached_property
    def payers(self) -> Payers:
        """Who pays for which job."""
        return Payers(self.keys, minutes_per_day=self.settings.telegram.minutes_per_day)

    @cached_property
    def pace(self) -> Pace:
        """How fast the engine has been."""
        return Pace(self.store, self.clock)

    @cached_property
    def queueing(self) -> Queueing:
        """Where jobs wait for a worker."""
        return Queueing(records=self.records, store=self.store, queue=self.queue, max_waiting=self.settings.limits.max_waiting)

    @cached_property
    def options(self) -> Options:
        """What is asked of the engine where nobody asks for anything else."""
        return Options(language=self.settings.recognising.language)

    @property
    def keep_seconds(self) -> float:
        """How long transcripts are kept."""
        return DAY_SECONDS * self.settings.keeping.days

    @cached_property
    def lease_seconds(self) -> float:
        """How long one try of this process at a job holds it: it must outlast whatever ends the try."""
        return self.settings.intake.lease_seconds

    @cached_property
    def patience_seconds(self) -> float:
        """How long this process waits for Telegram; it must fit into what runs it."""
        return self.settings.intake.patience_seconds
