"""Celery's brokers (RabbitMQ, Redis, SQS) behind ports JobQueue and CallbackQueue, and the application that workers share.

A job travels as a chain of three tasks, fetch → transcribe_audio → answer. Each message names the job and nothing else; what the
fetch found, which lane the recording belongs in, decides the queue of the task after it. A message that is delivered twice does no
harm: the job's record is the guard.

- RabbitMQ: quorum queues, publisher confirms, delays by the broker itself, and an exchange for messages that were delivered too often.
- Redis and SQS: a message that a worker holds comes back after `visibility_seconds`, which must exceed the time limit of its lane.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from celery import Celery, chain
from celery.exceptions import CeleryError
from kombu import Exchange, Queue
from kombu.exceptions import KombuError
from kombu.transport.native_delayed_delivery import (
    bind_queue_to_native_delayed_delivery_exchange,
    declare_native_delayed_delivery_exchanges_and_queues,
)

from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage, Lane
from pisar.errors import Misconfigured, Unavailable

FETCH, TRANSCRIBE_AUDIO, ANSWER, CALL_BACK, GIVE_UP = (
    f"pisar.{name}" for name in ("fetch", "transcribe_audio", "answer", "call_back", "give_up")
)

DEAD = "pisar-dead"
"""RabbitMQ's queue of messages that it gave up on."""

MAX_BROKER_DELIVERIES = 20
"""A message that brings down its worker this often is given up by RabbitMQ; the job's own count of tries ends sooner."""

PUBLISH_SECONDS = 10
"""How long a broker may take to say that it has a message, before the put counts as failed."""

VISIBILITY_FACTOR = 1.2

_EXCHANGE = Exchange("pisar", type="topic")  # the broker's own delays need an exchange with patterns
_DEAD_EXCHANGE = Exchange(DEAD, type="fanout")


class Role(StrEnum):
    """Which queue a worker serves: small things, voice messages, or recordings that take long."""

    ERRANDS = "errands"
    VOICE = "voice"
    LECTURES = "lectures"

    @property
    def queue(self) -> str:
        """The name of the queue, which every broker takes."""
        return f"pisar-{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerPlan:
    """Where the broker is, and how long a task of each role may take.

    `broker_url`: amqp://, amqps://, redis://, rediss:// or sqs://; with `sqs://` alone, address and keys are boto3's own.
    `results_url`: redis://, rediss://, rpc:// or nothing. `visibility_seconds`: 0 for a fifth above the limit of the role.
    """

    broker_url: str
    results_url: str = ""
    limit_seconds: Mapping[Role, float]
    visibility_seconds: float = 0.0
    region: str = "ru-central1"

    @property
    def scheme(self) -> str:
        """The broker's kind, as its URL says it."""
        return urlsplit(self.broker_url).scheme

    @property
    def is_rabbitmq(self) -> bool:
        """Say whether the broker is RabbitMQ."""
        return self.scheme in {"amqp", "amqps"}

    @property
    def is_redis(self) -> bool:
        """Say whether the broker is Redis."""
        return self.scheme in {"redis", "rediss"}

    def visibility(self, role: Role) -> int:
        """Return for how long a message that a worker of the role holds is hidden from the others, in whole seconds."""
        return max(1, round(self.visibility_seconds or VISIBILITY_FACTOR * self.limit_seconds[role]))

    def longest_wait_seconds(self, role: Role) -> float:
        """Return for how long a message may be held back until a later try; RabbitMQ does that itself.

        Elsewhere a worker holds it meanwhile. Once that outlasts its visibility another gets it too, and there are two of it from then on.
        """
        return math.inf if self.is_rabbitmq else self.visibility(role) / VISIBILITY_FACTOR


BROKERS = ("amqp", "amqps", "redis", "rediss", "sqs")
RESULTS = ("redis", "rediss", "rpc")


