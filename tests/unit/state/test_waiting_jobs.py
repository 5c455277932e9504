"""Places in line, and whose jobs are whose."""

from dataclasses import replace

import pytest

from pisar.domain.answer_to import Order
from pisar.domain.jobs import Job, Options
from pisar.state import waiting_jobs as module
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.waiting_jobs import Line
from tests.support.twins import ManualClock, MemoryObjectStore

ANNA, BORIS = "a" * 64, "b" * 64


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def records(store: MemoryObjectStore, clock: ManualClock) -> Records:
    return Records(store, clock)


def new(records: Records, clock: ManualClock, name: str, client: str = ANNA) -> Job:
    clock.advance(1)
    return records.expect(name, options=Options(), order=Order(client=client)).job


def test_jobs_stand_in_the_order_they_were_made(store: MemoryObjectStore, records: Records, clock: ManualClock):
    line, jobs = Line(store), [new(records, clock, name) for name in ("zz", "mm", "aa")]
    for job in reversed(jobs):
        line.join(job, at_most=10)
        line.join(job, at_most=10)
    assert [line.place(job) for job in jobs] == [0, 1, 2]
    line.leave(jobs[0])
    line.leave(jobs[0])
    assert [line.place(job) for job in jobs] == [None, 0, 1]


def test_far_back_the_place_is_a_round_number(
    store: MemoryObjectStore, records: Records, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "MAX_COUNTED", 2)
    line, jobs = Line(store), [new(records, clock, f"j{n}") for n in range(5)]
    for job in jobs:
        line.join(job, at_most=10)
    assert [line.place(job) for job in jobs] == [0, 1, 2, 2, 2]


def test_a_client_is_given_its_own_jobs_page_by_page_the_newest_first(store: MemoryObjectStore, records: Records, clock: ManualClock):
    owned = OwnedJobs(store, records)
    jobs = [new(records, clock, f"j{n}") for n in range(5)]
    for job in [*jobs, new(records, clock, "b1", BORIS)]:
        owned.add(job)
    first, after = owned.page(ANNA, limit=2)
    assert after is not None
    second, after = owned.page(ANNA, limit=2, after=after)
    assert after is not None
    third, end = owned.page(ANNA, limit=2, after=after)
    assert [job.id for job in (*first, *second, *third)] == ["j4", "j3", "j2", "j1", "j0"]
    assert end is None
    assert [job.id for job in owned.page(BORIS, limit=10)[0]] == ["b1"]


def test_a_page_that_ends_with_the_last_job_says_so(store: MemoryObjectStore, records: Records, clock: ManualClock):
    owned = OwnedJobs(store, records)
    jobs = [new(records, clock, f"j{n}") for n in range(2)]
    for job in jobs:
        owned.add(job)
    assert owned.page(ANNA, limit=2) == (jobs[::-1], None)
    owned.remove(jobs[1])
    assert owned.page(ANNA, limit=2) == (jobs[:1], None)


def test_a_mark_without_its_job_and_one_of_another_time_are_passed_over(store: MemoryObjectStore, records: Records, clock: ManualClock):
    owned, job = OwnedJobs(store, records), new(records, clock, "j1")
    owned.add(job)
    owned.add(replace(job, created_at=job.created_at - 5))
    owned.add(replace(job, id="never"))
    assert owned.page(ANNA, limit=10) == ([job], None)
