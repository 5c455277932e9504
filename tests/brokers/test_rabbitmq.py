"""Jobs over RabbitMQ, its queues quorum queues."""

import pytest

from tests.support.brokers import RabbitMq

from .conftest import Deployment, Sender
from .jobs import *  # noqa: F403 - the same tests over each broker
from .jobs import hang_at_the_transcript, who_works


@pytest.fixture(scope="module")
def broker() -> RabbitMq:
    return RabbitMq()


def test_the_broker_killed_mid_job(sender: Sender, deployment: Deployment):
    hang_at_the_transcript(sender, seconds=10)
    sender.send()
    who_works(sender)
    deployment.machines.broker.kill()
    deployment.machines.broker.start()
    sender.assert_answered_once()
