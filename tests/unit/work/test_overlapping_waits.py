"""Waits that overlap: what is fetched or written on another thread while the rest of a job goes on."""

from threading import Barrier
from time import sleep

from pisar.domain.jobs import CURRENT_JOB_ID, JobMessage
from pisar.errors import Unavailable
from tests.unit.world import World

SECONDS = 30.0


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


def test_what_another_thread_does_is_logged_under_the_jobs_id():
    world = World()
    take = world.say("hello")
    fetch, ids = world.files.fetch, []

    def fetching(*arguments, **named):
        ids.append(CURRENT_JOB_ID.get())
        return fetch(*arguments, **named)

    world.files.fetch = fetching  # type: ignore[method-assign]
    world.intake.receive(take)
    assert ids == [take.job_id]


def test_nothing_goes_on_behind_an_answer_when_its_instance_is_frozen():
    world, ended = World(), []

    def showing(*_: object) -> None:
        sleep(0.2)
        ended.append(True)
        raise Unavailable("nobody asks for this")

    world.chat.show_working = showing  # type: ignore[method-assign]
    world.intake.receive(world.say("hello"))
    assert ended
    assert len(world.queue) == 1
