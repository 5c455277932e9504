"""What is going on now, over the twins."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from pisar.domain.answer_to import AnswerTo, Drop, Order, Reply, Whole
from pisar.domain.deployments import Queue
from pisar.domain.jobs import Job, Lease, Options, Outcome, State
from pisar.domain.speech import Plan
from pisar.domain.workers import Presence
from pisar.errors import Unavailable
from pisar.owner.status import MAX_READ, SHOWN_WAITING, NamedQueues, Overview, Status
from pisar.ports.queues import Depth
from pisar.ports.storage import StoredObject
from pisar.state.waiting_jobs import Line
from tests.support.twins import ManualClock, MemoryDepths, MemoryObjectStore, MemoryQueues

EVERY = 15.0
QUEUES = (Depth("pisar-errands", 3, 1), Depth("pisar-voice", 0, 0))


class CountingStore(MemoryObjectStore):
    gets = 0
    down = False

    def get(self, key: str) -> StoredObject:
        self.gets += 1
        return super().get(key)

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        if self.down:
            raise Unavailable("Object Storage can't be reached: ConnectTimeoutError")
        return super().keys(prefix, after=after)


@dataclass
class Firm:
    clock: ManualClock = field(default_factory=ManualClock)
    store: CountingStore = field(default_factory=CountingStore)
    depths: MemoryDepths = field(default_factory=lambda: MemoryDepths(*QUEUES))

    def __post_init__(self) -> None:
        self.overview = Overview(self.store, self.clock, self.depths)

    def record(self, this: str, state: State, **what: object) -> Job:
        job = Job(**{"id": this, "state": state, "created_at": self.clock.now(), "options": Options()} | what)  # type: ignore[arg-type]
        self.store.put(f"jobs/{this}.json", job.encode())
        return job

    def wait(self, this: str, **what: object) -> Job:
        job = self.record(this, State.QUEUED, **what)
        Line(self.store).join(job, at_most=100)
        self.clock.advance(1)
        return job

    def worker(self, name: str, *job_ids: str, beat_at: float | None = None) -> Presence:
        now = self.clock.now() if beat_at is None else beat_at
        one = Presence(name=name, role="voice", host="vm", started_at=now, beat_at=now, every_seconds=EVERY, job_ids=job_ids)
        self.store.put(f"workers/{name}.json", one.encode())
        return one

    def jobs(self, *, everything: bool = False) -> list[tuple[str, int | None, tuple[str, ...]]]:
        return [(one.job.id, one.place, one.workers) for one in self.overview.look(everything=everything).jobs]


@pytest.fixture
def firm() -> Firm:
    return Firm()


def test_a_firm_where_nothing_happens(firm: Firm):
    assert firm.overview.look() == Status(at=firm.clock.now(), depths=QUEUES)


def test_jobs_in_hand_come_first_and_then_the_line_in_order(firm: Firm):
    for this in ("c", "a", "b"):
        firm.wait(this)
    firm.record("w", State.WORKING, lease=Lease(owner="x", until=firm.clock.now() + 60))
    firm.worker("voice-1", "w")
    assert firm.jobs() == [("w", None, ("voice-1",)), ("c", 0, ()), ("a", 1, ()), ("b", 2, ())]


def test_a_job_that_two_have_in_hand_is_shown_once(firm: Firm):
    firm.record("w", State.WORKING)
    firm.worker("errands-1", "w")
    firm.worker("voice-1", "w")
    assert firm.jobs() == [("w", None, ("errands-1", "voice-1"))]


def test_long_recordings_that_wait_for_their_parts_are_in_flight(firm: Firm):
    firm.record("long", State.QUEUED, parts=5, progress=0.4)
    firm.store.put("parts/long.json", b"{}")
    assert firm.jobs() == [("long", None, ())]


def test_what_is_finished_erased_or_unreadable_is_not_in_flight(firm: Firm):
    firm.record("done", State.FINISHED, outcome=Outcome.TRANSCRIBED)
    firm.store.put("jobs/broken.json", b"?")
    firm.worker("voice-1", "done", "broken", "erased")
    assert firm.jobs() == []


def test_a_job_whose_lease_ran_out_has_lost_its_worker(firm: Firm):
    firm.record("lost", State.WORKING, lease=Lease(owner="x", until=firm.clock.now() + 60))
    firm.worker("voice-1", "lost")
    (seen,) = firm.overview.look().jobs
    assert seen.has_lost_its_worker(firm.clock.now() + 59) is False
    assert seen.has_lost_its_worker(firm.clock.now() + 61) is True


def test_a_worker_that_is_gone_is_shown_for_a_day_and_has_nothing_in_hand(firm: Firm):
    firm.record("w", State.WORKING)
    gone = firm.worker("voice-1", "w", beat_at=firm.clock.now() - 3 * EVERY - 1)
    firm.worker("voice-0", beat_at=firm.clock.now() - 86_401)
    found = firm.overview.look()
    assert (found.workers, found.workers[0].is_gone(found.at)) == ((gone,), True)
    assert [(one.job.id, one.workers) for one in found.jobs] == [("w", ())]


def test_a_job_that_another_took_over_from_a_worker_that_is_gone_is_in_the_others_hand(firm: Firm):
    firm.record("w", State.WORKING)
    firm.worker("voice-1", "w", beat_at=firm.clock.now() - 3 * EVERY - 1)
    firm.worker("voice-2", "w")
    assert firm.jobs() == [("w", None, ("voice-2",))]


def test_the_first_in_line_says_how_long_is_waited(firm: Firm):
    assert firm.overview.look().oldest_waiting_seconds is None
    for number in range(SHOWN_WAITING + 5):
        firm.wait(f"{number:03}")
    firm.record("old", State.WORKING, created_at=firm.clock.now() - 1000)
    firm.worker("voice-1", "old")
    assert firm.overview.look().oldest_waiting_seconds == pytest.approx(SHOWN_WAITING + 5)


def test_messages_kept_for_the_owner_are_counted(firm: Firm):
    for number in range(3):
        firm.store.put(f"dead-letters/{number}", b"?")
    assert firm.overview.look().dead_letters == 3


def test_of_a_long_line_the_first_are_read_and_the_others_counted(firm: Firm):
    for number in range(SHOWN_WAITING + 30):
        firm.wait(f"{number:03}")
    firm.store.gets = 0
    found = firm.overview.look()
    assert [one.job.id for one in found.jobs] == [f"{number:03}" for number in range(SHOWN_WAITING)]
    assert (found.waiting, found.left_out, found.waiting_at_least) == (SHOWN_WAITING + 30, 30, False)
    assert firm.store.gets == SHOWN_WAITING


def test_a_line_longer_than_is_counted_says_so(firm: Firm):
    for number in range(1001):
        firm.store.put(f"line/{number:013}-x", b"")
    found = firm.overview.look()
    assert (found.waiting, found.waiting_at_least) == (1000, True)


def test_records_of_finished_jobs_cost_nothing_unless_everything_is_asked_for(firm: Firm):
    for number in range(100):
        firm.record(f"{number}", State.FINISHED)
    firm.record("orphan", State.WORKING, lease=Lease(owner="x", until=firm.clock.now() - 1))
    firm.store.gets = 0
    assert (firm.jobs(), firm.store.gets) == ([], 0)
    assert firm.jobs(everything=True) == [("orphan", None, ())]


def test_everything_is_no_more_than_so_many_records(firm: Firm):
    for number in range(MAX_READ + 50):
        firm.record(f"{number:05}", State.FINISHED)
    firm.store.gets = 0
    assert firm.overview.look(everything=True).cut_short is True
    assert firm.store.gets == MAX_READ


def test_as_many_records_as_are_read_are_everything(firm: Firm):
    for number in range(MAX_READ):
        firm.record(f"{number:05}", State.FINISHED)
    assert firm.overview.look(everything=True).cut_short is False


def test_queues_that_do_not_answer_hide_neither_workers_nor_jobs(firm: Firm):
    firm.depths.error = Unavailable("the broker does not answer: ConnectionRefusedError")
    firm.wait("a")
    firm.worker("voice-1")
    found = firm.overview.look()
    assert found.problems == {"queues": "the broker does not answer: ConnectionRefusedError"}
    assert (found.depths, len(found.workers), len(found.jobs)) == (None, 1, 1)


def test_a_store_that_does_not_answer_hides_no_queue(firm: Firm):
    firm.store.down = True
    found = firm.overview.look()
    assert (found.depths, found.problems) == (QUEUES, {"store": "Object Storage can't be reached: ConnectTimeoutError"})


def test_without_queues_to_look_at_the_rest_is_shown(firm: Firm):
    firm.worker("voice-1")
    found = Overview(firm.store, firm.clock, None).look()
    assert (found.depths, len(found.workers), found.problems) == (None, 1, {})


def test_named_queues_are_looked_at_with_their_dead_letters():
    queues = MemoryQueues(
        {
            "pisar-jobs": Queue(visibility_seconds=660, waiting=4, held=2, dead_letters="pisar-jobs-dead-letters", max_deliveries=5),
            "pisar-jobs-dead-letters": Queue(visibility_seconds=30, waiting=1),
        }
    )
    assert NamedQueues(queues, ["pisar-jobs", "pisar-callbacks"]).look() == (
        Depth("pisar-jobs", 4, 2),
        Depth("pisar-callbacks"),
        Depth("pisar-jobs-dead-letters", 1, 0),
    )


@pytest.mark.parametrize(
    "answer_to",
    [
        Reply(chat_id=1, message_id=2),
        Drop(key="uploads/a", formats=()),
        Order(client="x"),
        Whole(job_id="w", number=0, start=0.0, plan=Plan((), ())),
    ],
)
def test_jobs_of_every_door_are_shown(firm: Firm, answer_to: AnswerTo):
    firm.wait("j", answer_to=answer_to)
    assert firm.jobs() == [("j", 0, ())]
