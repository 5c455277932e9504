"""No door puts more jobs in line than the owner says, and whoever comes by it is told."""

import json
import threading

import pytest

from pisar.bot.texts import say
from pisar.domain.answer_to import Drop
from pisar.domain.bucket import LINE
from pisar.domain.jobs import Options, Outcome
from pisar.errors import Rejected, Rejection
from pisar.ports.storage import ObjectInfo, StoredObject
from pisar.state.waiting_jobs import Line, LineFullError
from tests.support.twins import MemoryObjectStore
from tests.unit.api.test_client_jobs import CALLBACK, MAX_AWAITED, Api, refused, spoken
from tests.unit.bucket.test_drops import Bucket
from tests.unit.bucket.test_watch import ROOM
from tests.unit.bucket.test_watch import Bucket as Watched
from tests.unit.world import MAX_WAITING, World


@pytest.fixture
def api() -> Api:
    return Api()


def waiting(world: World) -> int:
    return len(world.stored(LINE))


def fill(world: World) -> None:
    for number in range(MAX_WAITING):
        job = world.records.accept(f"before{number}", lease_seconds=1, options=Options())
        assert job is not None
        Line(world.store).join(job.job, at_most=MAX_WAITING)


def test_of_jobs_made_while_there_was_room_no_more_are_queued_than_may_wait(api: Api):
    made = [api.create(api.boris, callback_url=CALLBACK) for _ in range(MAX_AWAITED)]
    for number, created in enumerate(made):
        api.upload(created, f"hello {number}")
    states = [api.jobs.status(api.boris, created.job.id).state for created in made]
    assert states == ["queued"] * MAX_WAITING + ["failed"] * (MAX_AWAITED - MAX_WAITING)
    assert waiting(api) == len(api.queue) == MAX_WAITING
    last = api.jobs.status(api.boris, made[-1].job.id).job
    assert (last.outcome, last.reason) == (Outcome.REJECTED, "queue_full")
    assert last.message == f"{MAX_WAITING} recordings wait already, and no more are taken for now; try again in a while."
    assert len(api.stored("incoming/")) == MAX_WAITING
    assert len(api.callbacks) == MAX_AWAITED - MAX_WAITING


def test_an_event_that_comes_again_does_not_put_its_own_job_out_of_a_full_line(api: Api):
    made = [api.create(api.boris) for _ in range(MAX_WAITING)]
    for created in made:
        api.upload(created, "hello")
    api.jobs.uploaded(made[0].job.audio_key)
    Line(api.store).join(made[0].job, at_most=MAX_WAITING)
    assert waiting(api) == MAX_WAITING


def test_a_request_that_would_become_a_job_is_refused_where_the_line_is_full_and_leaves_nothing(api: Api):
    fill(api)
    before = api.stored("")
    with pytest.raises(Rejected) as full:
        api.direct.transcribe_or_defer(api.boris, spoken(40).encode(), Options(), wait_seconds=0)
    assert full.value.code is Rejection.QUEUE_FULL
    left = [key for key in api.stored("") if key not in before]
    assert [key.partition("/")[0] for key in left] == ["jobs"]
    assert api.records.find(left[0][5:-5]).job.outcome is Outcome.CANCELLED
    assert len(api.queue) == 0


