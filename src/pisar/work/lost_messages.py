"""Jobs whose message a broker has lost, queued again.

Redis hands a message over and forgets it before the worker that it went to has noted that it holds it: a worker killed in that moment
takes the message along (kombu's BRPOP; measured, three of 500 on a busy machine with a worker killed every 20 s). So whoever queues a job
notes it beside, and somebody looks from time to time. A job whose message waits, in a queue or in the hands of a worker that holds it back
until a later try, is not lost: a second message would be tried besides the first, and each of them for ever in its own time.
"""

import logging
from collections.abc import Callable

from pisar.domain.bucket import QUEUED
from pisar.domain.jobs import CURRENT_JOB_ID, Job, JobMessage, State
from pisar.errors import Missing
from pisar.ports.clock import Clock
from pisar.ports.queues import JobQueue
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records
from pisar.work.parts import OverError, Parts

log = logging.getLogger(__name__)


PATIENCE_SECONDS = 60.0
"""So long after it was queued a job that nobody holds, and that no message at the broker names at two looks, is taken for lost."""


class NotedQueue:
    """Plays JobQueue: notes in storage what goes on a queue."""

    def __init__(self, queue: JobQueue, store: ObjectStore) -> None:
        self._queue = queue
        self._store = store

    def put(self, message: JobMessage) -> None:
        """Note the job and queue it. Repeating queues it again."""
        self._store.put(f"{QUEUED}{message.job_id}", b"")
        self._queue.put(message)


class Stranded:
    """Looks for jobs that are noted as queued and in no queue. For one thread.

    `named`: the ids of the jobs that the broker's messages name, waiting or held by a worker; None when there are too many to say.
    """

    def __init__(
        self,
        *,
        store: ObjectStore,
        records: Records,
        parts: Parts,
        queue: JobQueue,
        clock: Clock,
        named: Callable[[], frozenset[str] | None],
    ) -> None:
        self._store = store
        self._records = records
        self._parts = parts
        self._queue = queue
        self._clock = clock
        self._named = named
        self._missed: frozenset[str] = frozenset()

    def look(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Queue again what is lost, forget what is finished. Raises Unavailable."""
        noted = [entry for entry in self._store.entries(QUEUED) if entry.written_at + PATIENCE_SECONDS <= self._clock.now()]
        named = self._named() if noted else None
        if named is None:
            return
        # Twice: between the list it was taken from and the hash of what is held, a message is in neither for a moment.
        missed_before, self._missed = self._missed, frozenset(entry.key.removeprefix(QUEUED) for entry in noted) - named
        for entry in noted:
            if stopping():
                return
            job_id = entry.key.removeprefix(QUEUED)
            CURRENT_JOB_ID.set(job_id)
            try:
                job = self._records.find(job_id).job
            except Missing:
                job = None
            if job is None or job.state is State.FINISHED:
                self._store.delete(entry.key)
            elif job_id in self._missed & missed_before and not self._is_at_hand(job):
                log.warning("its message was lost: queued again")
                self._queue.put(JobMessage(job_id))
        CURRENT_JOB_ID.set(None)

    def _is_at_hand(self, job: Job) -> bool:
        """Say whether somebody works on the job, or it waits for its parts, each of which is noted by itself."""
        if job.lease is not None and job.lease.until > self._clock.now():
            return True
        if job.parts is None:
            return False
        try:
            ledger = self._parts.ledger(job.id)
        except OverError:
            return False
        return ledger.starts is not None and not ledger.complete
