"""Builds the parts that read and write the bucket: records, keys, cached transcripts, the waiting list."""

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
    """The parts that keep Pisar's state, over the bucket and the clock."""

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
        """The transcript cache."""
        return TranscriptCache(self.store, self.clock, reuse_seconds=HOUR_SECONDS * self.settings.answering.reuse_hours)

    @cached_property
    def quotas(self) -> Quotas:
        """The minutes that payers have used."""
        return Quotas(self.store, self.clock)

    @cached_property
    def payers(self) -> Payers:
        """Says who pays for a job."""
        return Payers(self.keys, minutes_per_day=self.settings.telegram.minutes_per_day)

    @cached_property
    def pace(self) -> Pace:
        """The measured speed of the engine."""
        return Pace(self.store, self.clock)

    @cached_property
    def queueing(self) -> Queueing:
        """The waiting list and the queue of jobs."""
        return Queueing(records=self.records, store=self.store, queue=self.queue, max_waiting=self.settings.limits.max_waiting)

    @cached_property
    def options(self) -> Options:
        """The engine's options where a caller names none."""
        return Options(language=self.settings.recognising.language)

    @property
    def keep_seconds(self) -> float:
        """How many seconds transcripts are kept."""
        return DAY_SECONDS * self.settings.keeping.days

    @cached_property
    def lease_seconds(self) -> float:
        """How many seconds one try of this process holds a job: longer than any try may run."""
        return self.settings.intake.lease_seconds

    @cached_property
    def patience_seconds(self) -> float:
        """How many seconds this process waits for Telegram: fewer than it may run."""
        return self.settings.intake.patience_seconds
