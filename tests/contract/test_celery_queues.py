"""What only queues over a broker have to do: outlast its absence, keep its password, and go with settings that change."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from pisar.adapters.celery_queue import (
    ANSWER,
    FETCH,
    GIVE_UP,
    PUBLISH_SECONDS,
    TRANSCRIBE_AUDIO,
    BrokerPlan,
    CeleryCallbackQueue,
    CeleryJobQueue,
    Role,
    celery_application,
    declare,
)
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage
from pisar.errors import Unavailable
from tests.contract.conftest import BROKERS, SECONDS, Workers
from tests.support.brokers import Broker, free_port

each_broker = pytest.mark.parametrize("name", BROKERS)
Make = Callable[[str], Workers]


def bodies(workers: Workers, count: int) -> list[str]:
    """Return the first so many messages; SQS may give some of them at the next look."""
    found: list[str] = []
    for _ in range(20):
        found += workers.bodies()
        if len(found) >= count:
            break
    return found


@each_broker
def test_what_many_threads_put_at_once_is_all_there(workers: Make, name: str):
    over = workers(name)
    queue = CeleryJobQueue(over.app, over.plan)
    jobs = [f"job-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda job: queue.put(JobMessage(job)), jobs))
    assert sorted(bodies(over, len(jobs))) == sorted(JobMessage(job).encode() for job in jobs)


@each_broker
def test_a_job_is_a_chain_each_link_of_which_ends_by_giving_it_up(workers: Make, name: str):
    over = workers(name)
    CeleryJobQueue(over.app, over.plan).put(JobMessage("abc123"))
    (message,) = over.messages()
    args, kwargs, embedded = message
    links = [one["task"] for one in reversed(embedded["chain"])]
    assert ([FETCH, *links], args, kwargs) == ([FETCH, TRANSCRIBE_AUDIO, ANSWER], [], {"job_id": "abc123"})
    for link in (embedded["errbacks"], *[one["options"]["link_error"] for one in embedded["chain"]]):
        assert [(one["task"], one["kwargs"]) for one in link] == [(GIVE_UP, {"body": JobMessage("abc123").encode()})]


@each_broker
def test_queues_that_are_there_go_with_limits_that_were_changed(workers: Make, name: str):
    over = workers(name)
    for seconds in (60.0, 6 * 3600.0):
        plan = replace(over.plan, limit_seconds=dict.fromkeys(Role, seconds))
        for role in (None, *Role):
            declare(celery_application(plan, role), plan)
    CeleryJobQueue(over.app, over.plan).put(JobMessage("abc123"))
    assert bodies(over, 1) == [JobMessage("abc123").encode()]


ABSENT = ["redis://:letmein@127.0.0.1:{port}/0", "amqp://pisar:letmein@127.0.0.1:{port}//", "sqs://AKIA:letmein@127.0.0.1:{port}"]


@pytest.mark.parametrize("url", ABSENT, ids=lambda url: urlsplit(url).scheme)
def test_a_broker_that_is_not_there_is_unavailable_and_its_password_unsaid(url: str, monkeypatch: pytest.MonkeyPatch):
    plan = BrokerPlan(broker_url=url.format(port=free_port()), limit_seconds=SECONDS)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    app = celery_application(plan)
    put: dict[str, Callable[[], Any]] = {
        "job": lambda: CeleryJobQueue(app, plan).put(JobMessage("a")),
        "callback": lambda: CeleryCallbackQueue(app, plan).put(CallbackMessage("a"), delay_seconds=0),
    }
    for what, do in put.items():
        began = time.monotonic()
        with pytest.raises(Unavailable) as error:
            do()
        assert time.monotonic() - began < 6 * PUBLISH_SECONDS, "somebody waits for the answer"  # for ever, without a limit
        assert "letmein" not in f"{error.value!r}", what
        assert error.value.__cause__ is None


@pytest.mark.parametrize("name", ["redis", "rabbitmq"])
def test_a_queue_outlasts_its_broker_and_keeps_what_it_has_taken(request: pytest.FixtureRequest, workers: Make, name: str):
    over = workers(name)
    broker: Broker = request.getfixturevalue(name)
    queue = CeleryJobQueue(over.app, over.plan)
    queue.put(JobMessage("before"))
    broker.kill()
    try:
        with pytest.raises(Unavailable):
            queue.put(JobMessage("meanwhile"))
    finally:
        broker.start()
    queue.put(JobMessage("after"))
    over.connect()
    assert sorted(bodies(over, 2)) == sorted(JobMessage(job).encode() for job in ("before", "after"))
