"""One try at a job: renews its lease and writes its progress while it lasts; a lost lease ends the try.

For jobs of API clients it also stores the text heard so far, at most as often as the progress and only when the text has grown: one more
PUT for each piece of half a minute, or for each three seconds where the engine is faster than that.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from threading import RLock
from typing import Any

from pisar.domain.jobs import Job
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Busy, Unavailable
from pisar.ports.clock import Clock
from pisar.state.heard_texts import HeardTexts
from pisar.state.job_records import Held, Records
from pisar.work.finish_job import Closing
from pisar.work.parts import OverError

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 3.0
"""Time between two writes of a job's progress on its record, each one PUT; within that time a cancellation is noticed too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How a worker holds its jobs: how long the lease lasts, and after how many tries a job fails.

    `lease_seconds` must exceed the longest run of one delivery and stay below the queue's visibility timeout. With `renews` each sign of
    progress prolongs the lease, so it need only exceed the longest time between two of them. `max_tries`: how many tries may come to
    nothing before the job ends as failed (PISAR_MAX_TRIES over Celery); None where the queue counts deliveries. `stopping` says whether
    this worker must hand its work back.
    """

    lease_seconds: float
    renews: bool = False
    max_tries: int | None = None
    stopping: Callable[[], bool] = lambda: False


class Attempt:
    """One delivery's hold on its job; what the worker learns is noted on the record, and the progress from time to time.

    Thread-safe: several threads of one try may call `tell` and `check`. Each write of the record is conditional on the one before.
    """

    def __init__(
        self, records: Records, closing: Closing, clock: Clock, held: Held, holding: Holding, *, heard: HeardTexts | None = None
    ) -> None:
        self.held = held
        self._holding = holding
        self._records = records
        self._closing = closing
        self._clock = clock
        self._told_at = clock.now()
        self._turn = RLock()
        self._texts = heard
        self._heard: tuple[Segment, ...] = ()
        self._kept_until: float | None = None

    def hear(self, segments: tuple[Segment, ...]) -> None:
        """Take in what was heard next; it is stored with the next progress where a client may look at it."""
        with self._turn:
            self._heard += segments

    def note(self, **learnt: Any) -> None:
        """Set fields of the record, which its next write stores."""
        with self._turn:
            self.held = replace(self.held, job=replace(self.held.job, **learnt))

    def check(self) -> None:
        """Check that the job is still wanted, and write its progress again. For steps that last longer than a cancellation should wait.

        Raises as `tell` does.
        """
        self.tell(self.held.job.progress)

    def tell(self, share: float) -> None:
        """Write the share of the work that is done, unless the last write is less than PROGRESS_SECONDS ago.

        Raises Busy if another has taken the job, if it was cancelled, or if its lease has run out, and Unavailable if this worker must
        stop. The caller must stop working on the job then.
        """
        with self._turn:
            if self._holding.stopping():
                raise Unavailable("this worker was told to stop")
            lease = self.held.job.lease
            if lease is not None and self._clock.now() > lease.until:
                raise Busy("the lease ran out before the work was done")
            self.note(progress=share)
            if self._clock.now() - self._told_at < PROGRESS_SECONDS:
                return
            self._told_at = self._clock.now()
            try:
                if self._closing.is_over(self.held.job):
                    raise OverError("the recording that this is a part of is finished")
                if self._holding.renews:
                    self.held = self._records.renew(self.held, lease_seconds=self._holding.lease_seconds)
                else:
                    self.held = self._records.write(self.held, self.held.job)
                self._closing.show_progress(self.held.job)
                self._keep_heard()
            except Unavailable:  # not worth the work that is done already; the next one comes soon
                log.info("progress not written")

    def _keep_heard(self) -> None:
        if self._texts is None or not self._heard:
            return
        job, until = self.held.job, self._heard[-1].end
        if self._kept_until is None:
            self._kept_until = self._kept_before(self._texts, job)
        if until > self._kept_until:
            heard = Transcript(language="", duration=job.audio_seconds or 0.0, segments=self._heard, task=job.options.task)
            self._texts.keep(job.id, heard)
            self._kept_until = until

    @staticmethod
    def _kept_before(texts: HeardTexts, job: Job) -> float:
        """Return up to which second the text is stored by an earlier try; infinity where nobody may look at it."""
        if not texts.is_wanted(job):
            return inf
        before = texts.find(job.id) if job.deliveries > 1 else None
        return before.segments[-1].end if before and before.segments else 0.0