def celery_application(plan: BrokerPlan, role: Role | None = None) -> Celery:
    """Return the application of a worker of that role, or of somebody who only sends. Nothing is connected yet; raises Misconfigured."""
    if plan.scheme not in BROKERS:
        raise Misconfigured(f"PISAR_BROKER_URL begins with {plan.scheme}://, and one of {', '.join(BROKERS)} was expected")
    if plan.results_url and urlsplit(plan.results_url).scheme not in RESULTS:
        raise Misconfigured(f"PISAR_RESULTS_URL is none of {', '.join(RESULTS)}; empty: results are not kept")
    app = Celery("pisar", broker=plan.broker_url, backend=_backend(plan.results_url), set_as_current=False)
    if role is not None and not plan.is_rabbitmq:
        app.conf.broker_transport = f"pisar.adapters.celery_{'redis' if plan.is_redis else 'sqs'}:Transport"
    app.conf.update(
        worker_consumer="pisar.adapters.celery_malformed:SturdyConsumer",
        task_queues=[_queue(plan, one) for one in Role],
        task_default_queue=Role.ERRANDS.queue,
        task_default_exchange=_EXCHANGE.name,
        task_default_exchange_type=_EXCHANGE.type,
        task_default_routing_key=Role.ERRANDS.queue,
        task_routes=(_route,),
        task_serializer="json",
        accept_content=["json"],
        result_serializer="json",
        result_expires=24 * 3600,
        task_acks_late=True,  # a message is done with when its work is
        task_reject_on_worker_lost=True,
        task_acks_on_timeout=False,  # a task that had to be killed is tried again; the job's record counts the tries
        task_publish_retry_policy={"max_retries": 3, "interval_start": 0, "interval_step": 0.3, "interval_max": 1},
        worker_prefetch_multiplier=1,  # who works on one thing holds back no other
        worker_hijack_root_logger=False,  # the logs are ours, a JSON object a line
        worker_redirect_stdouts=False,
        worker_enable_remote_control=plan.scheme != "sqs",  # it would poll, and pay for, a queue for each worker
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a broker that is away comes back
        broker_heartbeat=30,
        broker_transport_options=_transport_options(plan, role),
        redis_socket_timeout=PUBLISH_SECONDS,
        redis_socket_connect_timeout=PUBLISH_SECONDS,
        redis_backend_health_check_interval=25,
        result_backend_transport_options={"retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "timeout": 2.0}},
    )
    return app


def _backend(results_url: str) -> str | None:
    if not results_url:
        return None
    kind = "RpcResults" if results_url.startswith("rpc") else "RedisResults"
    return f"pisar.adapters.celery_results.{kind}+{results_url}"


def _queue(plan: BrokerPlan, role: Role) -> Queue:
    arguments = None
    if plan.is_rabbitmq:
        arguments = {"x-queue-type": "quorum", "x-delivery-limit": MAX_BROKER_DELIVERIES, "x-dead-letter-exchange": _DEAD_EXCHANGE.name}
    return Queue(role.queue, _EXCHANGE, routing_key=role.queue, queue_arguments=arguments)


def _transport_options(plan: BrokerPlan, role: Role | None) -> dict[str, Any]:
    if plan.is_rabbitmq:
        quick = {} if role else {"read_timeout": PUBLISH_SECONDS, "write_timeout": PUBLISH_SECONDS}
        return {"confirm_publish": True, "connect_timeout": PUBLISH_SECONDS, **quick}
    visibility = {} if role is None else {"visibility_timeout": plan.visibility(role)}
    if not plan.is_redis:
        return {"region": plan.region, "wait_time_seconds": 10, "polling_interval": 0.1, **visibility}
    keys = {}
    if role:
        # What a role's workers hold stands in a list of its own, for whoever looks for overdue messages goes by its own limit.
        keys = {"unacked_key": f"{role.queue}-unacked", "unacked_index_key": f"{role.queue}-unacked-index"}
        keys |= {"unacked_mutex_key": f"{role.queue}-unacked-mutex"}
    looking = {"unacked_restore_interval": 5, "unacked_restore_throttle": 1}  # else a message that is overdue waits 100 s more
    # No time limit on a worker's socket: it waits for messages there.
    quick = {} if role else {"socket_timeout": PUBLISH_SECONDS}
    alive = {"socket_connect_timeout": PUBLISH_SECONDS, "socket_keepalive": True, "health_check_interval": 25}
    return {**visibility, **keys, **looking, **quick, **alive}


def _route(name: str, args: Any, kwargs: Any, options: Any, task: Any = None, **_: Any) -> dict[str, str]:
    """Return the queue of a task: a transcription's is named by what the fetch before it found."""
    del kwargs, options, task
    role = Role.ERRANDS
    if name == TRANSCRIBE_AUDIO:
        role = Role.LECTURES if args and args[0] == Lane.LECTURE.value else Role.VOICE
    return {"queue": role.queue}


def declare(app: Celery, plan: BrokerPlan, *, patiently: bool = False) -> None:
    """Make the queues, so that what is sent before any worker has started is kept. Once more changes nothing.

    Raises Unavailable for a broker that does not answer, after a second or, patiently, twelve.
    """
    waits = {"interval_start": 2, "interval_step": 2} if patiently else {"interval_start": 0, "interval_step": 0.3}
    with our_errors(), app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=3, timeout=PUBLISH_SECONDS, **waits)
        channel: Any = connection.default_channel
        if plan.is_rabbitmq:
            dead_letters(plan)(channel).declare()
            declare_native_delayed_delivery_exchanges_and_queues(connection, "quorum")
        for role in Role:
            if not (plan.is_rabbitmq or plan.is_redis):
                channel.visibility_timeout = plan.visibility(role)  # an attribute of the queue that is made
            _queue(plan, role)(channel).declare()
            if plan.is_rabbitmq:
                bind_queue_to_native_delayed_delivery_exchange(connection, _queue(plan, role)(channel))


