"""What Celery is told of brokers and queues. Nothing is connected here."""

import pytest

from pisar.adapters.celery_queue import (
    ANSWER,
    BROKERS,
    CALL_BACK,
    FETCH,
    GIVE_UP,
    TRANSCRIBE_AUDIO,
    BrokerPlan,
    Role,
    celery_application,
)
from pisar.domain.jobs import Lane
from pisar.errors import Misconfigured

LIMITS = {Role.ERRANDS: 900.0, Role.VOICE: 60.0, Role.LECTURES: 14_400.0}
PASSWORD = "letmein"
URLS = [f"{scheme}://pisar:{PASSWORD}@broker/" for scheme in BROKERS]


def plan(broker_url: str = URLS[0], **how: object) -> BrokerPlan:
    return BrokerPlan(broker_url=broker_url, limit_seconds=LIMITS, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", URLS)
def test_each_broker_there_is_can_be_named(url: str):
    assert {queue.name for queue in celery_application(plan(url)).conf.task_queues} == {role.queue for role in Role}


@pytest.mark.parametrize("url", [f"kafka://pisar:{PASSWORD}@broker", f"pisar:{PASSWORD}@broker", "broker", f"http://:{PASSWORD}@broker"])
def test_any_other_is_refused_with_those_that_were_expected_and_no_password(url: str):
    with pytest.raises(Misconfigured, match=r"PISAR_BROKER_URL .* amqp, amqps, redis, rediss, sqs") as refused:
        celery_application(plan(url))
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("url", [f"db+postgresql://:{PASSWORD}@server", "memcached", f"amqp://:{PASSWORD}@broker"])
def test_so_are_results_elsewhere(url: str):
    with pytest.raises(Misconfigured, match=r"PISAR_RESULTS_URL .* redis, rediss, rpc") as refused:
        celery_application(plan(results_url=url))
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("role", Role)
def test_a_message_is_hidden_for_longer_than_its_work_may_take(role: Role):
    assert plan().visibility(role) > 1.1 * LIMITS[role], "a process that did not heed its limit is killed a tenth after it"
    assert plan(visibility_seconds=7).visibility(role) == 7


@pytest.mark.parametrize(
    ("task", "args", "role"),
    [
        (FETCH, (), Role.ERRANDS),
        (ANSWER, (), Role.ERRANDS),
        (CALL_BACK, (), Role.ERRANDS),
        (GIVE_UP, (), Role.ERRANDS),
        (TRANSCRIBE_AUDIO, (Lane.VOICE.value,), Role.VOICE),
        (TRANSCRIBE_AUDIO, (Lane.LECTURE.value,), Role.LECTURES),
    ],
)
def test_what_the_fetch_found_decides_who_transcribes(task: str, args: tuple[str, ...], role: Role):
    assert celery_application(plan()).amqp.router.route({}, task, args=args)["queue"].name == role.queue


@pytest.mark.parametrize("url", URLS)
def test_queues_of_rabbitmq_outlive_a_node_and_give_up_what_kills_workers(url: str):
    for queue in celery_application(plan(url)).conf.task_queues:
        if not url.startswith("amqp"):
            assert queue.queue_arguments is None
            continue
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-delivery-limit"] > 10
        # RabbitMQ refuses a queue that is there with other arguments, so none may come of a setting that somebody changes.
        assert set(queue.queue_arguments) == {"x-queue-type", "x-delivery-limit", "x-dead-letter-exchange"}