def test_of_messages_that_come_at_once_no_more_are_taken_than_may_wait(world: World):
    together = threading.Barrier(MAX_WAITING + 3)
    decisions = [world.say("hello", f"j{number}") for number in range(MAX_WAITING + 3)]

    def send(number: int) -> None:
        together.wait()
        world.intake.receive(decisions[number])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(MAX_WAITING + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert waiting(world) == len(world.queue) <= MAX_WAITING
    outcomes = [world.records.find(f"j{number}").job.outcome for number in range(MAX_WAITING + 3)]
    assert outcomes.count(Outcome.REJECTED) == MAX_WAITING + 3 - len(world.queue)
    assert world.shown().count(say("en", "queue_full", waiting=MAX_WAITING)) == outcomes.count(Outcome.REJECTED)
    assert len(world.stored("audio/")) == len(world.queue)


def test_a_dropped_file_that_finds_the_line_full_gets_an_error_and_dropped_again_its_text():
    bucket = Bucket()
    fill(bucket)
    bucket.drop("hello")
    assert bucket.error() == "queue_full"
    assert (waiting(bucket), len(bucket.queue)) == (MAX_WAITING, 0)
    bucket.store.delete(bucket.stored(LINE)[0])
    bucket.drop("hello")
    bucket.work_off()
    assert {key.rpartition(".")[2]: text for key, text in bucket.results().items()}["txt"] == "hello\n"
    assert not [key for key in bucket.results() if key.endswith(".error.json")]


def test_a_file_that_comes_again_by_itself_is_left_for_later_without_an_error():
    bucket = Bucket()
    fill(bucket)
    drops = bucket.over(over_broker=True).drops
    bucket.store.put("uploads/a.ogg", b"hello")
    with pytest.raises(LineFullError):
        drops.receive("uploads/a.ogg")
    assert bucket.results() == {}
    bucket.store.delete(bucket.stored(LINE)[0])
    drops.receive("uploads/a.ogg")
    bucket.work_off()
    assert bucket.results()["transcripts/a.ogg.txt"] == "hello\n"


def test_a_folder_of_more_files_than_may_wait_is_worked_through_look_by_look():
    bucket = Watched()
    for number in range(ROOM + 10):
        bucket.store.put(f"uploads/{number:03}.ogg", f"word {number}".encode())
    bucket.watch.look()
    assert (waiting(bucket), len(bucket.received)) == (ROOM, ROOM + 1)
    bucket.work_off()
    bucket.look()
    assert len([key for key in bucket.stored("transcripts/") if key.endswith(".txt")]) == ROOM + 10


def test_a_client_may_have_so_many_jobs_that_await_their_upload_and_no_more(api: Api):
    made = [api.create(api.boris) for _ in range(MAX_AWAITED)]
    with pytest.raises(Rejected) as refusal:
        api.create(api.boris)
    assert (refusal.value.code, refusal.value.details["awaited"]) == ("too_many_awaited", MAX_AWAITED)
    assert 3500 < float(refusal.value.details["expires_in_seconds"]) < 3600
    assert len(api.stored("jobs/")) == MAX_AWAITED
    api.create(api.anna)
    api.upload(made[0], "hello")
    api.jobs.delete(api.boris, made[1].job.id)
    api.create(api.boris)
    api.create(api.boris)
    assert refused(lambda: api.create(api.boris)) == "too_many_awaited"


def test_jobs_whose_form_has_expired_are_awaited_no_more_and_leave_no_trace_of_the_count(api: Api):
    for _ in range(MAX_AWAITED):
        api.create(api.boris)
    api.clock.advance(3600)
    api.create(api.boris)
    assert len(api.stored("awaited/")) == 1


def test_a_repeated_call_is_no_further_job_to_await(api: Api):
    for _ in range(MAX_AWAITED - 1):
        api.create(api.boris)
    ids = {api.create(api.boris, idempotency_key="monday").job.id for _ in range(3)}
    assert len(ids) == 1


@pytest.mark.parametrize("formats", [["text", "srt"] * 3000, "text srt " * 3000, "srt,text," * 3000])
def test_a_format_named_again_and_again_is_written_once(formats: object):
    bucket = Bucket()
    bucket.store.put("uploads/talks/pisar.json", json.dumps({"formats": formats}).encode())
    bucket.drop("hello")
    (job_key,) = bucket.stored("jobs/")
    drop = bucket.records.find(job_key[5:-5]).job.answer_to
    assert isinstance(drop, Drop)
    assert sorted(drop.formats) == ["srt", "text"]


class Large(MemoryObjectStore):
    """Tells of one object what it is, and must not be asked for it."""

    refused = ""

    def get(self, key: str) -> StoredObject:
        assert key != self.refused
        return super().get(key)

    def look(self, key: str) -> ObjectInfo:
        found = super(type(self), self).get(key)
        return ObjectInfo(len(found.body), found.etag, {})


def test_a_file_of_options_that_is_too_large_is_not_read():
    bucket = Bucket(store=Large())
    assert isinstance(bucket.store, Large)
    body = json.dumps({"formats": ["text"] * 100_001}).encode()
    bucket.store.put("uploads/talks/pisar.json", body)
    bucket.store.refused = "uploads/talks/pisar.json"
    bucket.drop("hello")
    assert bucket.error() == "bad_options"
    assert "64 KB" in bucket.results()["transcripts/talks/monday.ogg.error.json"]


def test_formats_nobody_knows_are_told_in_a_few_letters():
    bucket = Bucket()
    bucket.store.put("uploads/talks/pisar.json", json.dumps({"formats": ["x" * 20_000, "a", "b", "c", "d"]}).encode())
    bucket.drop("hello")
    assert bucket.error() == "unknown_format"
    assert len(bucket.results()["transcripts/talks/monday.ogg.error.json"]) < 300
