"""Celery's queues and application, made from their settings."""

from collections.abc import Mapping

from celery import Celery

from pisar.adapters.boto import region
from pisar.adapters.celery_depths import CeleryDepths
from pisar.adapters.celery_queue import BrokerPlan, CeleryCallbackQueue, CeleryJobQueue, Role, celery_application
from pisar.adapters.message_queue import SqsQueues
from pisar.adapters.object_storage import S3ObjectStore
from pisar.owner.status import NamedQueues
from pisar.ports.queues import Depths, JobQueue
from pisar.ports.storage import ObjectStore
from pisar.wiring import settings
from pisar.wiring.queues import Queues
from pisar.work.lost_messages import NotedQueue


def broker_plan(broker: settings.Broker) -> BrokerPlan:
    """Return where the broker is, and what each role may take."""
    return BrokerPlan(
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


def queues(environment: Mapping[str, str]) -> Queues:
    """Return the queues of the broker for somebody who only sends; raise Misconfigured."""
    broker, storage = settings.read(environment, settings.Broker, settings.Storage)
    plan = broker_plan(broker)
    return queues_over(celery_application(plan), plan, S3ObjectStore(storage.bucket))


def queues_over(app: Celery, plan: BrokerPlan, store: ObjectStore) -> Queues:
    """Return the queues of the broker; what goes to Redis, which may lose it, is noted in the store."""
    jobs: JobQueue = CeleryJobQueue(app, plan)
    return Queues(NotedQueue(jobs, store) if plan.is_redis else jobs, CeleryCallbackQueue(app, plan))


def depths(environment: Mapping[str, str]) -> Depths:
    """Return what looks at the queues of the broker; raise Misconfigured."""
    (broker,) = settings.read(environment, settings.Broker)
    plan = broker_plan(broker)
    app = celery_application(plan)
    if plan.is_rabbitmq or plan.is_redis:
        return CeleryDepths(app, plan)
    return NamedQueues(SqsQueues(), [role.queue for role in Role])
