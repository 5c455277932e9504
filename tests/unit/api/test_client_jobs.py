"""The API's jobs: uploads, states, transcripts, cancellation, and what one client may know of another."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from pisar.api.client_jobs import Created
from pisar.api.transcribe_now import Deferred
from pisar.domain.clients import Client
from pisar.domain.jobs import Job, JobMessage, Options, Outcome, State
from pisar.errors import Busy, Misuse, Rejected, Rejection, Unavailable
from pisar.ports.storage import UploadForm
from pisar.state.engine_speed import DEFAULT_ENGINE_SECONDS
from pisar.state.quotas import Payer
from pisar.state.waiting_jobs import Line
from pisar.work.attempt import PROGRESS_SECONDS
from tests.support.twins import MemoryObjectStore
from tests.unit.world import DAY, LEASE, LIMITS, MAX_AWAITED, MAX_WAITING, World

FORM_SECONDS = 3600
CALLBACK = "https://example.com/done"


@dataclass
class Api(World):
    def __post_init__(self) -> None:
        self.store.now = self.clock.now
        super().__post_init__()
        self.anna, self.boris = self.new_client("anna", minutes_per_day=1), self.new_client("boris")

    def new_client(self, name: str, minutes_per_day: float | None = None) -> Client:
        return self.keys.create(name, minutes_per_day=minutes_per_day, now=self.clock.now()).client

    def create(self, client: Client, **how: str) -> Created:
        self.clock.advance(1)
        return self.jobs.create(client, Options(), request="r", **how)

    def upload(self, created: Created, text: str) -> None:
        self.store.post(form_of(created), text.encode())
        self.jobs.uploaded(created.job.audio_key)

    def done(self, client: Client, text: str, **how: str) -> Job:
        created = self.create(client, **how)
        self.upload(created, text)
        self.work_off()
        return created.job

    def traces(self, job: Job) -> list[str]:
        """Return what the bucket has of a job but for its record."""
        return [key for key in self.stored("") if job.id in key and not key.startswith("jobs/")]


def form_of(created: Created) -> UploadForm:
    assert created.offer is not None
    assert isinstance(created.offer.by, UploadForm)
    return created.offer.by


@pytest.fixture
def api() -> Api:
    return Api()


def spoken(words: int) -> str:
    """Return a text of so many words, each a second long and none like the one before."""
    return " ".join(f"w{number}" for number in range(words))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Rejected) as rejection:
        call()
    return rejection.value.code.value


def test_an_uploaded_audio_becomes_a_transcript_and_is_erased(api: Api):
    created = api.create(api.boris)
    assert api.jobs.status(api.boris, created.job.id).state == "awaiting_upload"
    api.upload(created, "hello there")
    assert api.jobs.status(api.boris, created.job.id).state == "queued"
    api.work_off()
    status = api.jobs.status(api.boris, created.job.id)
    assert (status.state, status.job.audio_seconds, status.job.progress) == ("done", 2.0, 1.0)
    assert api.texts.transcript(api.boris, created.job.id).text == "hello there"
    assert api.stored("incoming/") == []
    assert api.stored("line/") == []


def test_waiting_jobs_are_told_their_place_and_the_measured_time(api: Api):
    first, second = api.create(api.boris), api.create(api.boris)
    api.upload(first, "a " * 10)
    api.upload(second, "b")
    assert [api.jobs.status(api.boris, one.job.id).position for one in (first, second)] == [0, 1]
    before = api.jobs.status(api.boris, second.job.id).expected_seconds
    api.pace.note(engine_seconds=3, speech_seconds=10)
    api.clock.advance(60)
    assert before == 2 * 12.0
    assert api.jobs.status(api.boris, second.job.id).expected_seconds == 2 * 3
    api.work_off()
    assert api.jobs.status(api.boris, second.job.id).position is None


def test_an_upload_announced_twice_is_worked_on_once(api: Api):
    created = api.create(api.boris)
    api.upload(created, "hello")
    api.jobs.uploaded(f"incoming/{created.job.id}")
    api.work_off()
    api.upload(created, "another")
    api.work_off()
    assert api.ear.heard == [16_000]
    assert api.stored("incoming/") == []


def test_an_upload_that_belongs_to_nothing_is_let_be(api: Api):
    api.jobs.uploaded("incoming/ffff")
    api.store.put("incoming/eeee", b"x")
    api.jobs.uploaded("incoming/eeee")
    assert len(api.queue) == 0


class FailingQueue:
    def put(self, _message: JobMessage) -> None:
        raise Unavailable("down")


def test_an_upload_whose_job_could_not_be_queued_is_taken_up_again(api: Api):
    created = api.create(api.boris)
    api.store.post(form_of(created), b"hello")
    with pytest.raises(Unavailable):
        api.over(queue=FailingQueue()).jobs.uploaded(created.job.audio_key)
    api.jobs.uploaded(created.job.audio_key)
    api.work_off()
    assert api.texts.transcript(api.boris, created.job.id).text == "hello"


@pytest.mark.parametrize(("size", "code"), [(LIMITS.max_bytes + 1, "too_big"), (0, "cannot_decode")])
def test_a_file_the_form_should_have_refused_fails_before_it_costs_anything(api: Api, size: int, code: str):
    created = api.create(api.boris, callback_url=CALLBACK)
    api.store.put(created.job.audio_key, bytes(size))
    api.jobs.uploaded(created.job.audio_key)
    status = api.jobs.status(api.boris, created.job.id)
    assert (status.state, status.job.reason) == ("failed", code)
    assert (len(api.queue), api.stored("incoming/"), len(api.callbacks)) == (0, [], 1)
    assert refused(lambda: api.texts.transcript(api.boris, created.job.id)) == Misuse.NO_TRANSCRIPT


def test_a_form_that_nobody_used_in_time_is_expired(api: Api):
    job = api.create(api.boris).job
    api.clock.advance(FORM_SECONDS)
    assert api.jobs.status(api.boris, job.id).state == "awaiting_upload"
    api.clock.advance(0.1)
    assert api.jobs.status(api.boris, job.id).state == "expired"


def test_what_can_not_be_transcribed_fails_with_code_and_sentence(api: Api):
    api.ear.rejection = Rejected(Rejection.TOO_LONG, {"limit_minutes": 15})
    job = api.done(api.boris, "noise")
    found = api.jobs.status(api.boris, job.id).job
    assert (found.outcome, found.reason) == (Outcome.REJECTED, "too_long")
    assert found.message == "The recording is longer than 15 minutes; cut it into parts."


def test_silence_is_done_with_an_empty_transcript(api: Api):
    silent = api.done(api.boris, " ")
    assert api.jobs.status(api.boris, silent.id).state == "done"
    assert api.texts.transcript(api.boris, silent.id).segments == ()


def test_a_transcript_is_not_given_before_its_time(api: Api):
    created = api.create(api.boris)
    assert refused(lambda: api.texts.transcript(api.boris, created.job.id)) == Misuse.NOT_FINISHED
    api.upload(created, "hello")
    assert refused(lambda: api.texts.transcript(api.boris, created.job.id)) == Misuse.NOT_FINISHED


def test_a_client_knows_nothing_of_anothers_jobs(api: Api):
    job = api.done(api.boris, "hello")
    calls = (api.jobs.status, api.texts.transcript, api.jobs.delete)
    assert [refused(lambda call=call: call(api.anna, job.id)) for call in calls] == [Misuse.NOT_FOUND] * 3
    assert [refused(lambda call=call: call(api.anna, "0" * 32)) for call in calls] == [Misuse.NOT_FOUND] * 3
    assert api.jobs.page(api.anna, limit=10) == ([], None)
    assert api.texts.transcript(api.boris, job.id).text == "hello"


def test_jobs_of_chats_and_drops_are_no_clients(api: Api):
    api.intake.receive(api.say("hello"))
    assert refused(lambda: api.jobs.status(api.boris, "j1")) == Misuse.NOT_FOUND


def test_a_deleted_job_leaves_neither_audio_nor_text_nor_name(api: Api):
    job = api.done(api.boris, "hello")
    assert len(api.stored("cache/")) == 1
    api.jobs.delete(api.boris, job.id)
    assert (api.traces(job), api.stored("cache/")) == ([], [])
    assert refused(lambda: api.jobs.status(api.boris, job.id)) == Misuse.NOT_FOUND
    assert api.jobs.page(api.boris, limit=10) == ([], None)
    record = api.records.find(job.id).job
    assert (record.outcome, record.options, record.audio_seconds) == (Outcome.CANCELLED, Options(), None)


def test_a_deleted_job_that_waited_is_not_worked_on(api: Api):
    created = api.create(api.boris)
    api.upload(created, "hello")
    api.jobs.delete(api.boris, created.job.id)
    assert api.traces(created.job) == []
    api.work_off()
    assert (api.ear.heard, api.traces(created.job)) == ([], [])


def test_a_job_deleted_while_it_is_queued_leaves_the_line_with_its_message(api: Api):
    created = api.create(api.boris)
    api.jobs.delete(api.boris, created.job.id)
    Line(api.store).join(created.job, at_most=MAX_WAITING)  # its intake was between its two steps
    api.queue.put(JobMessage(created.job.id))
    api.work_off()
    assert (api.ear.heard, api.traces(created.job)) == ([], [])


def test_an_audio_uploaded_after_the_deletion_is_erased(api: Api):
    created = api.create(api.boris)
    api.jobs.delete(api.boris, created.job.id)
    api.upload(created, "hello")
    assert (len(api.queue), api.traces(created.job)) == (0, [])


def test_a_deletion_stops_the_worker_at_its_next_word_on_progress(api: Api):
    created = api.create(api.boris)
    api.upload(created, spoken(50))
    hear = api.ear.transcribe

    def hear_while_it_is_deleted(*args, **how):
        api.jobs.delete(api.boris, created.job.id)
        api.clock.advance(PROGRESS_SECONDS)
        return hear(*args, **how)

    api.ear.transcribe = hear_while_it_is_deleted  # type: ignore[method-assign]
    api.work_off()
    assert len(api.ear.heard) == 1  # of two pieces
    assert api.traces(created.job) == []
    assert api.cache.look(api.content_ids.of(spoken(50).encode(), Options(), "")).transcript is None


def test_a_deletion_stops_the_engine_within_a_window(api: Api):
    created = api.create(api.boris)
    api.upload(created, "hello")
    hear = api.ear.transcribe

    def hear_for_long(*args, check, on_progress=None, **_how):
        hear(*args, on_progress=on_progress)
        check()
        api.jobs.delete(api.boris, created.job.id)
        check()  # a moment ago it was ours
        api.clock.advance(PROGRESS_SECONDS)
        check()
        raise AssertionError("the engine went on")

    api.ear.transcribe = hear_for_long  # type: ignore[method-assign,assignment]
    api.work_off()
    assert api.traces(created.job) == []
    assert api.records.find(created.job.id).job.outcome is Outcome.CANCELLED


def test_an_engine_that_outlasts_its_lease_is_stopped(api: Api):
    created = api.create(api.boris)
    api.upload(created, "hello")

    def hear_for_long(*_args, check, **_how):
        check()
        api.clock.advance(LEASE + 1)
        check()
        raise AssertionError("the engine went on")

    hear = api.ear.transcribe
    api.ear.transcribe = hear_for_long  # type: ignore[method-assign,assignment]
    with pytest.raises(Busy, match="the lease ran out"):
        api.work_off()
    assert api.records.find(created.job.id).job.state is State.QUEUED
    api.ear.transcribe = hear  # type: ignore[method-assign]
    api.queue.bring_back()
    api.work_off()
    assert api.records.find(created.job.id).job.outcome is Outcome.TRANSCRIBED


def test_a_deletion_that_comes_too_late_for_the_worker_still_erases_all(api: Api):
    created = api.create(api.boris)
    api.upload(created, "hello")
    hear = api.ear.transcribe

    def hear_while_it_is_deleted(*args, **how):
        api.jobs.delete(api.boris, created.job.id)
        return hear(*args, **how)

    api.ear.transcribe = hear_while_it_is_deleted  # type: ignore[method-assign]
    api.work_off()
    assert (api.ear.heard, api.traces(created.job), api.stored("cache/")) == ([16_000], [], [])
    assert api.records.find(created.job.id).job.outcome is Outcome.CANCELLED


def test_a_text_whose_worker_died_is_erased_with_its_cached_copy(api: Api):
    created = api.create(api.boris)
    api.upload(created, "hello")
    begin_answer = api.records.begin_answer
    api.records.begin_answer = lambda *_, **__: (_ for _ in ()).throw(Unavailable("died"))  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        api.work_off()
    api.records.begin_answer = begin_answer  # type: ignore[method-assign]
    api.queue.bring_back()
    api.work_off()
    assert api.ear.heard == [16_000]
    api.jobs.delete(api.boris, created.job.id)
    assert (api.traces(created.job), api.stored("cache/")) == ([], [])


def test_a_long_jobs_progress_is_on_its_record(api: Api):
    created = api.create(api.boris)
    api.upload(created, spoken(50))
    seen = []
    hear = api.ear.transcribe

    def hear_slowly(*args, **how):
        api.clock.advance(PROGRESS_SECONDS)
        heard = hear(*args, **how)
        seen.append(api.jobs.status(api.boris, created.job.id))
        return heard

    api.ear.transcribe = hear_slowly  # type: ignore[method-assign]
    api.work_off()
    assert [(status.state, status.job.audio_seconds) for status in seen] == [("working", 50.0)] * 2
    assert [round(status.job.progress, 2) for status in seen] == [0.0, 0.5]
    assert seen[0].expected_seconds == pytest.approx(50 * DEFAULT_ENGINE_SECONDS)


def test_the_same_idempotency_key_makes_one_job(api: Api):
    first = api.create(api.boris, idempotency_key="k1")
    again = api.create(api.boris, idempotency_key="k1")
    assert (first.new, again.new, again.job, again.offer is not None) == (True, False, first.job, True)
    assert len(api.stored("jobs/")) == 1
    api.upload(again, "hello")
    assert api.create(api.boris, idempotency_key="k1").offer is None
    assert api.create(api.anna, idempotency_key="k1").job.id != first.job.id
    assert refused(lambda: api.jobs.create(api.boris, Options(), request="other", idempotency_key="k1")) == Misuse.KEY_REUSED
    api.jobs.delete(api.boris, first.job.id)
    assert refused(lambda: api.create(api.boris, idempotency_key="k1")) == Misuse.JOB_DELETED


class RacingStore(MemoryObjectStore):
    """Hides the job's record once, as when another call makes it between a look and a write."""

    hidden = True

    def get(self, key: str):
        if key.startswith("jobs/") and self.hidden:
            self.hidden = False
            self.put(key, MemoryObjectStore.get(self, key).body)
            from pisar.errors import Missing  # noqa: PLC0415

            raise Missing("not yet")
        return super().get(key)


