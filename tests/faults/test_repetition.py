"""Whatever comes twice is done once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from localstack.cloud.clients import sqs_client
from localstack.stack import Stack
from pisar.domain.jobs import JobMessage

from .conftest import SPOKEN, TIMES, Cloud, eventually, running

pytestmark = pytest.mark.slow

# Nothing is broken here, so nothing must time out either: on a busy machine a send cut off by its time limit would leave what a
# broken Telegram leaves, a status message too many.
UNHURRIED = replace(
    TIMES,
    function_timeout=55.0,
    intake_lease=60.0,
    container_timeout=80.0,
    lease=85.0,
    visibility_timeout=90,
    settings={"PISAR_THREADS": "1", "TELEGRAM_TIMEOUT_SECONDS": "40"},
)


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Stack]:
    yield from running(replace(UNHURRIED, transcribers=2))


def test_the_same_update_three_times_at_once_is_answered_once(two_workers: Stack):
    cloud = Cloud(two_workers)
    cloud.send(held=True)
    attempts = cloud.stack.telegram.deliver(cloud.update, times=3).result(60)
    cloud.assert_answered_once()
    statuses = sorted(attempt.status or 0 for attempt in attempts)
    assert statuses[0] == 200
    assert set(statuses) <= {200, 503}


def test_the_same_update_again_after_the_answer_changes_nothing(two_workers: Stack):
    cloud = Cloud(two_workers)
    cloud.send()
    cloud.assert_answered_once()
    before = cloud.stack.telegram.messages(cloud.chat)
    (attempt,) = cloud.stack.telegram.deliver(cloud.update).result(60)
    assert attempt.status == 200
    cloud.assert_answered_once()
    assert cloud.stack.telegram.messages(cloud.chat) == before


def test_a_queue_message_delivered_twice_at_once_is_worked_on_once(two_workers: Stack):
    cloud = Cloud(two_workers)
    cloud.send("ru-2.ogg", held=True)
    sqs, body = sqs_client(two_workers.storage_url), JobMessage(cloud.job_id).encode()
    two_workers.telegram.deliver(cloud.update).result(60)
    sqs.send_message(QueueUrl=two_workers.queue_url, MessageBody=body)
    cloud.assert_answered_once(SPOKEN["ru-2.ogg"])
    lines = two_workers.logs.lines(job_id=cloud.job_id)
    assert [line["message"] for line in lines].count("recognised") == 1


def test_many_chats_at_once_each_get_their_own_answer_once(two_workers: Stack):
    clouds = [Cloud(two_workers) for _ in range(12)]
    names = sorted(SPOKEN)
    for number, cloud in enumerate(clouds):
        cloud.send(names[number % len(names)])
    for number, cloud in enumerate(clouds):
        cloud.assert_answered_once(SPOKEN[names[number % len(names)]])
    eventually(clouds[0].queues_empty, "empty queues")
