"""What Celery's messages in Redis name: those that wait in the lists, and those that workers hold, at one moment."""

import base64
import binascii
import json
from typing import Any

from pisar.adapters.celery_queue import PUBLISH_SECONDS, BrokerPlan, Role, our_errors

MAX_READ = 2000
"""Messages of a kilobyte and a half each: 3 MB are read at most. Of more nobody says which jobs they name."""


class RedisMessages:
    """The messages of the roles' queues. A look has its own connection."""

    def __init__(self, plan: BrokerPlan) -> None:
        self._plan = plan

    def job_ids(self) -> frozenset[str] | None:
        """Return the ids of the jobs that some message names, None if there are too many messages. Raises Unavailable."""
        import redis  # noqa: PLC0415 - only for that broker

        queues = [role.queue for role in Role]
        with our_errors(), redis.Redis.from_url(self._plan.broker_url, socket_timeout=PUBLISH_SECONDS) as client:
            with client.pipeline() as sizes:
                for queue in queues:
                    sizes.llen(queue).hlen(f"{queue}-unacked")
                if sum(sizes.execute()) > MAX_READ:
                    return None
            # One transaction: a message that moves from a list to a worker, or makes way for the next of its chain, is in one of them.
            with client.pipeline(transaction=True) as reading:
                for queue in queues:
                    reading.lrange(queue, 0, -1).hvals(f"{queue}-unacked")
                found = reading.execute()
        return frozenset(name for items in found for item in items if (name := _job_id(item)))


def _job_id(item: bytes) -> str | None:
    """Return the job that a message names, waiting or with what kombu keeps of one that is held; None for any other."""
    try:
        message: Any = json.loads(item)
        envelope = message[0] if isinstance(message, list) else message
        _args, kwargs, _embedded = json.loads(base64.b64decode(envelope["body"], validate=True))
        named = kwargs["job_id"] if "job_id" in kwargs else json.loads(kwargs["body"])["job_id"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, binascii.Error):
        return None
    return named if isinstance(named, str) else None
