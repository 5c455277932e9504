"""Hands RabbitMQ's dead letters, which were delivered too often or are not Celery's, to the task that ends their jobs.

RabbitMQ gives a message up once so many workers were killed while they held it. A worker that is killed before it can claim the job, as
one that has too little memory for its model is at each start, leaves no try on the job's record: without this the job would wait for ever.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from celery import Celery

from pisar.adapters.celery_queue import (
    ANSWER,
    CALL_BACK,
    FETCH,
    GIVE_UP,
    PUBLISH_SECONDS,
    TRANSCRIBE_AUDIO,
    BrokerPlan,
    Role,
    dead_letters,
    our_errors,
)
from pisar.domain.jobs import JobMessage
from pisar.errors import Unreadable

log = logging.getLogger(__name__)


class DeadMessages:
    """The queue of messages that RabbitMQ gave up. A look has its own connection."""

    def __init__(self, app: Celery, plan: BrokerPlan) -> None:
        self._app = app
        self._plan = plan

    def hand_over(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Give up the job of each message, and take the message off once that is queued. Raises Unavailable.

        A callback is queued again, for its tries are counted in the message. What is no message of ours is kept for the owner.
        """
        with our_errors(), self._app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=PUBLISH_SECONDS)
            queue = dead_letters(self._plan)(connection.default_channel)
            while not stopping() and (message := queue.get()) is not None:
                name, body = _following(message)
                log.warning("given up by the broker", extra={"task": message.headers.get("task"), "then": name})
                self._app.send_task(name, kwargs={"body": body}, queue=Role.ERRANDS.queue, ignore_result=True)
                message.ack()


def _following(message: Any) -> tuple[str, str]:
    """Return the task that comes after a message, and the body that it is given."""
    text = message.body if isinstance(message.body, str) else bytes(message.body).decode(errors="backslashreplace")
    task = message.headers.get("task")
    try:
        _args, kwargs, _embedded = json.loads(text)
        if task in {FETCH, TRANSCRIBE_AUDIO, ANSWER}:
            return GIVE_UP, JobMessage.naming(kwargs["job_id"]).encode()
        if task in {CALL_BACK, GIVE_UP} and isinstance(kwargs["body"], str):
            return task, kwargs["body"]
    except (ValueError, KeyError, TypeError, RecursionError, Unreadable):
        pass
    return GIVE_UP, text
