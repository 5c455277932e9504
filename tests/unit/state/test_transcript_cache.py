"""One transcript for all who ask for the same."""

import threading
from dataclasses import replace

import pytest

from pisar.adapters.clock import SystemClock
from pisar.domain.jobs import Options
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Busy, Rejected, Rejection
from pisar.state.transcript_cache import ContentIds, TranscriptCache
from tests.support.twins import ManualClock, MemoryObjectStore

SAID = Transcript(language="ru", duration=2.0, segments=(Segment(0.0, 1.5, "привет"),))
OTHER = replace(SAID, language="en")
DAY = 86_400.0
TIMES = {"lease_seconds": 30.0, "patience_seconds": 10.0}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


@pytest.fixture
def cache(store: MemoryObjectStore, clock: ManualClock) -> TranscriptCache:
    return TranscriptCache(store, clock, reuse_seconds=DAY)


def broken() -> Transcript:
    raise Rejected(Rejection.CANNOT_DECODE)


def never() -> Transcript:
    raise AssertionError("it is made a second time")


def test_what_was_made_answers_for_a_day(cache: TranscriptCache, clock: ManualClock):
    assert cache.look("c1").transcript is None
    assert cache.obtain("c1", lambda: SAID, **TIMES) == SAID
    clock.advance(DAY - 1)
    assert (cache.look("c1").transcript, cache.obtain("c1", never, **TIMES)) == (SAID, SAID)
    clock.advance(1)
    assert cache.look("c1").transcript is None
    assert cache.obtain("c1", lambda: OTHER, **TIMES) == OTHER


def test_what_failed_leaves_nothing_in_the_way(cache: TranscriptCache):
    with pytest.raises(Rejected):
        cache.obtain("c1", broken, **TIMES)
    assert cache.look("c1").transcript is None
    assert cache.obtain("c1", lambda: SAID, **TIMES) == SAID


def test_who_comes_while_another_is_at_it_gives_up_after_its_patience(cache: TranscriptCache, clock: ManualClock):
    def meanwhile() -> Transcript:
        began = clock.now()
        with pytest.raises(Busy):
            cache.obtain("c1", never, lease_seconds=30, patience_seconds=10)
        assert clock.now() - began == 10
        return SAID

    assert cache.obtain("c1", meanwhile, **TIMES) == SAID


def test_a_holder_that_died_is_followed_when_its_lease_runs_out(
    cache: TranscriptCache, store: MemoryObjectStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
):
    class Killed(BaseException):
        pass

    with monkeypatch.context() as killed:

        def dies() -> Transcript:
            killed.setattr(store, "put", lambda *_, **__: "")  # a killed process writes nothing more
            raise Killed

        with pytest.raises(Killed):
            cache.obtain("c1", dies, **TIMES)
    began = clock.now()
    assert cache.obtain("c1", lambda: SAID, lease_seconds=30, patience_seconds=60) == SAID
    assert clock.now() - began == 30


def test_a_holder_whose_lease_ran_out_keeps_its_transcript_and_does_not_overwrite_its_successor(cache: TranscriptCache, clock: ManualClock):
    def slow() -> Transcript:
        clock.advance(31)
        assert cache.obtain("c1", lambda: OTHER, **TIMES) == OTHER
        return SAID

    assert cache.obtain("c1", slow, **TIMES) == SAID
    assert cache.look("c1").transcript == OTHER


def test_what_is_forgotten_while_it_is_made_stays_forgotten(cache: TranscriptCache):
    def forgotten() -> Transcript:
        cache.forget("c1")
        return SAID

    assert cache.obtain("c1", forgotten, **TIMES) == SAID
    assert cache.look("c1").transcript is None


def test_without_reuse_only_those_who_ask_at_once_share(store: MemoryObjectStore, clock: ManualClock):
    cache = TranscriptCache(store, clock, reuse_seconds=0)
    assert cache.obtain("c1", lambda: SAID, **TIMES) == SAID
    assert cache.look("c1").transcript is None
    clock.advance(0.001)
    assert cache.obtain("c1", lambda: OTHER, **TIMES) == OTHER


def test_a_look_that_is_out_of_date_is_taken_again(cache: TranscriptCache):
    looked = cache.look("c1")
    assert cache.obtain("c1", lambda: SAID, **TIMES) == SAID
    assert cache.obtain("c1", never, looked=looked, **TIMES) == SAID


def test_an_entry_nobody_can_read_is_made_anew(cache: TranscriptCache, store: MemoryObjectStore):
    store.put("cache/c1.json", b'{"transcript": 7}')
    assert cache.look("c1").transcript is None
    assert cache.obtain("c1", lambda: SAID, **TIMES) == SAID


@pytest.mark.parametrize("reuse_seconds", [0.0, DAY])
def test_of_many_who_ask_at_once_one_works(store: MemoryObjectStore, reuse_seconds: float):
    cache = TranscriptCache(store, SystemClock(), reuse_seconds=reuse_seconds)
    all_ask, begun, made, got = threading.Barrier(8), threading.Event(), [], []

    def work() -> Transcript:
        made.append(1)
        begun.wait(60)
        return SAID

    def ask() -> None:
        all_ask.wait()
        got.append(cache.obtain("c1", work, lease_seconds=60, patience_seconds=60))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join(60)
    assert got == [SAID] * 8
    assert reuse_seconds == 0 or len(made) == 1
    assert len(made) <= 8


def test_the_name_is_of_audio_options_and_model_together():
    small, other = (ContentIds(model=model, shared=True) for model in ("small", "base"))
    base = small.of(b"OggS", Options(), "")
    assert base == small.of(b"OggS", Options(), "anna")
    others = {
        small.of(b"OggT", Options(), ""),
        other.of(b"OggS", Options(), ""),
        *(small.of(b"OggS", replace(Options(), **{name: value}), "") for name, value in
          (("language", "ru"), ("task", "translate"), ("prompt", "Писарь"), ("temperature", 0.2))),
    }  # fmt: skip
    assert len(others | {base}) == 7
    assert all(len(name) == 32 and name.isalnum() for name in others)
