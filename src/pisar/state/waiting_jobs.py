"""The waiting list of jobs: each can be told its place in line, and no more wait than the owner allows.

A queue does not tell its order, so every waiting job has an empty object whose name begins with the time the job was made. A name left
behind by a crash takes up a place until it is erased by age.
"""

from itertools import islice

from pisar.domain.bucket import LINE
from pisar.domain.jobs import Job
from pisar.errors import Busy, Rejected, Rejection
from pisar.ports.storage import ObjectStore

MAX_COUNTED = 1000
"""One page of a listing. Whoever stands farther back is told this number."""


class LineFullError(Busy):
    """There is no place in line for what comes again by itself until there is."""


class Line:
    """The waiting jobs."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def join(self, job: Job, *, at_most: int) -> None:
        """Let the job stand in line; once more is fine. Raises Rejected(QUEUE_FULL) where more than `at_most` would wait then.

        The line is counted with the job in it, so that of those who join at once each sees the others, whatever door they come by.
        """
        self._store.put(_key(job), b"")
        if sum(1 for _ in islice(self._store.keys(LINE), at_most + 1)) > at_most:
            self.leave(job)
            raise Rejected(Rejection.QUEUE_FULL, {"waiting": at_most})

    def leave(self, job: Job) -> None:
        """Take the job out of the line; once more is fine."""
        self._store.delete(_key(job))

    def length(self) -> int:
        """Return how many jobs wait, MAX_COUNTED at most."""
        return sum(1 for _ in islice(self._store.keys(LINE), MAX_COUNTED))

    def oldest_seconds(self, *, now: float) -> float:
        """Return how long the first in line has waited, 0 where nobody waits."""
        first = next(iter(self._store.keys(LINE)), None)
        return 0.0 if first is None else max(0.0, now - int(first.removeprefix(LINE).partition("-")[0]) / 1000)

    def ids(self) -> list[str]:
        """Return the ids of the jobs that wait, in order, MAX_COUNTED at most."""
        return [key.rpartition("-")[2] for key in islice(self._store.keys(LINE), MAX_COUNTED)]

    def place(self, job: Job) -> int | None:
        """Return how many jobs stand before this one, None if it does not stand in line."""
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
