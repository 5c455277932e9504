"""`pisar status` without a broker: the queues of the cloud, by their URLs."""

import json
from collections.abc import Callable

import pytest

from pisar.adapters.message_queue import SqsJobQueue
from pisar.cli import run
from pisar.domain.jobs import JobMessage

from .conftest import REGION, Cloud


@pytest.fixture
def told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict]:
    def status(**environment: str) -> dict:
        monkeypatch.delenv("PISAR_BROKER_URL", raising=False)
        for name, value in {"AWS_ENDPOINT_URL": cloud.url, "PISAR_BUCKET": cloud.new_bucket(), **environment}.items():
            monkeypatch.setenv(name, value)
        code = run(["status", "--json"])
        return {"code": code, **json.loads(capsys.readouterr().out)}

    return status


def test_the_clouds_queues_are_shown_with_their_dead_letters(told: Callable[..., dict], cloud: Cloud):
    sqs = cloud.client("sqs")
    dead = cloud.new_queue()
    url = cloud.new_queue()
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:123456789012:{dead.rpartition('/')[2]}", "maxReceiveCount": "5"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    for job in ("one", "two", "three"):
        SqsJobQueue(url, endpoint_url=cloud.url).put(JobMessage(job))
    sqs.receive_message(QueueUrl=url)
    found = told(PISAR_QUEUE_URL=url)
    name, dead_name = (one.rpartition("/")[2] for one in (url, dead))
    assert found["queues"] == [{"name": name, "waiting": 2, "held": 1}, {"name": dead_name, "waiting": 0, "held": 0}]
    assert (found["code"], found["problems"]) == (0, {})


def test_a_queue_that_is_not_there_has_no_numbers(told: Callable[..., dict]):
    found = told(PISAR_QUEUE_URL="http://queue/000000000000/never-made")
    assert found["queues"] == [{"name": "never-made", "waiting": None, "held": None}]


def test_without_any_queue_the_bucket_is_looked_at_all_the_same(told: Callable[..., dict], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PISAR_QUEUE_URL", raising=False)
    monkeypatch.delenv("PISAR_CALLBACK_QUEUE_URL", raising=False)
    found = told()
    assert (found["code"], found["queues"], found["workers"]) == (0, None, [])


def test_a_bucket_that_is_not_there_is_told_in_words(told: Callable[..., dict]):
    found = told(PISAR_BUCKET="never-made")
    assert found["code"] == 1
    assert "correct PISAR_BUCKET or create it" in found["problems"]["store"]