def test_the_same_call_twice_at_once_makes_one_job():
    api = Api(store=RacingStore())
    api.store.hidden = False  # type: ignore[attr-defined]
    first = api.create(api.boris, idempotency_key="k1")
    api.store.hidden = True  # type: ignore[attr-defined]
    again = api.create(api.boris, idempotency_key="k1")
    assert (again.new, again.job) == (False, first.job)


def test_who_has_used_the_day_up_makes_no_job(api: Api):
    api.quotas.charge(Payer(name=api.anna.key_hash, minutes_per_day=1), "a", 60)
    assert refused(lambda: api.create(api.anna)) == Rejection.QUOTA_USED
    assert api.stored("jobs/") == []


def test_no_job_is_made_while_too_many_wait(api: Api):
    waiting = [api.create(api.boris) for _ in range(MAX_WAITING + 1)]
    for created in waiting[:MAX_WAITING]:
        api.upload(created, "hello")
    assert refused(lambda: api.create(api.boris)) == Rejection.QUEUE_FULL
    api.upload(waiting[-1], "hello")  # one that was promised a place is taken all the same
    api.work_off()
    assert api.create(api.boris).new


def test_a_job_whose_minutes_are_gone_when_its_turn_comes_fails(api: Api):
    created = api.create(api.anna)
    api.upload(created, "hello")
    api.quotas.charge(Payer(name=api.anna.key_hash, minutes_per_day=1), "a", 60)
    api.work_off()
    status = api.jobs.status(api.anna, created.job.id)
    assert (status.state, status.job.reason, api.ear.heard) == ("failed", "quota_used", [])


