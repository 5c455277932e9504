"""Builds Celery's broker from its settings."""

from functools import cached_property

from pisar.adapters.boto import region
from pisar.adapters.celery_depths import CeleryDepths
from pisar.adapters.celery_queue import BrokerPlan, CeleryCallbackQueue, CeleryJobQueue, Role, celery_application
from pisar.adapters.message_queue import SqsQueues
from pisar.owner.status import NamedQueues
from pisar.ports.queues import Depths, JobQueue
from pisar.ports.storage import ObjectStore
from pisar.wiring import settings
from pisar.work.lost_messages import NotedQueue


class CeleryBroker:
    """The broker, and the Celery application that uses it. `role`: a worker's role, None for a process that only sends.

    Raises Misconfigured.
    """

    def __init__(self, broker: settings.Broker, role: Role | None = None) -> None:
        self.plan = BrokerPlan(
            broker_url=broker.url.reveal(),
            results_url=broker.results_url.reveal() if broker.results_url else "",
            limit_seconds={
                Role.ERRANDS: broker.errand_seconds,
                Role.VOICE: broker.voice_seconds,
                Role.LECTURES: broker.lecture_seconds,
            },
            visibility_seconds=broker.visibility_seconds,
            region=region(),
        )
        self.app = celery_application(self.plan, role) if role else celery_application(self.plan)

    def jobs(self, store: ObjectStore) -> JobQueue:
        """Return the queue of jobs; jobs that go to Redis, which may lose them, are noted in the store."""
        jobs: JobQueue = CeleryJobQueue(self.app, self.plan)
        return NotedQueue(jobs, store) if self.plan.is_redis else jobs

    @cached_property
    def callbacks(self) -> CeleryCallbackQueue:
        """The queue of callbacks."""
        return CeleryCallbackQueue(self.app, self.plan)

    @cached_property
    def depths(self) -> Depths:
        """Reads the depths of the queues."""
        if self.plan.is_rabbitmq or self.plan.is_redis:
            return CeleryDepths(self.app, self.plan)
        return NamedQueues(SqsQueues(), [role.queue for role in Role])
