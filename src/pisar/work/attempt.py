"""One try at a job: its lease is renewed and its progress written while the try lasts, and a lost lease ends the try."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any

from pisar.errors import Busy, Unavailable
from pisar.ports.clock import Clock
from pisar.state.job_records import Held, Records
from pisar.work.finish_job import Closing
from pisar.work.parts import OverError

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 3.0
"""How often a long job's progress is written on its record, which is also how soon a cancellation is noticed; a write costs one PUT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How a worker holds its jobs.

    `lease_seconds` must exceed the longest run of one delivery and stay below the queue's visibility timeout; with `renews` it need
    only exceed the longest time between two signs of progress, each of which prolongs it. After `max_tries` the job ends as failed;
    None where the queue counts. `stopping` says that the work must be handed back.
    """

    lease_seconds: float
    renews: bool = False
    max_tries: int | None = None
    stopping: Callable[[], bool] = lambda: False


class Attempt:
    """One delivery's hold on its job: what is learnt is noted on the record, the progress from time to time.

    Threads that work on it together may all tell and check: each write of the record is conditional on the one before.
    """

    def __init__(self, records: Records, closing: Closing, clock: Clock, held: Held, holding: Holding) -> None:
        self.held = held
        self._holding = holding
        self._records = records
        self._closing = closing
        self._clock = clock
        self._told_at = clock.now()
        self._turn = RLock()

    def note(self, **learnt: Any) -> None:
        """Take something into the record's next write."""
        with self._turn:
            self.held = replace(self.held, job=replace(self.held.job, **learnt))

    def check(self) -> None:
        """See that the work is still wanted, and write again how far it is: one window may take longer than a cancellation waits."""
        self.tell(self.held.job.progress)

    def tell(self, share: float) -> None:
        """Write how far it is, unless that was done a moment ago.

        Raises Busy if the job is no longer ours or its lease has run out, Unavailable if this worker must stop: the work ends there.
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
            except Unavailable:  # not worth the work that is done already; the next one comes soon
                log.info("progress not written")
