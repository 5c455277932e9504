"""Finds unfinished jobs that no message of Redis names any more, and queues them again.

Redis hands a message over and forgets it before the worker has noted that it holds it. A worker that is killed in that moment takes the
message with it (kombu's BRPOP; measured, three of 500 on a busy machine with a worker killed every 20 s). So a job is noted in the bucket
when it is queued, and a worker looks from time to time for noted jobs without a message. A message that waits in a queue, or that a worker
holds back until a later try, is not lost: a second one would be tried besides it, again and again.
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
"""How long a job must have been queued before it can count as lost; besides, two looks must find no message and no holder."""


class NotedQueue:
    """A JobQueue that notes each job in storage before it is queued."""

    def __init__(self, queue: JobQueue, store: ObjectStore) -> None:
        self._queue = queue
        self._store = store

    def put(self, message: JobMessage) -> None:
        """Note the job and queue it. Repeating queues it again."""
        self._store.put(f"{QUEUED}{message.job_id}", b"")
        self._queue.put(message)


class Stranded:
    """Looks for jobs that are noted as queued but are in no queue. For one thread.

    `named`: returns the ids of the jobs in the broker's messages, waiting or held by a worker; None when there are too many to list.
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
        """Queue lost jobs again, and erase the notes of finished ones. Raises Unavailable."""
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
        """Say whether a worker holds the job, or the job waits for its parts, each of which is noted by itself."""
        if job.lease is not None and job.lease.until > self._clock.now():
            return True
        if job.parts is None:
            return False
        try:
            ledger = self._parts.ledger(job.id)
        except OverError:
            return False
        return ledger.starts is not None and not ledger.complete
