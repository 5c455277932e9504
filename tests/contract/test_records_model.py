"""The job record's states, model-checked: any order of intakes, workers, crashes and lost answers, over the twin and over S3.

The model knows who holds the job and until when. Whatever the machine tries, at most one holder believes in its lease, a
finished job never changes, and nobody is refused who may act.
"""

from collections.abc import Callable
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule, run_state_machine_as_test

from pisar.domain.answer_to import Order, Reply
from pisar.domain.jobs import Job, Options, Outcome, State
from pisar.errors import Busy, Conflict, Missing, Unavailable
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Held, Records
from tests.support.twins import ManualClock, MemoryObjectStore

INTAKE_LEASE, WORK_LEASE = 60.0, 600.0
JOB_NUMBERS = count()


class LossyStore:
    """A store whose next write can be carried out without its answer, as when a connection breaks."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.lose_next_answer = False
        self.get, self.delete, self.keys = store.get, store.delete, store.keys

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        etag = self._store.put(key, body, if_absent=if_absent, if_match=if_match)
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise Unavailable("the answer is lost")
        return etag


class RecordMachine(RuleBasedStateMachine):
    new_store: Callable[[], ObjectStore] = staticmethod(MemoryObjectStore)
    holders = Bundle("holders")

    @initialize()
    def begin(self) -> None:
        self.clock = ManualClock()
        self.store = LossyStore(self.new_store())
        self.records = Records(self.store, self.clock)
        self.job_id = f"model{next(JOB_NUMBERS)}"
        self.final: Job | None = None

    def record(self) -> Job | None:
        try:
            return self.records.find(self.job_id).job
        except Missing:
            return None

    @rule(lose=st.booleans(), target=holders)
    def accept(self, lose: bool) -> Held | None:
        before = self.record()
        self.store.lose_next_answer = lose
        try:
            held = self.records.accept(self.job_id, lease_seconds=INTAKE_LEASE, answer_to=Reply(chat_id=1, message_id=1), options=Options())
        except Busy:
            assert before is not None
            assert before.state is State.ACCEPTED
            assert before.lease is not None
            assert before.lease.until > self.clock.now()
            return None
        except Unavailable:
            return None
        finally:
            self.store.lose_next_answer = False
        if held is None:
            assert before is not None
            assert before.state is not State.ACCEPTED
        return held

    @rule(lose=st.booleans())
    def expect(self, lose: bool) -> None:
        before = self.record()
        self.store.lose_next_answer = lose
        try:
            self.records.expect(self.job_id, options=Options(), order=Order(client="a" * 64, uploaded=True))
        except Conflict:
            assert before is not None
        except Unavailable:
            pass
        else:
            assert before is None
        finally:
            self.store.lose_next_answer = False

    @rule(target=holders)
    def uploaded(self) -> Held | None:
        before = self.record()
        try:
            held = self.records.uploaded(self.job_id, lease_seconds=INTAKE_LEASE)
        except Missing:
            assert before is None
            return None
        except Busy:
            assert before is not None
            assert before.state is State.ACCEPTED
            assert before.lease is not None
            assert before.lease.until > self.clock.now()
            return None
        assert before is not None
        assert (held is not None) == (before.state in (State.AWAITED, State.ACCEPTED))
        return held

    @rule()
    def cancel(self) -> None:
        before = self.record()
        try:
            was = self.records.cancel(self.job_id)
        except Missing:
            assert before is None
        else:
            self.final = self.records.find(self.job_id).job
            assert was == before
            assert self.final.outcome is Outcome.CANCELLED
            assert self.final.options == Options()
            assert before is not None
            assert (before == self.final) == (before.outcome is Outcome.CANCELLED)

    @rule(lose=st.booleans(), target=holders)
    def claim(self, lose: bool) -> Held | None:
        before = self.record()
        self.store.lose_next_answer = lose
        try:
            held = self.records.claim(self.job_id, lease_seconds=WORK_LEASE)
        except Missing:
            assert before is None
            return None
        except Busy:
            assert before is not None
            assert before.state is State.WORKING
            assert before.lease is not None
            assert before.lease.until > self.clock.now()
            return None
        except Unavailable:
            return None
        finally:
            self.store.lose_next_answer = False
        assert before is not None
        assert (held is None) == (before.state is State.FINISHED)
        if held is not None:
            assert held.job.deliveries == before.deliveries + 1
        return held

    def still_holds(self, held: Held) -> bool:
        now = self.records.find(self.job_id)
        return now.etag == held.etag

    @rule(held=consumes(holders))
    def enqueue(self, held: Held | None) -> None:
        if held is not None and held.job.state is State.ACCEPTED:
            may = self.still_holds(held)
            self.records.enqueued(held)
            if may:
                assert self.record().state is State.QUEUED

    @rule(held=consumes(holders), target=holders)
    def renew(self, held: Held | None) -> Held | None:
        if held is None:
            return None
        may = self.still_holds(held)
        try:
            renewed = self.records.renew(held, lease_seconds=WORK_LEASE)
        except Busy:
            assert not may
            return None
        assert may
        return renewed

    @rule(held=consumes(holders))
    def release(self, held: Held | None) -> None:
        if held is None:
            return
        before = self.record()
        self.records.release(held)
        ours = before.lease is not None and before.lease.owner == held.job.lease.owner
        assert (self.record().lease is None) == (ours or before.lease is None)

    @rule(held=consumes(holders), outcome=st.sampled_from([one for one in Outcome if one is not Outcome.CANCELLED]))
    def finish(self, held: Held | None, outcome: Outcome) -> None:
        if held is None:
            return
        may = self.still_holds(held)
        try:
            self.final = self.records.finish(held, outcome).job
        except Busy:
            assert not may
        else:
            assert may

    @rule(held=consumes(holders))
    def crash(self, held: Held | None) -> None:
        """The holder is gone; only time frees its lease."""

    @rule(seconds=st.sampled_from([1.0, INTAKE_LEASE, WORK_LEASE]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def a_finished_job_stays_as_it_is(self) -> None:
        if getattr(self, "final", None) is not None:
            assert self.record() == self.final

    @invariant()
    def only_held_jobs_have_a_lease(self) -> None:
        job = self.record() if hasattr(self, "records") else None
        if job is not None:
            assert (job.lease is not None) <= (job.state in (State.ACCEPTED, State.WORKING))
            assert (job.outcome is not None) == (job.state is State.FINISHED)


def test_the_record_over_the_twin():
    run_state_machine_as_test(RecordMachine, settings=settings(max_examples=300, stateful_step_count=40, deadline=None))


def test_the_record_over_s3(s3_store: ObjectStore):
    limits = settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    over_s3 = type("OverS3", (RecordMachine,), {"new_store": staticmethod(lambda: s3_store)})
    run_state_machine_as_test(over_s3, settings=limits)
