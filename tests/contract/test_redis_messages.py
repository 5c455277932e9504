"""Which jobs Celery's messages in a real Redis name."""

import json
from collections.abc import Iterator

import pytest
import redis

from pisar.adapters import redis_messages
from pisar.adapters.celery_queue import BrokerPlan, CeleryCallbackQueue, CeleryJobQueue, Role, celery_application
from pisar.adapters.redis_messages import RedisMessages
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage
from pisar.errors import Unavailable
from tests.support.brokers import Redis, free_port

LIMITS = dict.fromkeys(Role, 900.0)


@pytest.fixture(scope="module")
def plan() -> Iterator[BrokerPlan]:
    with Redis() as broker:
        yield BrokerPlan(broker_url=broker.url, limit_seconds=LIMITS)


@pytest.fixture
def client(plan: BrokerPlan) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(plan.broker_url) as client:
        client.flushdb()
        yield client


def test_jobs_that_wait_and_jobs_that_a_worker_holds_are_named(plan: BrokerPlan, client: redis.Redis):
    jobs = CeleryJobQueue(celery_application(plan), plan)
    jobs.put(JobMessage("held"))
    queue = Role.ERRANDS.queue
    taken = json.loads(client.rpop(queue) or pytest.fail("nothing waits"))
    client.hset(f"{queue}-unacked", "a-tag", json.dumps([taken, "pisar", queue]))
    jobs.put(JobMessage("waiting"))
    CeleryCallbackQueue(celery_application(plan), plan).put(CallbackMessage("told"), delay_seconds=2)
    assert RedisMessages(plan).job_ids() == {"held", "waiting", "told"}


@pytest.mark.parametrize(
    "garbage", [b"{", b"[" * 50_000, b"5", b"[]", b"\xff", b'{"body": "!"}', b'{"body": "W10="}', b'{"body": "WzEsIFsxXSwgMl0="}'], ids=repr
)
def test_garbage_names_nothing_and_hides_nothing(plan: BrokerPlan, client: redis.Redis, garbage: bytes):
    client.lpush(Role.VOICE.queue, garbage)
    client.hset(f"{Role.VOICE.queue}-unacked", "a-tag", garbage)
    CeleryJobQueue(celery_application(plan), plan).put(JobMessage("waiting"))
    assert RedisMessages(plan).job_ids() == {"waiting"}


def test_of_too_many_messages_nothing_is_said(plan: BrokerPlan, client: redis.Redis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redis_messages, "MAX_READ", 2)
    jobs = CeleryJobQueue(celery_application(plan), plan)
    for name in ("a", "b"):
        jobs.put(JobMessage(name))
    assert RedisMessages(plan).job_ids() == {"a", "b"}
    jobs.put(JobMessage("c"))
    assert RedisMessages(plan).job_ids() is None


def test_a_redis_that_is_away_is_unavailable():
    with pytest.raises(Unavailable):
        RedisMessages(BrokerPlan(broker_url=f"redis://127.0.0.1:{free_port()}/0", limit_seconds=LIMITS)).job_ids()
