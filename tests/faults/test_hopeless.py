"""What can't be done is said, and what can't be read is kept."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from localstack.cloud.clients import sqs_client
from localstack.faults import Action
from localstack.stack import Stack
from pisar.bot.texts import TEXTS
from pisar.domain.jobs import Outcome

from .conftest import TIMES, Cloud, eventually, running

pytestmark = pytest.mark.slow

RU = TEXTS["ru"]


@pytest.fixture(scope="module")
def two_deliveries() -> Iterator[Stack]:
    yield from running(replace(TIMES, max_deliveries=2))


@pytest.fixture
def impatient(two_deliveries: Stack) -> Iterator[Cloud]:
    cloud = Cloud(two_deliveries)
    yield cloud
    cloud.clear()


def test_a_job_that_used_up_its_deliveries_is_told_to_the_person(impatient: Cloud):
    impatient.spoil_storage(Action.STATUS, method="GET", path="/audio/", caller="app/transcriber", status=500, times=10_000)
    impatient.send()
    impatient.settle()
    impatient.assert_answered_once(RU["failed"].format(job=impatient.job_id[:8]), outcome=Outcome.FAILED)


def test_the_dead_letter_function_killed_is_started_again(impatient: Cloud):
    impatient.spoil_storage(Action.STATUS, method="GET", path="/audio/", caller="app/transcriber", status=500, times=10_000)
    impatient.spoil_telegram(Action.DROP, when="after", path="/editMessageText", times=3)
    impatient.send()
    impatient.assert_answered_once(RU["failed"].format(job=impatient.job_id[:8]), outcome=Outcome.FAILED)


def test_an_unreadable_queue_message_is_kept_for_the_owner(impatient: Cloud):
    body = '{"not": "a job"}'
    sqs = sqs_client(impatient.stack.storage_url)
    sent = sqs.send_message(QueueUrl=impatient.stack.queue_url, MessageBody=body)
    key = f"dead-letters/{sent['MessageId']}"
    eventually(lambda: key in impatient.stack.store().keys("dead-letters/"), "the kept message")
    assert impatient.stack.store().get(key).body == body.encode()
    eventually(impatient.queues_empty, "empty queues")


@pytest.mark.parametrize(
    ("content", "key"),
    [(b"this is a letter, not a recording\n" * 50, "cannot_decode"), (b"", "cannot_decode"), (b"\0", "cannot_decode")],
    ids=["text", "empty", "one-byte"],
)
def test_a_file_that_is_no_audio_is_answered_in_words(cloud: Cloud, content: bytes, key: str):
    cloud.send_document("letter.ogg", "audio/ogg", content)
    cloud.assert_answered_once(RU[key], outcome=Outcome.REJECTED)


def test_a_chat_that_blocked_the_bot_ends_the_job_without_an_answer(cloud: Cloud):
    cloud.spoil_telegram(Action.HANG, path="/editMessageText", seconds=6.0)  # time to block it
    cloud.send()
    cloud.stack.telegram.wait_for(lambda: cloud.stack.telegram.answers(cloud.chat))
    cloud.stack.telegram.block(cloud.chat)
    assert cloud.settle().outcome in {Outcome.UNDELIVERABLE, Outcome.CANCELLED}  # whichever is noticed first: the refusal or the update
    assert cloud.answers() == []
