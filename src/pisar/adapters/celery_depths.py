"""How much is in RabbitMQ's and Redis's queues, looked at over Celery's own connection. SQS is asked by `message_queue`."""

from typing import Any

from celery import Celery
from kombu.transport.native_delayed_delivery import MAX_NUMBER_OF_BITS_TO_USE, level_name

from pisar.adapters.celery_queue import DEAD, PUBLISH_SECONDS, BrokerPlan, Role, our_errors
from pisar.ports.queues import Depth

DELAYED = "celery_delayed"
"""What the names of RabbitMQ's queues of messages for later begin with. Elsewhere a worker holds such a message until its time."""


class CeleryDepths:
    """The queues of the roles, and RabbitMQ's of what it holds back for later and what it gave up on. A look has its own connection."""

    def __init__(self, app: Celery, plan: BrokerPlan) -> None:
        self._app = app
        self._plan = plan

    def look(self) -> tuple[Depth, ...]:
        """Return what is in each queue. RabbitMQ does not say how many messages its consumers hold. Raises Unavailable."""
        names = [role.queue for role in Role]
        with our_errors(), self._app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=PUBLISH_SECONDS)
            if self._plan.is_rabbitmq:
                return (*(_declared(connection, name) for name in names), _delayed(connection), _declared(connection, DEAD))
            client: Any = connection.default_channel.client
            # The list of what is held bears the queue's name: `celery_queue` gives each role its own.
            return tuple(Depth(name, client.llen(name), client.zcard(f"{name}-unacked-index")) for name in names)


def _declared(connection: Any, name: str) -> Depth:
    # A queue that is not there ends the channel, so each has its own.
    with connection.channel() as channel:
        try:
            return Depth(name, _waiting(channel, name))
        except connection.channel_errors:
            return Depth(name)


def _delayed(connection: Any) -> Depth:
    # A queue for each bit of the delay in seconds; a message moves from one to the next, and waits in one at a time.
    with connection.channel() as channel:
        try:
            return Depth(DELAYED, sum(_waiting(channel, level_name(level)) for level in range(MAX_NUMBER_OF_BITS_TO_USE)))
        except connection.channel_errors:
            return Depth(DELAYED)


def _waiting(channel: Any, name: str) -> int:
    return int(channel.queue_declare(name, passive=True).message_count)