def test_an_audio_is_charged_once_for_its_client_and_again_for_another(api: Api):
    carl = api.new_client("carl", minutes_per_day=1)
    for _ in range(2):
        api.done(api.anna, "hello there")
        assert api.direct.transcribe(api.anna, b"hello there", Options()).text == "hello there"
    api.done(carl, "hello there")
    assert [api.quotas.used_seconds(one.key_hash) for one in (api.anna, carl)] == [2.0, 2.0]
    assert api.ear.heard == [32_000]


def test_a_job_of_a_revoked_key_is_not_worked_on(api: Api):
    created = api.create(api.boris)
    api.upload(created, "hello")
    api.keys.revoke("boris", now=1)
    api.work_off()
    assert (api.records.find(created.job.id).job.reason, api.ear.heard) == ("not_allowed", [])


def test_a_finished_job_is_announced_and_one_without_address_is_not(api: Api):
    api.done(api.boris, "hello")
    assert len(api.callbacks) == 0
    job = api.done(api.boris, "hello there", callback_url=CALLBACK)
    assert len(api.callbacks) == 1
    assert api.records.find(job.id).job.state is State.FINISHED


def test_an_address_that_is_refused_makes_no_job(api: Api):
    api.sender.close_off("example.com")
    assert refused(lambda: api.create(api.boris, callback_url=CALLBACK)) == Misuse.BAD_CALLBACK
    old = replace(api.boris, callback_secret="")
    assert refused(lambda: api.create(old, callback_url="https://example.org/other")) == Misuse.BAD_CALLBACK
    assert api.stored("jobs/") == []


