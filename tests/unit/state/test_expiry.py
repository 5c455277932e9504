"""What ends by itself where the bucket has no rules for that."""

from dataclasses import replace

import pytest

from pisar.domain.answer_to import Whole
from pisar.domain.bucket import PREFIXES
from pisar.domain.jobs import Job, Options, Outcome
from pisar.domain.speech import Plan
from pisar.state.expiry import DAY_SECONDS, EVERY_SECONDS, Expiry, seconds_by_age
from pisar.state.job_records import Records
from tests.support.twins import ManualClock, MemoryObjectStore
from tests.unit.api.test_client_jobs import Api
from tests.unit.world import DAY

AGES = seconds_by_age(keep_days=7, reuse_hours=24)
STAYS = ("uploads/a.ogg", "transcripts/a.ogg.txt", "clients/a.json", "chats/7.json", "access.json", "measured/pace.json", "dead-letters/m")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(clock: ManualClock) -> MemoryObjectStore:
    return MemoryObjectStore(clock.now)


@pytest.fixture
def records(store: MemoryObjectStore, clock: ManualClock) -> Records:
    return Records(store, clock)


@pytest.fixture
def expiry(store: MemoryObjectStore, records: Records, clock: ManualClock) -> Expiry:
    return Expiry(store, store, records, clock, ages=AGES)


def accepted(records: Records, name: str) -> Job:
    held = records.accept(name, lease_seconds=1, options=Options())
    assert held is not None
    return held.job


@pytest.mark.parametrize(("prefix", "seconds"), [(prefix, AGES[age]) for prefix, age in PREFIXES.items() if age])
def test_each_thing_is_erased_when_it_is_old_enough_and_not_before(
    store: MemoryObjectStore, clock: ManualClock, expiry: Expiry, prefix: str, seconds: float
):
    store.put(f"{prefix}a.json", b"{}")
    clock.advance(seconds)
    expiry.look()
    assert list(store.keys("")) == [f"{prefix}a.json"]
    clock.advance(EVERY_SECONDS)
    expiry.look()
    assert list(store.keys("")) == []


def test_what_is_somebodys_own_stays(store: MemoryObjectStore, clock: ManualClock, expiry: Expiry):
    for key in STAYS:
        store.put(key, b"{}")
    clock.advance(1000 * DAY_SECONDS)
    expiry.look()
    assert sorted(store.keys("")) == sorted(STAYS)


def test_a_job_that_waits_for_a_machine_that_is_off_keeps_what_it_needs(
    store: MemoryObjectStore, records: Records, clock: ManualClock, expiry: Expiry
):
    needed = [f"audio/{accepted(records, 'waits').id}", "incoming/waits", "parts/waits.json", "line/1700000000000-waits"]
    done = records.accept("done", lease_seconds=1, options=Options())
    assert done is not None
    records.finish(done, Outcome.TRANSCRIBED)
    for key in needed:
        store.put(key, b"")
        store.put(key.replace("waits", "done"), b"")
    clock.advance(5 * DAY_SECONDS)
    expiry.look()
    assert sorted(store.keys("")) == sorted([*needed, "jobs/done.json", "jobs/waits.json"])


def test_the_texts_of_a_long_recordings_parts_stay_until_it_is_finished(
    store: MemoryObjectStore, records: Records, clock: ManualClock, expiry: Expiry
):
    for whole in ("waits", "done"):
        belongs = Whole(job_id=whole, number=0, start=0.0, plan=Plan((), ()))
        part = records.accept(f"{whole}0", lease_seconds=1, options=Options(), answer_to=belongs)
        assert part is not None
        records.finish(part, Outcome.TRANSCRIBED)
        store.put(f"texts/{whole}0.json", b"")
        accepted(records, whole)
    records.finish(records.find("done"), Outcome.TRANSCRIBED)
    clock.advance(8 * DAY_SECONDS)
    expiry.look()
    assert list(store.keys("texts/")) == ["texts/waits0.json"]


def test_a_look_lists_the_bucket_once_an_hour(store: MemoryObjectStore, clock: ManualClock, expiry: Expiry):
    expiry.look()
    store.put("rates/7.json", b"")
    clock.advance(EVERY_SECONDS - 1)
    store.age("rates/7.json", 2 * DAY_SECONDS)
    expiry.look()
    assert list(store.keys("")) == ["rates/7.json"]
    clock.advance(1)
    expiry.look()
    assert list(store.keys("")) == []


def test_a_worker_that_is_told_to_stop_leaves_the_rest(store: MemoryObjectStore, clock: ManualClock, expiry: Expiry):
    store.put("rates/7.json", b"")
    clock.advance(2 * DAY_SECONDS)
    expiry.look(lambda: True)
    assert list(store.keys("")) == ["rates/7.json"]
    expiry.look()
    assert list(store.keys("")) == []


def test_the_text_of_a_direct_request_ends_by_itself():
    api = Api()
    api.direct.transcribe(api.boris, b"hello there", replace(Options(), language="en"))
    assert len(api.stored("cache/")) == 1
    api.clock.advance(DAY + EVERY_SECONDS + 1)
    Expiry(api.store, api.store, api.records, api.clock, ages=AGES).look()
    assert [key for key in api.stored("") if "hello" in api.store.get(key).body.decode()] == []
