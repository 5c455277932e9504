"""Shows what is going on now: messages in the queues, workers, unfinished jobs. Changes nothing; a system that does not answer is noted.

A look is bounded. The records of finished jobs stay in the bucket, so reading all records would cost a request for each. The unfinished
jobs are found by what names them: the workers (their jobs in hand, or those at their last beat), the waiting list, in order, and the
ledgers of long recordings. Only `everything` finds the others, and it reads MAX_READ records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from pisar.domain.bucket import DEAD_LETTERS, JOBS
from pisar.domain.jobs import Job, State
from pisar.domain.workers import Presence
from pisar.errors import Missing, PisarError, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.queues import Depth, Depths, Queues
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records
from pisar.state.waiting_jobs import MAX_COUNTED, Line
from pisar.state.worker_presence import KEPT_SECONDS, presences
from pisar.work import parts

SHOWN_WAITING = 20
SHOWN_LONG = 20
MAX_READ = 1000
"""How many records `everything` reads: a request for each."""

MAX_LETTERS = 1000
"""How many kept dead letters are counted: one page of a listing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An unfinished job, its place on the waiting list (0: next, None: not on it), and the workers that have it in hand."""

    job: Job
    place: int | None = None
    workers: tuple[str, ...] = ()

    def has_lost_its_worker(self, now: float) -> bool:
        """Say whether the job's lease has run out before the job was done: the queue will give it to another worker."""
        return self.job.state is State.WORKING and (self.job.lease is None or self.job.lease.until < now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a deployment at a time (Unix seconds).

    `depths` is None where there are no queues to look at, or they did not answer. `waiting`: the length of the waiting list, MAX_COUNTED at
    most. `dead_letters`: the number of unreadable messages kept for the owner, MAX_LETTERS at most. `cut_short`: there were more records
    than `everything` reads. `problems`: why the queues or the store did not answer.
    """

    at: float
    depths: tuple[Depth, ...] | None = None
    workers: tuple[Presence, ...] = ()
    jobs: tuple[Seen, ...] = ()
    waiting: int = 0
    dead_letters: int = 0
    cut_short: bool = False
    problems: Mapping[Literal["queues", "store"], str] = field(default_factory=dict)

    @property
    def waiting_at_least(self) -> bool:
        """Say whether more jobs may wait than were counted."""
        return self.waiting >= MAX_COUNTED

    @property
    def oldest_waiting_seconds(self) -> float | None:
        """Return the seconds for which the first waiting job has waited, from the waiting list: no broker tells its messages' age."""
        return max((self.at - one.job.created_at for one in self.jobs if one.place is not None), default=None)

    @property
    def left_out(self) -> int:
        """Return how many waiting jobs are not among `jobs`."""
        return self.waiting - sum(one.place is not None for one in self.jobs)


class Overview:
    """Looks at a deployment. `depths` is None where no queues are known."""

    def __init__(self, store: ObjectStore, clock: Clock, depths: Depths | None) -> None:
        self._store = store
        self._clock = clock
        self._depths = depths
        self._records = Records(store, clock)
        self._line = Line(store)

    def look(self, *, everything: bool = False) -> Status:
        """Return the deployment's state now; with `everything`, read up to MAX_READ records as well."""
        now = self._clock.now()
        problems: dict[Literal["queues", "store"], str] = {}
        depths: tuple[Depth, ...] | None = None
        workers: tuple[Presence, ...] = ()
        jobs: tuple[Seen, ...] = ()
        waiting: Sequence[str] = ()
        records: Sequence[str] = ()
        letters = 0
        try:
            depths = self._depths.look() if self._depths else None
        except PisarError as error:
            problems["queues"] = str(error)
        try:
            workers = tuple(one for one in presences(self._store) if now - one.beat_at <= KEPT_SECONDS)
            waiting = self._line.ids()
            letters = sum(1 for _ in islice(self._store.keys(DEAD_LETTERS), MAX_LETTERS))
            records = list(islice(self._store.keys(JOBS), MAX_READ + 1)) if everything else ()
            jobs = tuple(self._in_flight(workers, waiting, records[:MAX_READ], now))
        except PisarError as error:
            problems["store"] = str(error)
        return Status(
            at=now,
            depths=depths,
            workers=workers,
            jobs=jobs,
            waiting=len(waiting),
            dead_letters=letters,
            cut_short=len(records) > MAX_READ,
            problems=problems,
        )

    def _in_flight(self, workers: Iterable[Presence], waiting: Sequence[str], records: Sequence[str], now: float) -> Iterable[Seen]:
        hands: dict[str, tuple[str, ...]] = {}
        for one in workers:
            for this in one.job_ids:
                # Who is gone has nothing in hand, but what it had is nobody's until the queue gives it to another.
                hands[this] = (*hands.get(this, ()), *(() if one.is_gone(now) else (one.name,)))
        places = {this: place for place, this in enumerate(waiting)}
        long = islice(parts.under_way(self._store), SHOWN_LONG)
        read = (key.removeprefix(JOBS).removesuffix(".json") for key in records)
        for this in dict.fromkeys((*hands, *long, *waiting[:SHOWN_WAITING], *read)):
            try:
                job = self._records.find(this).job
            except (Missing, Unreadable):  # erased meanwhile, or nobody can work on it
                continue
            if job.state is not State.FINISHED:
                yield Seen(job=job, place=places.get(this), workers=hands.get(this, ()))


class NamedQueues:
    """Port Depths over queues known by their names. After each queue its dead-letter queue is looked at."""

    def __init__(self, queues: Queues, names: Sequence[str]) -> None:
        self._queues = queues
        self._names = names

    def look(self) -> tuple[Depth, ...]:
        """Return the depth of each queue; a missing queue has no numbers."""
        found = []
        names = list(self._names)
        for name in names:
            try:
                queue = self._queues.look(name)
            except Missing:
                found.append(Depth(name))
                continue
            found.append(Depth(name, queue.waiting, queue.held))
            if queue.dead_letters and queue.dead_letters not in names:
                names.append(queue.dead_letters)
        return tuple(found)
