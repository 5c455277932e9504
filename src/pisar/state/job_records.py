"""Reads and writes job records by conditional writes; `Records.letting_go` releases a job's lease when a step raises.

Every write is conditional on the version it was decided from. A writer that loses the race reads again and decides again, so two that act
on one job at once can't both believe they hold it. `Held` keeps a job and that version's tag together between the steps of its work.

Which moves a record may make, and where a try is counted, `pisar.domain.jobs` decides: `claim` here adds a try to the record, `release`
takes it back only with `counts=False`, and `killed` counts a try that the kernel ended. What ends a job after too many tries is
`pisar.work.finish_job.Closing.give_up`.

After each write the owner's metrics are told. A job counts there once, wherever and however it ends.
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
    """A job as it was last written, with the tag on which the next write is conditional."""

    job: Job
    etag: str


class Records:
    """The job records in the bucket."""

    def __init__(self, store: ObjectStore, clock: Clock, meter: Meter | None = None) -> None:
        self._jobs = Documents(store, JOBS, decode=Job.decode, encode=Job.encode, what="the job's record")
        self._clock = clock
        self._meter = meter

    def find(self, job_id: str) -> Held:
        """Return the job and the tag of its record; raise Missing."""
        return _held(self._jobs.read(job_id))

    def latest(self, held: Held) -> Held:
        """Return the job as its holder has written it since `held`. Raises Busy if another has taken the job."""
        latest = self.find(held.job.id)
        if latest.job.lease is None or held.job.lease is None or latest.job.lease.owner != held.job.lease.owner:
            raise Busy(f"job {held.job.id} was taken by another")
        return latest

    def expect(self, job_id: str, *, options: Options, order: Order) -> Held:
        """Create a job whose audio is yet to be uploaded; raise Conflict if the job exists."""
        new = jobs.expect(job_id, now=self._clock.now(), options=options, order=order)
        return _held(self._jobs.create(job_id, new))

    def uploaded(self, job_id: str, *, lease_seconds: float) -> Held | None:
        """Take the intake's lease on a job whose audio was uploaded; None if nothing is left to do.

        Raises Missing, and Busy while another intake's lease runs.
        """
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
        """Create the job, or resume it where another intake stopped; None if nothing is left to do for an intake.

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
        """Take a lease on the job for this worker and count a try; None if the job is finished.

        `work` is false for a step that does not transcribe or answer, such as a fetch: it is a try but no delivery. Raises Missing, and
        Busy while another worker's lease runs.
        """
        owner, now = _new_owner(), self._clock.now()
        return self._move(job_id, lambda job: jobs.claim(job, owner=owner, now=now, lease_seconds=lease_seconds, work=work))

    def write(self, held: Held, job: Job) -> Held:
        """Write the record that the holder made of the job. Raises Busy if another has taken the job: its caller must stop working."""
        try:
            written = self._jobs.replace(job.id, Version(held.job, held.etag), job)
        except Conflict as error:
            raise Busy(f"job {job.id} was taken by another") from error
        self._count(held.job, job)
        return _held(written)

    def enqueued(self, held: Held) -> None:
        """Note on the record that the job is on the queue. A failure is only logged, since a worker takes an accepted job as well."""
        try:
            self.write(held, jobs.enqueue(held.job))
        except (Busy, Unavailable) as error:
            log.info("record left as it is", extra={"why": type(error).__name__})

    def renew(self, held: Held, *, lease_seconds: float) -> Held:
        """Make the lease last at least `lease_seconds` more. The write proves the claim: it raises Busy if another has taken the job."""
        return self.write(held, jobs.renew(held.job, now=self._clock.now(), lease_seconds=lease_seconds))

    def begin_answer(self, held: Held, *, lease_seconds: float) -> Held:
        """Renew the lease as `renew` does, and note whether the answer comes as a new message (`pisar.domain.jobs.begin_answer`)."""
        return self.write(held, jobs.begin_answer(held.job, now=self._clock.now(), lease_seconds=lease_seconds))

    def release(self, held: Held, *, counts: bool = True) -> None:
        """Release the holder's lease, so that the next try need not wait for its end, even if the record has been written since `held`.

        `counts` is false for a try that is not the job's fault: it is taken off `tries`. A failure is only logged; the lease then runs out
        by itself. Nothing is released if another holds the lease by now.
        """
        try:
            latest = self.find(held.job.id)
            if latest.job.lease and held.job.lease and latest.job.lease.owner == held.job.lease.owner:
                self.write(latest, jobs.release(latest.job) if counts else jobs.step_done(latest.job))
        except PisarError as error:
            log.info("record left as it is", extra={"why": type(error).__name__})

    @contextmanager
    def letting_go(self, held: Held, *, forgives: type[PisarError] | tuple[()] = ()) -> Iterator[None]:
        """Release the job's lease if the block raises anything, so that the next try need not wait for its end; then raise it again.

        A try that ends with an error of the type `forgives` does not count. After a block that does not raise the lease stays as it is.
        """
        try:
            yield
        except BaseException as error:
            self.release(held, counts=not isinstance(error, forgives))
            raise

    def killed(self, job_id: str, *, pid: int) -> None:
        """Note that the kernel ended the process of this machine that held the job, and release the job's lease in its place.

        `pid`: the process's number. Changes nothing where another process holds the job. Raises Missing, Busy, Unavailable.
        """
        process = _process(pid)
        self._move(job_id, lambda job: jobs.killed(job) if job.lease and job.lease.owner.startswith(process) else None)

    def advance(self, job_id: str, progress: float) -> Job | None:
        """Note the share of a cut recording that is done and return its record; None if the share is no larger. Raises Busy, Missing."""
        held = self._move(job_id, lambda job: jobs.advance(job, progress))
        return held.job if held else None

    def follow(self, job_id: str, newest: str) -> None:
        """Note the id of the newest job of the same recording. Idempotent. Raises Busy, Missing."""
        self._move(job_id, lambda job: jobs.follow(job, newest))

    def finish(self, held: Held, outcome: Outcome, reason: str | None = None, message: str | None = None) -> Held:
        """Write the job's final record. Raises Busy if another has taken the job."""
        return self.write(held, jobs.finish(held.job, outcome, reason, message=message, now=self._clock.now()))

    def cancel(self, job_id: str) -> Job:
        """Cancel the job at its owner's word, whoever works on it: the holder's next write fails. Idempotent.

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
    """Return the prefix of the lease owners' names that all tries in one process of this machine share."""
    return f"{gethostname()}:{pid}:"


def _held(version: Version[Job]) -> Held:
    return Held(version.value, version.etag or "")
