"""Messages that a real RabbitMQ gave up, since whoever held them died again and again."""

import json
from collections.abc import Callable

import pytest

from pisar.adapters.celery_dead_letters import DeadMessages
from pisar.adapters.celery_queue import (
    CALL_BACK,
    DEAD,
    GIVE_UP,
    MAX_BROKER_DELIVERIES,
    CeleryCallbackQueue,
    CeleryJobQueue,
    Role,
    celery_application,
)
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage
from tests.contract.conftest import Workers

ERRANDS = Role.ERRANDS.queue


@pytest.fixture
def over(workers: Callable[[str], Workers]) -> Workers:
    return workers("rabbitmq")


def waiting(over: Workers, queue: str) -> int:
    with over.app.connection_for_read() as connection:
        return int(connection.default_channel.queue_declare(queue, passive=True).message_count)


def give_up_all(over: Workers) -> None:
    """Hold what waits and lose the connection, until RabbitMQ has had enough."""
    for _ in range(10 * MAX_BROKER_DELIVERIES):
        with over.app.connection_for_read() as holder:
            if holder.default_channel.basic_get(ERRANDS) is None:
                return
    pytest.fail("it is never given up")


def taken(over: Workers) -> list[tuple[str, object]]:
    """Return the tasks that wait for the errands, and what they are given, and take them off."""
    found = []
    with over.app.connection_for_read() as connection:
        while (message := connection.default_channel.basic_get(ERRANDS, no_ack=True)) is not None:
            found.append((message.headers["task"], json.loads(message.body)[1]))
    return found


def test_a_message_that_killed_its_workers_ends_its_job(over: Workers):
    CeleryJobQueue(over.app, over.plan).put(JobMessage("abc123"))
    give_up_all(over)
    assert waiting(over, DEAD) == 1
    DeadMessages(celery_application(over.plan), over.plan).hand_over()
    assert taken(over) == [(GIVE_UP, {"body": JobMessage("abc123").encode()})]
    assert waiting(over, DEAD) == 0


def test_a_callback_goes_on_and_what_is_none_of_ours_is_kept_for_the_owner(over: Workers):
    callback = CallbackMessage(job_id="abc123", attempt=2)
    CeleryCallbackQueue(over.app, over.plan).put(callback, delay_seconds=0)
    with over.app.connection_for_write() as connection:
        connection.Producer().publish("[1, {}]", exchange="", routing_key=ERRANDS, content_type="text/plain", content_encoding="utf-8")
    give_up_all(over)
    DeadMessages(celery_application(over.plan), over.plan).hand_over()
    assert sorted(taken(over)) == sorted([(CALL_BACK, {"body": callback.encode()}), (GIVE_UP, {"body": "[1, {}]"})])
