"""The waiting list of jobs: it tells each job its position, and bounds how many jobs may wait.

A queue does not tell its order, so every waiting job has an empty object whose name begins with the time the job was made. An object that a
crash left behind takes up a place until it is erased by age.
"""

from itertools import islice

from pisar.domain.bucket import LINE
from pisar.domain.jobs import Job
from pisar.errors import Busy, Rejected, Rejection
from pisar.ports.storage import ObjectStore

MAX_COUNTED = 1000
"""How many waiting jobs are counted at most, one page of a listing; a job farther back is told this number."""


class LineFullError(Busy):
    """The waiting list is full, and the source gives the file again by itself until there is room."""


class Line:
    """The waiting list."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def join(self, job: Job, *, at_most: int) -> None:
        """Add the job to the waiting list. Idempotent. Raises Rejected(QUEUE_FULL) where more than `at_most` jobs would wait.

        The job is added before the jobs are counted, so that of several that join at once, by whatever door, each count includes the
        others.
        """
        self._store.put(_key(job), b"")
        if sum(1 for _ in islice(self._store.keys(LINE), at_most + 1)) > at_most:
            self.leave(job)
            raise Rejected(Rejection.QUEUE_FULL, {"waiting": at_most})

    def leave(self, job: Job) -> None:
        """Remove the job from the waiting list. Idempotent."""
        self._store.delete(_key(job))

    def length(self) -> int:
        """Return how many jobs wait, MAX_COUNTED at most."""
        return sum(1 for _ in islice(self._store.keys(LINE), MAX_COUNTED))

    def oldest_seconds(self, *, now: float) -> float:
        """Return the seconds for which the first job has waited, 0 where none waits."""
        first = next(iter(self._store.keys(LINE)), None)
        return 0.0 if first is None else max(0.0, now - int(first.removeprefix(LINE).partition("-")[0]) / 1000)

    def ids(self) -> list[str]:
        """Return the ids of the jobs that wait, in order, MAX_COUNTED at most."""
        return [key.rpartition("-")[2] for key in islice(self._store.keys(LINE), MAX_COUNTED)]

    def place(self, job: Job) -> int | None:
        """Return the number of jobs before this one, None if this one is not on the list."""
        own = _key(job)
        before = 0
        for key in islice(self._store.keys(LINE), MAX_COUNTED + 1):
            if key == own:
                return before
            if key > own:
                return None
            before += 1
        return MAX_COUNTED if before > MAX_COUNTED else None


def _key(job: Job) -> str:
    return f"{LINE}{int(1000 * job.created_at):013}-{job.id}"
