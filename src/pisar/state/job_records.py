"""Job records in the object store: the only place that reads and writes them.

Every write is conditional on the version it was decided from. Whoever loses such a race reads again and decides again, so
two who act on one job at once can't both believe they hold it. A job is never held in memory between calls of a flow's
steps without its tag.

A write that was made is what the owner's charts are told of: a job counts once, wherever and however it ends.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import gethostname
from uuid import uuid4

from pisar.domain import jobs
from pisar.domain.answer_to import AnswerTo, Order, Whole
from pisar.domain.bucket import JOBS
from pisar.domain.jobs import Job, Options, Outcome, State
from pisar.errors import Busy, Conflict, Missing, PisarError, Unavailable
from pisar.ports.clock import Clock
from pisar.ports.meter import Meter
from pisar.ports.storage import ObjectStore
from pisar.state.document import MAX_TRIES, Documents, Version

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A job as it was last written, with the tag that the next write is conditional on."""

    job: Job
    etag: str


class Records:
    """The job records."""

    def __init__(self, store: ObjectStore, clock: Clock, meter: Meter | None = None) -> None:
        self._jobs = Documents(store, JOBS, decode=Job.decode, encode=Job.encode, what="the job's record")
        self._clock = clock
        self._meter = meter

    def find(self, job_id: str) -> Held:
        """Return the job; raise Missing."""
        return _held(self._jobs.read(job_id))

    def expect(self, job_id: str, *, options: Options, order: Order) -> Held:
        """Create a job whose audio is yet to be uploaded; raises Conflict if there is one of that id."""
        new = jobs.expect(job_id, now=self._clock.now(), options=options, order=order)
        return _held(self._jobs.create(job_id, new))

    def uploaded(self, job_id: str, *, lease_seconds: float) -> Held | None:
        """Take up a job whose audio has come; None if nothing is left to do. Raises Busy while another intake's lease runs, Missing."""
        owner, now = _new_owner(), self._clock.now()
        return self._move(job_id, lambda job: jobs.uploaded(job, owner=owner, now=now, lease_seconds=lease_seconds))

    def accept(
        self,
        job_id: str,
        *,
        lease_seconds: float,
        options: Options,
        answer_to: AnswerTo | None = None,
    ) -> Held | None:
        """Create the job, or take up where another intake stopped; None if nothing is left to do for an intake.

        Raises Busy while another intake's lease runs.
        """
        owner, now = _new_owner(), self._clock.now()
        new = jobs.accept(job_id, owner=owner, now=now, lease_seconds=lease_seconds, options=options, answer_to=answer_to)
        for _ in range(MAX_TRIES):
            try:
                return _held(self._jobs.create(job_id, new))
            except Conflict:  # somebody made it: look whether that one still works on it
                pass
            try:
                return self._move(job_id, lambda job: jobs.resume(job, owner=owner, now=now, lease_seconds=lease_seconds))
            except Missing:  # made and removed between the two calls
                continue
        raise Busy(f"job {job_id} keeps changing hands")

    def claim(self, job_id: str, *, lease_seconds: float, work: bool = True) -> Held | None:
        """Take the job for this worker, or None if it is finished. Raises Busy while another's lease runs, Missing.

        `work` is false for a step beside the work itself.
        """
        owner, now = _new_owner(), self._clock.now()
        return self._move(job_id, lambda job: jobs.claim(job, owner=owner, now=now, lease_seconds=lease_seconds, work=work))

    def write(self, held: Held, job: Job) -> Held:
        """Write what the holder made of the job. Raises Busy if somebody else has taken it since: stop working on it."""
        try:
            written = self._jobs.replace(job.id, Version(held.job, held.etag), job)
        except Conflict as error:
            raise Busy(f"job {job.id} was taken by another") from error
        self._count(held.job, job)
        return _held(written)

    def enqueued(self, held: Held) -> None:
        """Note that the job lies on the queue: best effort, since a worker takes an accepted job as well."""
        try:
            self.write(held, jobs.enqueue(held.job))
        except (Busy, Unavailable) as error:
            log.info("record left as it is", extra={"why": type(error).__name__})

    def renew(self, held: Held, *, lease_seconds: float) -> Held:
        """Make sure of so much lease, which proves that it is still ours; raises Busy if somebody else has taken the job since."""
        return self.write(held, jobs.renew(held.job, now=self._clock.now(), lease_seconds=lease_seconds))

    def release(self, held: Held, *, counts: bool = True) -> None:
        """Let go of the job, however far its record has moved since `held`, so that the next try need not wait for the lease.

        `counts` is false for a try that is not the job's fault. Best effort: the lease runs out by itself.
        """
        try:
            latest = self.find(held.job.id)
            if latest.job.lease and held.job.lease and latest.job.lease.owner == held.job.lease.owner:
                self.write(latest, jobs.release(latest.job) if counts else jobs.step_done(latest.job))
        except PisarError as error:
            log.info("record left as it is", extra={"why": type(error).__name__})

    @contextmanager
    def letting_go(self, held: Held, *, forgives: type[PisarError] | tuple[()] = ()) -> Iterator[None]:
        """Let go of the job if the block raises, whatever it raises, so that the next try need not wait for the lease to run out.

        A try that ends by what `forgives` names does not count.
        """
        try:
            yield
        except BaseException as error:
            self.release(held, counts=not isinstance(error, forgives))
            raise

    def killed(self, job_id: str, *, pid: int) -> None:
        """Note that the kernel ended the process of this machine that held the job, and let go of it in its place.

        Nothing is noted where another holds it by now, or did all along. Raises Missing, Busy, Unavailable.
        """
        process = _process(pid)
        self._move(job_id, lambda job: jobs.killed(job) if job.lease and job.lease.owner.startswith(process) else None)

    def advance(self, job_id: str, progress: float) -> Job | None:
        """Note how much of a cut recording is done and return its record; None if that is nothing new. Raises Busy, Missing."""
        held = self._move(job_id, lambda job: jobs.advance(job, progress))
        return held.job if held else None

    def finish(self, held: Held, outcome: Outcome, reason: str | None = None, message: str | None = None) -> Held:
        """Write the last record of the job."""
        return self.write(held, jobs.finish(held.job, outcome, reason, message=message, now=self._clock.now()))

    def cancel(self, job_id: str) -> Job:
        """End the job for its owner, whoever works on it: their next write fails. Once more changes nothing.

        Returns the record as it was just before, which alone says what there is to erase. Raises Missing, Busy.
        """
        moved = self._jobs.change(job_id, lambda job: jobs.cancel(job, now=self._clock.now()))
        if moved is None:
            return self.find(job_id).job
        self._count(moved[0], moved[1].value)
        return moved[0]

    def _move(self, job_id: str, decide: Callable[[Job], Job | None]) -> Held | None:
        moved = self._jobs.change(job_id, decide)
        if moved is None:
            return None
        self._count(moved[0], moved[1].value)
        return _held(moved[1])

    def _count(self, before: Job, after: Job) -> None:
        if self._meter is None or isinstance(after.answer_to, Whole):  # a part is not what anybody asked for
            return
        seconds = self._clock.now() - after.created_at
        if before.deliveries == 0 and after.deliveries == 1:
            self._meter.begun(waited_seconds=seconds)
        if after.outcome is not None and before.state is not State.FINISHED:  # one that was done may be cancelled, which erases it
            self._meter.ended(after.outcome, seconds=seconds if after.deliveries else None)


def _new_owner() -> str:
    # One name for every try, not for every process: a process may work on two deliveries of one job at once.
    return f"{_process(os.getpid())}{uuid4().hex[:12]}"


def _process(pid: int) -> str:
    """Return what the names of all tries in a process of this machine begin with."""
    return f"{gethostname()}:{pid}:"


def _held(version: Version[Job]) -> Held:
    return Held(version.value, version.etag or "")