def test_the_same_audio_is_transcribed_once_across_doors_and_answered_everywhere(api: Api):
    api.intake.receive(api.say("hello there"))
    api.work_off()
    assert api.direct.transcribe(api.boris, b"hello there", Options()).text == "hello there"
    job = api.done(api.boris, "hello there")
    assert api.texts.transcript(api.boris, job.id).text == "hello there"
    api.intake.receive(api.say("hello there", job="j2"))
    api.work_off()
    assert api.ear.heard == [32_000]
    assert api.shown() == ["hello there", "hello there"]
    api.clock.advance(DAY)
    api.done(api.boris, "hello there")
    assert len(api.ear.heard) == 2


def test_deleting_a_job_takes_no_answer_from_another(api: Api):
    mine, yours = api.done(api.anna, "hello"), api.done(api.boris, "hello")
    api.jobs.delete(api.anna, mine.id)
    assert api.texts.transcript(api.boris, yours.id).text == "hello"


def test_what_takes_longer_than_the_caller_waits_becomes_a_job(api: Api):
    api.pace.note(engine_seconds=10, speech_seconds=10)
    text = spoken(20)
    deferred = api.direct.transcribe_or_defer(api.boris, text.encode(), Options(), wait_seconds=19)
    assert isinstance(deferred, Deferred)
    assert (deferred.expected_seconds, api.ear.heard) == (20, [])
    assert [job.id for job in api.jobs.page(api.boris, limit=9)[0]] == [deferred.job.id]
    api.work_off()
    assert api.texts.transcript(api.boris, deferred.job.id).text == text
    assert api.direct.transcribe_or_defer(api.boris, text.encode(), Options(), wait_seconds=0).text == text  # type: ignore[union-attr]
    assert api.stored("audio/") == []


