"""Which queues a deployable is given."""

import pytest

from pisar.adapters.celery_queue import CeleryCallbackQueue, CeleryJobQueue
from pisar.adapters.message_queue import SqsCallbackQueue, SqsJobQueue
from pisar.errors import Misconfigured
from pisar.wiring import settings
from pisar.wiring.outside import Outside
from pisar.work.lost_messages import NotedQueue

REDIS = {"PISAR_BROKER_URL": "redis://127.0.0.1:1/0", "PISAR_BUCKET": "pisar"}


@pytest.mark.parametrize("broker", [{}, {"PISAR_BROKER_URL": ""}])
def test_the_clouds_queues_go_without_callbacks_until_there_is_a_queue_for_them(broker: dict[str, str]):
    without = Outside({**broker, "PISAR_QUEUE_URL": "https://queue.example/jobs"})
    assert (type(without.queue), without.callbacks, without.over_broker) == (SqsJobQueue, None, False)
    both = Outside({**broker, "PISAR_CALLBACK_QUEUE_URL": "https://queue.example/callbacks"})
    assert type(both.callbacks) is SqsCallbackQueue


@pytest.mark.parametrize(
    ("url", "jobs"),
    [("redis://127.0.0.1:1/0", NotedQueue), ("amqp://pisar:x@127.0.0.1:1//", CeleryJobQueue), ("sqs://", CeleryJobQueue)],
)
def test_with_a_broker_its_queues_are_made_and_nobody_is_called(url: str, jobs: type):
    found = Outside({"PISAR_BROKER_URL": url, "PISAR_BUCKET": "pisar"})
    assert (type(found.queue), type(found.callbacks)) == (jobs, CeleryCallbackQueue)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PISAR_BROKER_URL", "kafka://:letmein@broker", "PISAR_BROKER_URL begins with kafka://"),
        ("PISAR_RESULTS_URL", "file://letmein", "PISAR_RESULTS_URL is none of"),
        ("PISAR_VOICE_SECONDS", "letmein", "PISAR_VOICE_SECONDS is wrong"),
    ],
)
def test_a_wrong_broker_is_told_at_the_start_without_its_password(name: str, value: str, said: str):
    with pytest.raises(Misconfigured, match=said) as refused:
        _ = Outside({**REDIS, name: value}).queue
    assert "letmein" not in str(refused.value)


def test_what_is_required_may_be_missing_over_a_broker_and_the_brokers_settings_are_checked_in_its_place():
    with pytest.raises(Misconfigured, match="PISAR_QUEUE_URL is not set"):
        Outside.start("test", {"PISAR_BUCKET": "pisar"}, settings.Queue, required=["PISAR_QUEUE_URL"])
    assert Outside.start("test", REDIS, settings.Queue, required=["PISAR_QUEUE_URL"]).over_broker
    with pytest.raises(Misconfigured) as refused:
        Outside.start("test", {**REDIS, "PISAR_VOICE_SECONDS": "x", "PISAR_MAX_WAITING": "y"}, settings.Broker, settings.Limits)
    assert [line.split()[1] for line in str(refused.value).splitlines()[1:]] == ["PISAR_VOICE_SECONDS", "PISAR_MAX_WAITING"]
