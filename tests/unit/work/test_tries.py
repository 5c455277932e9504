"""Every try at a job counts, whoever makes it, and none goes on for ever."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from pisar.bot.texts import TEXTS
from pisar.domain.jobs import MAX_KILLED, JobMessage, Lane, Outcome, State
from pisar.errors import Busy, Crowded, OutOfMemory, Rejected, Rejection, Unavailable
from pisar.work.attempt import Holding
from pisar.work.celery_steps import Steps
from tests.unit.work.test_long_recordings import long_world
from tests.unit.work.test_long_recordings import take as take_long
from tests.unit.world import LEASE, LIMITS, World

MAX_TRIES = 4
J1 = JobMessage("j1")


@pytest.fixture
def world() -> World:
    world = World()
    world.holding = Holding(lease_seconds=LEASE, max_tries=MAX_TRIES)
    world.intake.receive(world.say("hello"))
    return world


@pytest.fixture
def steps(world: World) -> Steps:
    return Steps(
        records=world.records,
        audio=world.audio,
        decoder=world.ear,
        closing=world.closing,
        queue=world.queue,
        content_ids=world.content_ids,
        quotas=world.quotas,
        payers=world.payers,
        voice=LIMITS,
        lease_seconds=LEASE,
        max_tries=MAX_TRIES,
    )


@pytest.fixture(params=["fetch", "transcribe", "work"])
def take(request: pytest.FixtureRequest, world: World, steps: Steps) -> Callable[[], object]:
    """Take the job in hand."""
    do = {"fetch": steps.fetch, "transcribe": world.transcription.transcribe, "work": world.transcription.work}[request.param]
    return lambda: do(J1)


def ended_process() -> int:
    """Return the number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def tried(take: Callable[[], object], error: type[BaseException]) -> int:
    """Return how many tries raised that before one did not."""
    for number in range(100):
        try:
            take()
        except error:
            continue
        return number
    pytest.fail("it goes on for ever")


@pytest.mark.parametrize("error", [OutOfMemory("killed"), MemoryError()], ids=repr)
def test_what_was_killed_for_memory_twice_is_refused_and_erased(world: World, take: Callable[[], object], error: BaseException):
    world.ear.rejection = error  # type: ignore[assignment]
    assert tried(take, type(error)) == MAX_KILLED - 1
    job = world.records.find("j1").job
    assert (job.state, job.outcome, job.reason) == (State.FINISHED, Outcome.REJECTED, "too_heavy")
    assert world.stored("audio/") == []
    (said,) = world.shown()
    assert said == TEXTS["en"]["too_heavy"]


@pytest.mark.parametrize("error", [Unavailable("down"), ZeroDivisionError()], ids=repr)
def test_what_fails_in_another_way_is_told_after_its_tries(world: World, take: Callable[[], object], error: BaseException):
    world.ear.rejection = error  # type: ignore[assignment]
    assert tried(take, type(error)) == MAX_TRIES
    job = world.records.find("j1").job
    assert (job.outcome, job.reason) == (Outcome.FAILED, "deliveries_used_up")
    assert world.stored("audio/") == []


