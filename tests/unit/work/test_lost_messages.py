"""Jobs whose message was lost."""

import pytest

from pisar.domain.bucket import QUEUED
from pisar.domain.jobs import JobMessage, State
from pisar.errors import PisarError, Unavailable
from pisar.work.lost_messages import PATIENCE_SECONDS, NotedQueue, Stranded
from pisar.work.parts import Parts
from tests.support.twins import ManualClock, MemoryObjectStore
from tests.unit.world import World


class Broker:
    """A world whose broker may lose what it was given."""

    def __init__(self) -> None:
        clock = ManualClock()
        self.world = World(store=MemoryObjectStore(clock.now), clock=clock)
        self.queue = NotedQueue(self.world.queue, self.world.store)
        self.named: frozenset[str] | None = frozenset()
        self.error: PisarError | None = None
        world = self.world
        parts = Parts(records=world.records, store=world.store, queue=self.queue, clock=clock, at_once=2)
        self.stranded = Stranded(store=world.store, records=world.records, parts=parts, queue=self.queue, clock=clock, named=self.names)

    def names(self) -> frozenset[str] | None:
        """Return the jobs that messages name; raise `error` while there is one."""
        if self.error:
            raise self.error
        return self.named

    def receive(self, job: str = "j1") -> None:
        """Take a voice message, as a bot whose queue is noted does."""
        self.world.intake.receive(self.world.say("hello", job))
        self.world.store.put(f"{QUEUED}{job}", b"")

    def lose(self) -> None:
        """Take a message off the queue as a worker that is killed then and there."""
        receipt, _ = self.world.queue.receive() or pytest.fail("nothing waits")
        self.world.queue.delete(receipt)

    def look(self, *, after: float = PATIENCE_SECONDS, times: int = 2) -> None:
        """Let so many seconds pass, and look."""
        self.world.clock.advance(after)
        for _ in range(times):
            self.stranded.look()


@pytest.fixture
def broker() -> Broker:
    return Broker()


def test_what_is_queued_is_noted_first(broker: Broker):
    broker.queue.put(JobMessage("a"))
    assert broker.world.stored(QUEUED) == [f"{QUEUED}a"]
    assert (broker.world.queue.receive() or ("", None))[1] == JobMessage("a")


def test_a_job_whose_message_was_lost_is_answered(broker: Broker):
    broker.receive()
    broker.lose()
    broker.look(after=PATIENCE_SECONDS - 1)
    assert broker.world.queue.receive() is None
    broker.look(after=1)
    broker.world.work_off()
    assert broker.world.shown() == ["hello"]


def test_one_that_was_lost_again_is_queued_again(broker: Broker):
    broker.receive()
    for _ in range(3):
        broker.lose()
        broker.look()
    broker.world.work_off()
    assert broker.world.shown() == ["hello"]


@pytest.mark.parametrize("named", [frozenset({"j1"}), None], ids=["its message waits", "too many to say"])
def test_a_job_that_may_have_a_message_is_not_taken_for_lost(broker: Broker, named: frozenset[str] | None):
    broker.receive()
    broker.lose()
    broker.named = named
    broker.look(times=5)
    assert broker.world.queue.receive() is None


def test_others_messages_do_not_hold_up_what_is_lost(broker: Broker):
    broker.receive()
    broker.lose()
    broker.named = frozenset({"j2"})
    broker.look()
    broker.world.work_off()
    assert broker.world.shown() == ["hello"]


def test_a_message_on_its_way_from_the_queue_to_a_worker_is_not_taken_for_lost(broker: Broker):
    broker.receive()
    broker.lose()
    for named in (frozenset(), frozenset({"j1"}), frozenset(), frozenset({"j1"})):
        broker.named = named
        broker.look(times=1)
    assert broker.world.queue.receive() is None


def test_a_job_that_somebody_holds_is_left_alone(broker: Broker):
    broker.receive()
    broker.lose()
    assert broker.world.records.claim("j1", lease_seconds=2 * PATIENCE_SECONDS)
    broker.look()
    assert broker.world.queue.receive() is None
    broker.look(after=PATIENCE_SECONDS + 1)
    assert broker.world.queue.receive() is not None


def test_what_is_finished_or_gone_is_forgotten(broker: Broker):
    broker.receive()
    broker.world.work_off()
    broker.world.store.put(f"{QUEUED}nobody", b"")
    broker.look()
    assert broker.world.stored(QUEUED) == []
    assert broker.world.queue.receive() is None
    assert broker.world.records.find("j1").job.state is State.FINISHED


def test_it_ends_where_it_must(broker: Broker):
    for job in ("j1", "j2"):
        broker.receive(job)
        broker.lose()
    broker.world.clock.advance(PATIENCE_SECONDS)
    broker.stranded.look(stopping=lambda: True)
    assert broker.world.queue.receive() is None


def test_a_broker_that_can_not_be_looked_at_is_told(broker: Broker):
    broker.receive()
    broker.error = Unavailable("down")
    with pytest.raises(Unavailable):
        broker.look()
