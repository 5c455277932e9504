"""Puts an accepted job on the waiting list and on the queue; the same for every door.

The audio is stored before the job is queued, and the job is queued before its record says so.
"""

import logging

from pisar.domain.jobs import Job, JobMessage
from pisar.ports.queues import JobQueue
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Held, Records
from pisar.state.waiting_jobs import Line

log = logging.getLogger(__name__)


class Queueing:
    """The waiting list and the queue of jobs. `max_waiting`: how many jobs may wait."""

    def __init__(self, *, records: Records, store: ObjectStore, queue: JobQueue, max_waiting: int) -> None:
        self.max_waiting = max_waiting
        self._records = records
        self._queue = queue
        self._line = Line(store)

    def join(self, job: Job) -> None:
        """Put the job on the waiting list. Idempotent. Raises Rejected(QUEUE_FULL) where more than `max_waiting` jobs would wait."""
        self._line.join(job, at_most=self.max_waiting)

    def put(self, held: Held) -> None:
        """Put a job of the waiting list on the queue, and note that on its record. Repeating queues it again."""
        self._queue.put(JobMessage(held.job.id))
        log.info("queued")
        self._records.enqueued(held)
