"""An accepted job takes its place among those that wait, and goes on the queue: the same for every door.

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
    """Where jobs wait for a worker. `max_waiting`: how many at most."""

    def __init__(self, *, records: Records, store: ObjectStore, queue: JobQueue, max_waiting: int) -> None:
        self.max_waiting = max_waiting
        self._records = records
        self._queue = queue
        self._line = Line(store)

    def join(self, job: Job) -> None:
        """Give the job a place; once more is fine. Raises Rejected(QUEUE_FULL) where one too many would wait."""
        self._line.join(job, at_most=self.max_waiting)

    def put(self, held: Held) -> None:
        """Put a job that has a place on the queue, and note that on its record. Repeating queues it again."""
        self._queue.put(JobMessage(held.job.id))
        log.info("queued")
        self._records.enqueued(held)
