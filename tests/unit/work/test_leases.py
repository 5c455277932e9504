"""Whatever a try at a job raises, the job is let go of: the next one takes it up at once, and need not wait for a lease to run out."""

from collections.abc import Callable

import pytest

from pisar.domain.jobs import JobMessage, State
from pisar.domain.jobs import Options as Wanted
from pisar.errors import Unavailable
from tests.unit.api.test_client_jobs import Api, form_of, spoken
from tests.unit.bucket.test_drops import TALK, Bucket
from tests.unit.chat.test_answers_again import answered, press
from tests.unit.world import World

ERRORS = (Unavailable("down"), RuntimeError("unforeseen"), SystemExit())
each_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


def broken(error: BaseException) -> Callable[..., None]:
    def call(*_: object, **__: object) -> None:
        raise error

    return call


def leases(world: World) -> dict[str, State]:
    """Return the jobs that somebody holds."""
    jobs = [world.records.find(key[5:-5]).job for key in world.stored("jobs/")]
    return {job.id: job.state for job in jobs if job.lease is not None and job.lease.until > world.clock.now()}


@each_error
def test_of_a_dead_letter(monkeypatch: pytest.MonkeyPatch, error: BaseException):
    world = World()
    world.intake.receive(world.say("hello"))
    with monkeypatch.context() as patched:
        patched.setattr(world.chat, "edit", broken(error))
        with pytest.raises(type(error)):
            world.dead_letters.bury("m1", JobMessage("j1").encode())
    assert leases(world) == {}
    world.dead_letters.bury("m1", JobMessage("j1").encode())
    assert world.records.find("j1").job.state is State.FINISHED


@each_error
def test_of_an_update(monkeypatch: pytest.MonkeyPatch, error: BaseException):
    world = World()
    said = world.say("hello")
    with monkeypatch.context() as patched:
        patched.setattr(world.queue, "put", broken(error))
        with pytest.raises(type(error)):
            world.intake.receive(said)
    assert leases(world) == {}
    world.intake.receive(said)
    world.work_off()
    assert world.shown() == ["hello"]


@each_error
def test_of_a_dropped_file(monkeypatch: pytest.MonkeyPatch, error: BaseException):
    world = Bucket()
    world.store.put(TALK, b"hello")
    with monkeypatch.context() as patched:
        patched.setattr(world.queue, "put", broken(error))
        with pytest.raises(type(error)):
            world.drops.receive(TALK)
    assert leases(world) == {}
    world.drops.receive(TALK)
    world.work_off()
    assert world.results()["transcripts/talks/monday.ogg.txt"] == "hello\n"


@each_error
def test_of_an_upload(monkeypatch: pytest.MonkeyPatch, error: BaseException):
    world = Api()
    created = world.create(world.boris)
    world.store.post(form_of(created), b"hello")
    with monkeypatch.context() as patched:
        patched.setattr(world.queue, "put", broken(error))
        with pytest.raises(type(error)):
            world.jobs.uploaded(created.job.audio_key)
    assert leases(world) == {}
    world.jobs.uploaded(created.job.audio_key)
    world.work_off()
    assert world.texts.transcript(world.boris, created.job.id).text == "hello"


@each_error
def test_of_a_request_that_became_a_job(monkeypatch: pytest.MonkeyPatch, error: BaseException):
    world = Api()
    monkeypatch.setattr(world.queue, "put", broken(error))
    with pytest.raises(type(error)):
        world.direct.transcribe_or_defer(world.boris, spoken(9).encode(), Wanted(), wait_seconds=0)
    assert leases(world) == {}
    assert [key for key in world.stored("") if key.startswith(("audio/", "line/"))] == []


@each_error
def test_of_an_answer_in_another_shape(monkeypatch: pytest.MonkeyPatch, error: BaseException):
    world = World()
    first = answered(world)
    with monkeypatch.context() as patched:
        patched.setattr(world.records, "finish", broken(error))
        with pytest.raises(type(error)):
            press(world, f"as:srt:{first}")
    assert leases(world) == {}


@each_error
@pytest.mark.parametrize("step", ["work", "transcribe"])
def test_of_a_workers_job(monkeypatch: pytest.MonkeyPatch, error: BaseException, step: str):
    world = World()
    world.intake.receive(world.say("hello"))
    monkeypatch.setattr(world.ear, "transcribe", broken(error))
    with pytest.raises(type(error)):
        getattr(world.transcription, step)(JobMessage("j1"))
    assert leases(world) == {}
