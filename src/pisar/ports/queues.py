"""Queues: where jobs wait for a worker, and how many wait."""

from dataclasses import dataclass
from typing import Protocol

from pisar.domain.deployments import Queue
from pisar.domain.jobs import JobMessage


class JobQueue(Protocol):
    """Where jobs wait for a worker, at least once and in no promised order."""

    def put(self, message: JobMessage) -> None:
        """Queue the job. Repeating queues it again."""


class Queues(Protocol):
    """Queues looked at from outside."""

    def look(self, name: str) -> Queue:
        """Return how a queue is set and what waits in it; raise Missing where there is none."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages wait in a queue, and how many somebody holds; None where that can't be learned, or there is no such queue."""

    name: str
    waiting: int | None = None
    held: int | None = None


class Depths(Protocol):
    """All the queues of a deployment, looked at from outside."""

    def look(self) -> tuple[Depth, ...]:
        """Return what is in each queue now. The numbers of SQS are approximate."""