def dead_letters(plan: BrokerPlan) -> Queue:
    """Return RabbitMQ's queue of messages that it gave up on."""
    arguments = {"x-queue-type": "quorum"} if plan.is_rabbitmq else None
    return Queue(DEAD, _DEAD_EXCHANGE, queue_arguments=arguments)


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn what the broker's clients raise into Unavailable; no URL, which holds a password, comes out."""
    try:
        yield
    except (KombuError, CeleryError, OSError) as error:
        raise Unavailable(f"the broker does not answer: {type(error).__name__}") from None
    except Exception as error:
        if not isinstance(error, _recoverable()):
            raise
        raise Unavailable(f"the broker does not answer: {type(error).__name__}") from None


def _recoverable() -> tuple[type[BaseException], ...]:
    # What the clients of each broker raise for a broker that is down; kombu does not always wrap it.
    import amqp.exceptions  # noqa: PLC0415 - these are only needed when something failed
    import botocore.exceptions  # noqa: PLC0415
    import redis.exceptions  # noqa: PLC0415

    return (
        amqp.exceptions.AMQPError,
        redis.exceptions.RedisError,
        botocore.exceptions.BotoCoreError,
        botocore.exceptions.ClientError,
    )


class _CeleryQueue:
    """Sends by an application. Safe for threads: each call takes a connection of a pool."""

    def __init__(self, app: Celery, plan: BrokerPlan) -> None:
        self._app = app
        self._plan = plan
        self._declared = False

    def _ready(self) -> None:
        if not self._declared:
            declare(self._app, self._plan)
            self._declared = True


class CeleryJobQueue(_CeleryQueue):
    """The queue of jobs."""

    def put(self, message: JobMessage) -> None:
        """Queue the job's chain. Raises Unavailable; then it may lie there all the same."""
        job = {"job_id": message.job_id}
        # Whatever escapes a task's own handling ends the job and tells the person, or is kept for the owner.
        ends = self._app.signature(GIVE_UP, kwargs={"body": message.encode()}, immutable=True)
        steps = (
            self._app.signature(FETCH, kwargs=job, immutable=True),
            self._app.signature(TRANSCRIBE_AUDIO, kwargs=job),
            self._app.signature(ANSWER, kwargs=job, immutable=True),
        )
        with our_errors():
            self._ready()
            chain(*steps, app=self._app).on_error(ends).apply_async()


class CeleryCallbackQueue(_CeleryQueue):
    """The queue of callbacks."""

    def put(self, message: CallbackMessage, *, delay_seconds: int) -> None:
        """Queue the callback for then. Raises Unavailable; then it may lie there all the same."""
        delay = min(delay_seconds, self._plan.longest_wait_seconds(Role.ERRANDS))
        with our_errors():
            self._ready()
            self._app.send_task(CALL_BACK, kwargs={"body": message.encode()}, countdown=delay, queue=Role.ERRANDS.queue, ignore_result=True)
