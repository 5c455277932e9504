"""Jobs whose message a broker has lost, queued again.

Redis hands a message over and forgets it before the worker that it went to has noted that it holds it: a worker killed in that moment
takes the message along (kombu's BRPOP; measured, three of 500 on a busy machine with a worker killed every 20 s). So whoever queues a job
notes it beside, and somebody looks from time to time. Looking decides nothing: a job queued once too often is found held or finished.
"""

import logging
from collections.abc import Callable

from pisar.domain.jobs import CURRENT_JOB_ID, Job, JobMessage, State
from pisar.errors import Missing
from pisar.flows.parts import OverError, Parts
from pisar.flows.records import Records
from pisar.ports import Clock, JobQueue, ObjectStore

log = logging.getLogger(__name__)

PREFIX = "queued/"

PATIENCE_SECONDS = 60.0
"""So long after it was queued a job that nobody holds, while nothing waits in the queues, is taken for lost. What a worker holds back
until a later try is too, and is then tried once more than it would have been."""


class NotedQueue:
    """Plays JobQueue: notes in storage what goes on a queue."""

    def __init__(self, queue: JobQueue, store: ObjectStore) -> None:
        self._queue = queue
        self._store = store

    def put(self, message: JobMessage) -> None:
        """Note the job and queue it. Repeating queues it again."""
        self._store.put(f"{PREFIX}{message.job_id}", b"")
        self._queue.put(message)


class Stranded:
    """Looks for jobs that are noted as queued and in no queue. `waiting`: how many messages wait in the queues. For one thread."""

    def __init__(
        self, *, store: ObjectStore, records: Records, parts: Parts, queue: JobQueue, clock: Clock, waiting: Callable[[], int]
    ) -> None:
        self._store = store
        self._records = records
        self._parts = parts
        self._queue = queue
        self._clock = clock
        self._waiting = waiting

    def look(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Queue again what is lost, forget what is finished. Raises Unavailable."""
        noted = [entry for entry in self._store.entries(PREFIX) if entry.written_at + PATIENCE_SECONDS <= self._clock.now()]
        if not noted or self._waiting():
            return
        for entry in noted:
            if stopping():
                return
            job_id = entry.key.removeprefix(PREFIX)
            CURRENT_JOB_ID.set(job_id)
            try:
                job = self._records.find(job_id).job
            except Missing:
                job = None
            if job is None or job.state is State.FINISHED:
                self._store.delete(entry.key)
            elif not self._is_at_hand(job):
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
