"""Which queues a deployable is given."""

import pytest

from pisar.adapters.celery_queue import CeleryCallbackQueue, CeleryJobQueue
from pisar.adapters.message_queue import SqsCallbackQueue, SqsJobQueue
from pisar.errors import Misconfigured
from pisar.wiring import settings
from pisar.wiring.queues import broker_queues, message_queue
from pisar.work.lost_messages import NotedQueue


@pytest.mark.parametrize("environment", [{}, {"PISAR_BROKER_URL": ""}, {"PISAR_QUEUE_URL": "https://queue"}])
def test_without_a_broker_there_are_no_queues_of_one(environment: dict[str, str]):
    assert broker_queues(environment) is None


@pytest.mark.parametrize(
    ("url", "jobs"),
    [("redis://127.0.0.1:1/0", NotedQueue), ("amqp://pisar:x@127.0.0.1:1//", CeleryJobQueue), ("sqs://", CeleryJobQueue)],
)
def test_with_a_broker_its_queues_are_made_and_nobody_is_called(url: str, jobs: type):
    found = broker_queues({"PISAR_BROKER_URL": url, "PISAR_BUCKET": "pisar"})
    assert found is not None
    assert (type(found.jobs), type(found.callbacks)) == (jobs, CeleryCallbackQueue)


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
        broker_queues({"PISAR_BROKER_URL": "redis://127.0.0.1:1/0", "PISAR_BUCKET": "pisar", name: value})
    assert "letmein" not in str(refused.value)


def test_the_clouds_queues_go_without_callbacks_until_there_is_a_queue_for_them():
    queue = settings.Queue(queue_url="https://queue.example/jobs")
    without = message_queue(queue, settings.Callbacks())
    assert (type(without.jobs), without.callbacks) == (SqsJobQueue, None)
    both = message_queue(queue, settings.Callbacks(queue_url="https://queue.example/callbacks"))
    assert type(both.callbacks) is SqsCallbackQueue