def test_a_deferred_audio_that_could_not_be_queued_leaves_nothing(api: Api):
    direct = api.over(queue=FailingQueue()).direct
    with pytest.raises(Unavailable):
        direct.transcribe_or_defer(api.boris, spoken(9).encode(), Options(), wait_seconds=0)
    assert [key for key in api.stored("") if key.startswith(("audio/", "line/", "owned/"))] == []
    assert [api.records.find(key[5:-5]).job.outcome for key in api.stored("jobs/")] == [Outcome.CANCELLED]


def test_nobody_waits_longer_than_the_service_lets_them(api: Api):
    api.pace.note(engine_seconds=10, speech_seconds=10)
    deferred = api.direct.transcribe_or_defer(api.boris, spoken(31).encode(), Options(), wait_seconds=1000)
    assert isinstance(deferred, Deferred)


def test_who_asks_while_another_is_at_the_same_audio_gets_a_job_or_is_told_to_come_again(api: Api):
    content = api.content_ids.of(b"hello", Options(), "")
    seen = []

    def meanwhile():
        with pytest.raises(Busy):
            api.direct.transcribe(api.boris, b"hello", Options())
        seen.append(api.direct.transcribe_or_defer(api.boris, b"hello", Options(), wait_seconds=20))
        raise Unavailable("enough")

    with pytest.raises(Unavailable):
        api.cache.obtain(content, meanwhile, lease_seconds=1000, patience_seconds=1)
    (deferred,) = seen
    assert isinstance(deferred, Deferred)
    assert deferred.expected_seconds is None
    api.work_off()
    assert api.texts.transcript(api.boris, deferred.job.id).text == "hello"


