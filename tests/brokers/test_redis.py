"""Jobs over Redis, which keeps what it was told over its own death."""

import pytest
import redis

from pisar.adapters.celery_queue import Role
from tests.support.brokers import Redis

from .conftest import Deployment, Sender, brought_back
from .jobs import *  # noqa: F403 - the same tests over each broker
from .jobs import hang_at_the_transcript, who_works


@pytest.fixture(scope="module")
def broker() -> Redis:
    return Redis()


def test_the_broker_killed_mid_job(sender: Sender, deployment: Deployment):
    hang_at_the_transcript(sender, seconds=10)
    sender.send()
    who_works(sender)
    deployment.machines.broker.kill()
    deployment.machines.broker.start()
    sender.assert_answered_once()


@pytest.mark.slow
def test_a_message_that_a_killed_worker_took_along(sender: Sender, deployment: Deployment):
    machines = deployment.machines
    assert machines.stop("errands") == 0
    sender.send()
    with redis.Redis.from_url(machines.broker.url) as client:
        # What a worker does that dies before it has noted what it was handed.
        assert client.blpop([Role.ERRANDS.queue], timeout=60)
    brought_back(machines, "errands", "errands")
    sender.assert_answered_once()
    assert any("its message was lost: queued again" in line for line in machines.log("errands"))
