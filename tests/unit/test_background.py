"""Work begun ahead: at the same time as what follows, awaited, and heard of."""

from threading import Barrier, Event

import pytest

from pisar.background import Ahead
from pisar.domain.jobs import CURRENT_JOB_ID, JobMessage
from tests.unit.world import World

SECONDS = 30.0


def test_work_ahead_goes_on_while_others_do():
    both = Barrier(2, timeout=SECONDS)
    with Ahead(both.wait) as ahead:
        both.wait()
    assert ahead.result() in {0, 1}


def test_the_end_of_the_block_waits_for_it():
    begun, done = Event(), []

    def work() -> None:
        begun.wait(SECONDS)
        done.append(True)

    with Ahead(work):
        begun.set()
    assert done == [True]


def test_what_it_raises_comes_out_where_its_result_is_asked_for():
    def fail() -> None:
        raise InterruptedError

    with Ahead(fail) as ahead:
        pass
    with pytest.raises(InterruptedError):
        ahead.result()


def test_its_log_lines_have_the_jobs_id():
    CURRENT_JOB_ID.set("j7")
    with Ahead(CURRENT_JOB_ID.get) as ahead:
        assert ahead.result() == "j7"


def test_a_voice_is_downloaded_while_its_status_is_sent():
    world = World()
    take = world.say("hello")
    both = Barrier(2, timeout=SECONDS)
    send, fetch = world.chat.send, world.files.fetch

    def sending(*arguments, **named):
        both.wait()
        return send(*arguments, **named)

    def fetching(*arguments, **named):
        both.wait()
        return fetch(*arguments, **named)

    world.chat.send, world.files.fetch = sending, fetching  # type: ignore[method-assign]
    world.intake.receive(take)
    assert len(world.queue) == 1


def test_an_audio_is_fetched_while_its_job_is_claimed():
    world = World()
    world.intake.receive(world.say("hello"))
    both, met = Barrier(2, timeout=SECONDS), []
    get = world.store.get

    def getting(key: str):
        if key.startswith(("audio/", "jobs/")) and len(met) < 2:
            both.wait()
            met.append(key)
        return get(key)

    world.store.get = getting  # type: ignore[method-assign]
    world.transcription.work(JobMessage("j1"))
    assert world.ear.heard


def test_a_transcript_is_stored_while_it_is_written_for_others():
    world = World()
    world.intake.receive(world.say("hello"))
    both = Barrier(2, timeout=SECONDS)
    put = world.store.put

    def putting(key: str, body: bytes, **conditions):
        if key.startswith("texts/") or (key.startswith("cache/") and b"hello" in body):
            both.wait()
        return put(key, body, **conditions)

    world.store.put = putting  # type: ignore[method-assign]
    world.work_off()
    assert world.shown() == ["hello"]
