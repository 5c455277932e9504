"""Queues of jobs, and how many messages wait in them."""

from dataclasses import dataclass
from typing import Protocol

from pisar.domain.deployments import Queue
from pisar.domain.jobs import JobMessage


class JobQueue(Protocol):
    """The queue of jobs; it delivers each at least once and in no promised order."""

    def put(self, message: JobMessage) -> None:
        """Queue the job. Repeating queues it again."""


class Queues(Protocol):
    """Reads the state of queues by name."""

    def look(self, name: str) -> Queue:
        """Return a queue's settings and how many messages it has; raise Missing where there is no such queue."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages of a queue wait, and how many are in flight; None where that can't be learned or there is no such queue."""

    name: str
    waiting: int | None = None
    held: int | None = None


class Depths(Protocol):
    """Reads how many messages are in each queue of a deployment."""

    def look(self) -> tuple[Depth, ...]:
        """Return the current depth of each queue. The numbers of SQS are approximate."""
