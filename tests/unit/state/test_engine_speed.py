"""How fast the engine is, measured."""

import pytest

from pisar.errors import Unavailable
from pisar.state.engine_speed import DEFAULT_ENGINE_SECONDS, DEFAULT_SPEECH_SECONDS, KEY, WRITE_EVERY_SECONDS, Pace
from tests.support.twins import ManualClock, MemoryObjectStore


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


def test_before_anything_is_measured_the_default_is_told(store: MemoryObjectStore, clock: ManualClock):
    pace = Pace(store, clock)
    assert pace.expected_seconds(10) == 10 * DEFAULT_ENGINE_SECONDS
    assert pace.expected_wait_seconds(1) == 2 * DEFAULT_ENGINE_SECONDS * DEFAULT_SPEECH_SECONDS


def test_what_is_measured_is_told_and_the_latest_counts_most(store: MemoryObjectStore, clock: ManualClock):
    pace = Pace(store, clock)
    pace.note(engine_seconds=2, speech_seconds=10)
    assert (pace.expected_seconds(100), pace.expected_wait_seconds(2)) == (20, 6)
    for _ in range(100):
        pace.note(engine_seconds=5, speech_seconds=10)
    assert pace.expected_seconds(100) == pytest.approx(50, rel=0.01)
    assert pace.expected_wait_seconds(0) == pytest.approx(5, rel=0.01)


def test_another_process_learns_of_it_within_half_a_minute(store: MemoryObjectStore, clock: ManualClock):
    worker, asker = Pace(store, clock), Pace(store, clock)
    assert asker.expected_seconds(10) == 6
    worker.note(engine_seconds=1, speech_seconds=10)
    assert asker.expected_seconds(10) == 6
    clock.advance(WRITE_EVERY_SECONDS)
    assert asker.expected_seconds(10) == 1


def test_a_new_worker_goes_on_from_what_was_kept(store: MemoryObjectStore, clock: ManualClock):
    Pace(store, clock).note(engine_seconds=1, speech_seconds=10)
    assert Pace(store, clock).expected_seconds(10) == 1


def test_it_is_written_no_more_than_twice_a_minute(store: MemoryObjectStore, clock: ManualClock):
    pace = Pace(store, clock)
    pace.note(engine_seconds=1, speech_seconds=10)
    first = store.get(KEY)
    pace.note(engine_seconds=9, speech_seconds=10)
    assert store.get(KEY) == first
    clock.advance(WRITE_EVERY_SECONDS)
    pace.note(engine_seconds=9, speech_seconds=10)
    assert store.get(KEY) != first


class FailingStore(MemoryObjectStore):
    def get(self, *_: object, **__: object):
        raise Unavailable("down")

    put = get


def test_a_store_that_fails_spoils_no_work(clock: ManualClock):
    pace = Pace(FailingStore(), clock)
    pace.note(engine_seconds=1, speech_seconds=10)
    assert pace.expected_seconds(10) == 1


@pytest.mark.parametrize("kept", [b"", b"[]", b'{"engine_seconds": 1}', b'{"speed": 7}', b"\xff"])
def test_what_nobody_can_read_is_passed_over(store: MemoryObjectStore, clock: ManualClock, kept: bytes):
    store.put(KEY, kept)
    assert Pace(store, clock).expected_seconds(10) == 6