def test_a_worker_that_dies_each_time_is_counted(world: World, take: Callable[[], object], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(world.records, "release", lambda _held, **_: None)
    world.ear.rejection = Unavailable("died")  # type: ignore[assignment]
    for _ in range(MAX_TRIES):
        with pytest.raises(Unavailable):
            take()
        with pytest.raises(Busy):
            take()
        world.clock.advance(LEASE + 1)
    take()
    assert world.records.find("j1").job.outcome is Outcome.FAILED


def test_a_process_that_the_kernel_ended_twice_under_the_job_ends_it(world: World, take: Callable[[], object]):
    for _ in range(MAX_KILLED):
        assert world.records.claim("j1", lease_seconds=LEASE)
        world.records.killed("j1", pid=os.getpid())
    take()
    assert world.records.find("j1").job.reason == "too_heavy"


def test_a_kill_of_a_process_that_held_nothing_changes_nothing(world: World):
    world.records.killed("j1", pid=os.getpid())
    assert world.records.find("j1").job.killed == 0
    world.transcription.work(J1)
    world.records.killed("j1", pid=os.getpid())
    assert world.records.find("j1").job.outcome is Outcome.TRANSCRIBED


def test_a_kill_that_is_noted_late_is_not_counted_against_who_holds_the_job_by_now(world: World):
    killed = ended_process()
    assert world.records.claim("j1", lease_seconds=LEASE)
    before = world.records.find("j1")
    world.records.killed("j1", pid=killed)
    assert world.records.find("j1") == before


def test_steps_that_go_well_cost_no_try_and_one_delivery(world: World, steps: Steps):
    assert steps.fetch(J1) is Lane.VOICE
    between = world.records.find("j1").job
    assert (between.state, between.lease, between.deliveries, between.tries) == (State.QUEUED, None, 0, 0)
    world.transcription.transcribe(J1)
    steps.answer(J1)
    assert world.shown() == ["hello"]
    job = world.records.find("j1").job
    assert (job.deliveries, world.meter.waits) == (2, world.meter.waits[:1])


def test_nobody_fetches_what_another_works_on(world: World, steps: Steps):
    assert world.records.claim("j1", lease_seconds=LEASE)
    with pytest.raises(Busy):
        steps.fetch(J1)
    assert world.ear.tracks_asked_for == []


def test_a_rejection_at_the_fetch_is_left_to_the_next_step(world: World, steps: Steps):
    world.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
    assert steps.fetch(J1) is Lane.VOICE
    world.transcription.transcribe(J1)
    assert world.records.find("j1").job.reason == "cannot_decode"


def test_a_record_written_before_tries_were_counted_is_read(world: World):
    job = world.records.find("j1").job
    old = job.encode().replace(b'"tries": 0, "killed": 0, ', b"")
    assert old != job.encode()
    assert type(job).decode(old) == replace(job, tries=0, killed=0)


def test_an_answer_waits_for_telegram_as_long_as_it_takes(world: World, steps: Steps, monkeypatch: pytest.MonkeyPatch):
    world.transcription.transcribe(J1)

    def away(*_: object) -> None:
        raise Unavailable("Telegram is away")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(world.delivery, "deliver", away)
        for _ in range(3 * MAX_TRIES):
            with pytest.raises(Unavailable):
                steps.answer(J1)
    steps.answer(J1)
    assert world.shown() == ["hello"]


def test_an_answer_that_brings_down_its_worker_each_time_is_given_up(world: World, steps: Steps, monkeypatch: pytest.MonkeyPatch):
    world.transcription.transcribe(J1)
    monkeypatch.setattr(world.closing, "close_with_transcript", lambda *_: 1 / 0)
    assert tried(lambda: steps.answer(J1), ZeroDivisionError) == MAX_TRIES
    assert world.records.find("j1").job.outcome is Outcome.FAILED


def test_a_step_that_found_no_turn_is_no_try(world: World, take: Callable[[], object]):
    world.ear.rejection = Crowded("too many files are decoded at once")  # type: ignore[assignment]
    for _ in range(3 * MAX_TRIES):
        with pytest.raises(Crowded):
            take()
    world.ear.rejection = None
    take()
    assert world.records.find("j1").job.outcome in (None, Outcome.TRANSCRIBED)


def test_answering_has_tries_of_its_own_once_the_text_is_made(world: World, steps: Steps):
    world.ear.rejection = Unavailable("down")  # type: ignore[assignment]
    for _ in range(MAX_TRIES - 1):
        with pytest.raises(Unavailable):
            world.transcription.transcribe(J1)
    world.ear.rejection = None
    world.transcription.transcribe(J1)
    for _ in range(MAX_TRIES - 1):  # of who dies while answering
        assert world.records.claim("j1", lease_seconds=LEASE)
        world.clock.advance(LEASE + 1)
    steps.answer(J1)
    assert world.shown() == ["hello"]


def test_a_long_recording_whose_parts_can_not_be_joined_is_told_after_its_tries(monkeypatch: pytest.MonkeyPatch):
    world = long_world()
    world.holding = Holding(lease_seconds=LEASE, max_tries=MAX_TRIES)

    def down(*_: object) -> None:
        raise Unavailable("down")

    monkeypatch.setattr(world.parts, "join", down)
    take_long(world)
    for _ in range(200):
        received = world.queue.receive()
        if received is None:
            world.queue.bring_back()
            continue
        try:
            world.transcription.work(received[1])
        except Unavailable:
            continue
        world.queue.delete(received[0])
        if world.records.find("j1").job.state is State.FINISHED:
            break
    assert (world.records.find("j1").job.outcome, world.records.find("j1").job.reason) == (Outcome.FAILED, "deliveries_used_up")


def test_a_transcript_that_can_not_be_told_ends_in_words_all_the_same(world: World, monkeypatch: pytest.MonkeyPatch):
    world.transcription.transcribe(J1)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.closing, "close_with_transcript", broken)
    world.dead_letters.bury("m1", J1.encode())
    assert world.records.find("j1").job.outcome is Outcome.FAILED
    assert world.stored("line/") == []
    (said,) = world.shown()
    assert said.startswith("😔")