def test_a_deferred_audio_is_charged_when_it_is_worked_on(api: Api):
    api.pace.note(engine_seconds=100, speech_seconds=10)
    deferred = api.direct.transcribe_or_defer(api.anna, spoken(20).encode(), Options(), wait_seconds=1)
    assert isinstance(deferred, Deferred)
    assert api.quotas.used_seconds(api.anna.key_hash) == 0
    api.work_off()
    assert api.quotas.used_seconds(api.anna.key_hash) == 20


def test_an_audio_for_which_there_is_no_place_costs_nothing_however_often_it_is_sent(api: Api):
    direct = api.over(queue=FailingQueue()).direct
    for _ in range(3):
        with pytest.raises(Unavailable):
            direct.transcribe_or_defer(api.anna, spoken(20).encode(), Options(), wait_seconds=0)
    assert api.quotas.used_seconds(api.anna.key_hash) == 0


def test_a_job_that_could_not_be_recorded_does_not_count_as_awaited(api: Api, monkeypatch: pytest.MonkeyPatch):
    def down(*_: object, **__: object) -> None:
        raise Unavailable("down")

    with monkeypatch.context() as patched:
        patched.setattr(api.records, "expect", down)
        for _ in range(MAX_AWAITED + 1):
            with pytest.raises(Unavailable):
                api.create(api.boris)
    assert api.stored("awaited/") == []
    assert api.create(api.boris).new
