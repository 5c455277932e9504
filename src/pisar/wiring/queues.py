"""The queues that doors put jobs and callbacks on: Message Queue's, unless a builder is handed others."""

from collections.abc import Mapping
from dataclasses import dataclass

from pisar.adapters.message_queue import SqsCallbackQueue, SqsJobQueue
from pisar.answers.callbacks import Announcements
from pisar.ports.callbacks import CallbackQueue
from pisar.ports.queues import JobQueue
from pisar.wiring import settings


@dataclass(frozen=True, slots=True)
class Queues:
    """Where jobs go, and callbacks, if there are any."""

    jobs: JobQueue
    callbacks: CallbackQueue | None

    @property
    def announcements(self) -> Announcements:
        """What announces finished jobs; without a queue of callbacks nothing does."""
        return Announcements(self.callbacks)


def broker_queues(environment: Mapping[str, str]) -> Queues | None:
    """Return the queues of Celery's broker, None where no broker is set; raise Misconfigured."""
    if not environment.get("PISAR_BROKER_URL"):
        return None
    from pisar.wiring.celery import queues  # noqa: PLC0415 - celery, which what runs in the cloud does not have

    return queues(environment)


def message_queue(queue: settings.Queue, callbacks: settings.Callbacks) -> Queues:
    """Return the queues of Message Queue, or of anything that speaks SQS."""
    return Queues(message_queue_of_jobs(queue), callback_queue(callbacks))


def message_queue_of_jobs(queue: settings.Queue) -> SqsJobQueue:
    """Return Message Queue's queue of jobs."""
    return SqsJobQueue(queue.queue_url)


def callback_queue(callbacks: settings.Callbacks) -> SqsCallbackQueue | None:
    """Return Message Queue's queue of callbacks, if one is set."""
    return SqsCallbackQueue(callbacks.queue_url) if callbacks.queue_url else None
