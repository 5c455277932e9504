"""The moves of a job's record."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain import jobs
from pisar.domain.answer_to import Drop, Order, Reply, Whole
from pisar.domain.jobs import Job, JobMessage, Lease, Options, Outcome, State, job_id
from pisar.domain.speech import Plan, Span
from pisar.errors import Busy, Unreadable

REPLY = Reply(chat_id=1, message_id=2)


def accepted(now: float = 100.0) -> Job:
    return jobs.accept("a1", owner="intake", now=now, lease_seconds=60, answer_to=REPLY, options=Options())


def test_the_same_parts_give_the_same_id_and_others_another():
    assert job_id("telegram", 1, 23) == job_id("telegram", 1, 23)
    assert len({job_id("telegram", 1, 23), job_id("telegram", 12, 3), job_id("telegram", 123), job_id("upload", 1, 23)}) == 4


def test_an_accepted_job_is_held_by_its_intake():
    assert accepted().lease == Lease(owner="intake", until=160.0)
    assert accepted().state is State.ACCEPTED


def test_another_intake_waits_for_the_lease_and_then_resumes():
    with pytest.raises(Busy):
        jobs.resume(accepted(), owner="other", now=159.9, lease_seconds=60)
    resumed = jobs.resume(accepted(), owner="other", now=160.0, lease_seconds=60)
    assert resumed is not None
    assert resumed.lease == Lease(owner="other", until=220.0)


def test_an_intake_has_nothing_left_to_do_once_the_job_is_queued():
    assert jobs.resume(jobs.enqueue(accepted()), owner="other", now=1000, lease_seconds=60) is None


def test_a_worker_need_not_wait_for_the_intake():
    claimed = jobs.claim(accepted(), owner="worker", now=101, lease_seconds=600)
    assert claimed is not None
    assert (claimed.state, claimed.deliveries, claimed.lease) == (State.WORKING, 1, Lease(owner="worker", until=701))


def test_a_second_worker_waits_for_the_first_ones_lease():
    claimed = jobs.claim(jobs.enqueue(accepted()), owner="first", now=100, lease_seconds=10)
    assert claimed is not None
    with pytest.raises(Busy):
        jobs.claim(claimed, owner="second", now=109.9, lease_seconds=10)
    again = jobs.claim(claimed, owner="second", now=110, lease_seconds=10)
    assert again is not None
    assert again.deliveries == 2


def test_a_released_job_goes_back_where_it_came_from():
    claimed = jobs.claim(jobs.enqueue(accepted()), owner="first", now=100, lease_seconds=10)
    assert claimed is not None
    assert (jobs.release(claimed).state, jobs.release(claimed).lease) == (State.QUEUED, None)
    assert (jobs.release(accepted()).state, jobs.release(accepted()).lease) == (State.ACCEPTED, None)


def test_nothing_moves_a_finished_job():
    done = jobs.finish(accepted(), Outcome.TRANSCRIBED, now=200)
    assert done.lease is None
    assert jobs.claim(done, owner="w", now=1e9, lease_seconds=1) is None
    assert jobs.resume(done, owner="w", now=1e9, lease_seconds=1) is None


def test_only_a_held_job_is_renewed_and_only_one_with_a_reply_has_slots():
    assert jobs.renew(accepted(), now=150, lease_seconds=60).lease == Lease(owner="intake", until=210)
    with pytest.raises(ValueError, match="nobody holds"):
        jobs.renew(jobs.enqueue(accepted()), now=0, lease_seconds=1)
    silent = jobs.accept("a2", owner="o", now=0, lease_seconds=1, answer_to=None, options=Options())
    with pytest.raises(ValueError, match="without a reply"):
        jobs.with_slots(silent, (1,))


LEASES = st.none() | st.builds(Lease, owner=st.text(), until=st.floats(0, 1e10))
REPLIES = st.none() | st.builds(
    Reply,
    chat_id=st.integers(-(2**52), 2**52),
    message_id=st.integers(1, 2**31),
    thread_id=st.none() | st.integers(1, 2**31),
    language=st.sampled_from(["ru", "en"]),
    slots=st.lists(st.integers(1, 2**31), max_size=3).map(tuple),
)
DROPS = st.builds(Drop, key=st.text(min_size=1), formats=st.lists(st.sampled_from(["text", "srt"])).map(tuple))
ORDERS = st.builds(Order, client=st.text(), callback_url=st.none() | st.text(), uploaded=st.booleans())
SPANS = st.builds(Span, st.floats(0, 10), st.floats(10, 20))
PLANS = st.builds(Plan, st.lists(SPANS, max_size=3).map(tuple), st.lists(st.lists(SPANS, max_size=2).map(tuple), max_size=2).map(tuple))
WHOLES = st.builds(Whole, job_id=st.text(min_size=1), number=st.integers(0, 99), start=st.floats(0, 9999), plan=PLANS)
JOBS = st.builds(
    Job,
    id=st.text("0123456789abcdef", min_size=32, max_size=32),
    state=st.sampled_from(State),
    created_at=st.floats(0, 1e10),
    options=st.builds(Options, language=st.text(max_size=5)),
    answer_to=REPLIES | DROPS | ORDERS | WHOLES,
    lease=LEASES,
    deliveries=st.integers(0, 100),
    outcome=st.none() | st.sampled_from(Outcome),
    reason=st.none() | st.text(max_size=20),
)


@given(JOBS)
def test_a_record_reads_back_as_it_was_written(job: Job):
    assert Job.decode(job.encode()) == job


OF_0_1_0 = {
    "version": 1,
    "id": "a1",
    "state": "queued",
    "created_at": 5.0,
    "options": {"language": "ru", "task": "transcribe", "prompt": "", "temperature": 0.0},
    "reply": None,
    "drop": None,
    "order": None,
    "whole": None,
}
SHOWN_TO = {
    "reply": ({"chat_id": 7, "message_id": 5, "slots": [9]}, Reply(chat_id=7, message_id=5, slots=(9,))),
    "drop": ({"key": "uploads/a.ogg", "formats": ["srt"]}, Drop(key="uploads/a.ogg", formats=("srt",))),
    "order": ({"client": "c", "request": "r", "callback_url": None, "uploaded": True}, Order(client="c", request="r", uploaded=True)),
    "whole": (
        {"job_id": "w", "number": 1, "start": 2.0, "plan": {"found": [{"start": 0.0, "end": 1.0}], "pieces": []}},
        Whole(job_id="w", number=1, start=2.0, plan=Plan((Span(0.0, 1.0),), ())),
    ),
}


@pytest.mark.parametrize("kind", SHOWN_TO)
def test_a_record_of_an_earlier_version_is_read_and_written_as_it_can_read_it(kind: str):
    written, answer_to = SHOWN_TO[kind]
    job = Job.decode(json.dumps(OF_0_1_0 | {kind: written}).encode())
    assert (job.answer_to, job.state, job.options.language) == (answer_to, State.QUEUED, "ru")
    fields = json.loads(job.encode())
    assert {name: fields[name] is not None for name in SHOWN_TO} == {name: name == kind for name in SHOWN_TO}


@pytest.mark.parametrize("kind", SHOWN_TO)
def test_a_record_of_a_later_version_is_read_without_what_is_new_in_it(kind: str):
    written, answer_to = SHOWN_TO[kind]
    later = {"of_tomorrow": {"a": 1}}
    options = OF_0_1_0["options"] | later  # type: ignore[operator]
    lease = {"owner": "me", "until": 9.0} | later
    job = Job.decode(json.dumps(OF_0_1_0 | later | {kind: written | later, "options": options, "lease": lease}).encode())
    assert (job.answer_to, job.lease, job.options.language) == (answer_to, Lease(owner="me", until=9.0), "ru")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"version": 2}', b'{"version": 1, "state": "x"}', b"\xff", b"7"])
def test_anything_else_is_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        Job.decode(body)


def test_a_message_reads_back_as_it_was_written():
    assert JobMessage.decode(JobMessage("abc123").encode()) == JobMessage("abc123")


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '"x"', '{"job_id": 7}', '{"job_id": ""}', '{"job_id": "../jobs/x"}', "not json"])
def test_any_other_message_is_unreadable(body: str):
    with pytest.raises(Unreadable):
        JobMessage.decode(body)
