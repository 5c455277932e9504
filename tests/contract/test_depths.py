"""What whoever looks at the queues learns of them, over each real broker."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from localstack.stack import CREDENTIALS
from pisar.adapters.celery_depths import DELAYED
from pisar.adapters.celery_queue import DEAD, BrokerPlan, CeleryCallbackQueue, CeleryJobQueue, Role, celery_application
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage
from pisar.errors import Unavailable
from pisar.ports.queues import Depth
from pisar.wiring.outside import Outside
from tests.faults.conftest import eventually
from tests.support.brokers import BROKERS, Broker

ERRANDS, VOICE, LECTURES = "pisar-errands", "pisar-voice", "pisar-lectures"


@dataclass(frozen=True)
class Looked:
    broker: Broker
    environment: dict[str, str]

    @property
    def name(self) -> str:
        return self.broker.name

    def plan(self) -> BrokerPlan:
        return BrokerPlan(broker_url=self.broker.url, limit_seconds=dict.fromkeys(Role, 600.0))

    def look(self) -> dict[str, Depth]:
        return {one.name: one for one in Outside(self.environment).broker.depths.look()}


@pytest.fixture(scope="module", params=sorted(BROKERS))
def started(request: pytest.FixtureRequest) -> Iterator[Broker]:
    with BROKERS[request.param]() as broker:
        yield broker


@pytest.fixture
def looked(started: Broker, monkeypatch: pytest.MonkeyPatch) -> Looked:
    environment = {**CREDENTIALS, **started.environment(), "PISAR_BROKER_URL": started.url}
    for name, value in environment.items():  # boto3 takes its keys and addresses from there
        monkeypatch.setenv(name, value)
    return Looked(started, environment)


def test_queues_nobody_has_made_are_told_from_full_ones(looked: Looked):
    # First in this module: nothing was sent yet. Redis knows no difference between an empty list and none.
    found = looked.look()
    empty = 0 if looked.name == "redis" else None
    assert [found[name].waiting for name in (ERRANDS, VOICE, LECTURES)] == [empty] * 3


def test_what_waits_and_what_is_held_is_counted(looked: Looked):
    app = celery_application(looked.plan(), Role.ERRANDS)
    queue = CeleryJobQueue(celery_application(looked.plan()), looked.plan())
    for number in range(3):
        queue.put(JobMessage(f"job{number}"))
    eventually(lambda: looked.look()[ERRANDS].waiting == 3, "three messages that wait")
    found = looked.look()
    unknown = None if looked.name == "rabbitmq" else 0  # it does not say what its consumers hold
    assert found[ERRANDS] == Depth(ERRANDS, 3, unknown)
    assert (found[VOICE], found[LECTURES]) == (Depth(VOICE, 0, unknown), Depth(LECTURES, 0, unknown))
    with app.connection_for_read() as holder:
        message = holder.default_channel.basic_get(ERRANDS)
        assert message is not None
        held = None if looked.name == "rabbitmq" else 1
        eventually(lambda: looked.look()[ERRANDS] == Depth(ERRANDS, 2, held), "a message that is held")


def test_rabbitmq_has_a_queue_of_what_it_gave_up_on(looked: Looked):
    CeleryJobQueue(celery_application(looked.plan()), looked.plan()).put(JobMessage("job"))
    assert looked.look().get(DEAD) == (Depth(DEAD, 0) if looked.name == "rabbitmq" else None)


def test_rabbitmq_counts_what_it_holds_back_for_later(looked: Looked):
    queue = CeleryCallbackQueue(celery_application(looked.plan()), looked.plan())
    for attempt in (1, 2):
        queue.put(CallbackMessage(job_id="job", attempt=attempt), delay_seconds=600)
    if looked.name == "rabbitmq":
        eventually(lambda: looked.look()[DELAYED] == Depth(DELAYED, 2), "two messages for later")
    else:
        assert DELAYED not in looked.look()


def test_a_broker_that_does_not_answer_is_unavailable_and_its_password_is_not_told(looked: Looked):
    # Last in this module: the broker does not come back.
    looked.broker.kill()
    with pytest.raises(Unavailable) as caught:
        looked.look()
    assert "://" not in str(caught.value)
