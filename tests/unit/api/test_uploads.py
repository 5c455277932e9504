"""Uploads in parts of clients' jobs: going on, completing, and what of a client's is nobody else's."""

import pytest

from pisar.api.client_jobs import Created
from pisar.api.uploads import Parts
from pisar.domain.jobs import Options
from pisar.domain.upload_parts import part_sizes
from pisar.errors import Misuse, Rejected
from pisar.state.expiry import DAY_SECONDS, Expiry, seconds_by_age
from tests.unit.api import test_client_jobs
from tests.unit.api.test_client_jobs import FORM_SECONDS, refused
from tests.unit.world import LIMITS, MAX_AWAITED

AUDIO = b"hello there"
PART = 5


class Api(test_client_jobs.Api):
    def begin(self, audio: bytes = AUDIO, **how: str) -> Created:
        return self.jobs.create(self.boris, Options(), request="r", size_bytes=len(audio), **how)

    def parts(self, created: Created) -> Parts:
        by = self.jobs.upload(self.boris, created.job.id).by
        assert isinstance(by, Parts)
        return by

    def send(self, created: Created, *numbers: int, audio: bytes = AUDIO) -> None:
        for number, (size, url) in self.parts(created).missing.items():
            if number in numbers:
                at = (number - 1) * PART
                self.store.put_part(url, audio[at : at + size])

    def complete(self, created: Created) -> str:
        state = self.jobs.complete_upload(self.boris, created.job.id).state
        if created.job.audio_key in self.stored("incoming/"):
            self.jobs.uploaded(created.job.audio_key)
        return state


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr("pisar.domain.upload_parts.PART_BYTES", PART)
    return Api()


def test_an_upload_goes_on_where_it_stopped_and_ends_in_a_transcript(api: Api):
    created = api.begin()
    assert created.offer is not None
    assert created.offer.expires_at == api.clock.now() + FORM_SECONDS
    parts = api.parts(created)
    assert (parts.part_bytes, parts.done, {number: size for number, (size, _) in parts.missing.items()}) == (5, (), {1: 5, 2: 5, 3: 1})
    api.send(created, 1, 3)
    with pytest.raises(Rejected) as incomplete:
        api.complete(created)
    assert (incomplete.value.code, incomplete.value.details) == (Misuse.UPLOAD_INCOMPLETE, {"missing": "2"})
    assert (api.parts(created).done, list(api.parts(created).missing)) == ((1, 3), [2])
    assert api.jobs.status(api.boris, created.job.id).state == "awaiting_upload"
    api.send(created, 2)
    api.complete(created)
    api.work_off()
    assert api.texts.transcript(api.boris, created.job.id).text == AUDIO.decode()
    assert (list(api.store.begun_uploads()), api.stored("incoming/"), api.stored("awaited/")) == ([], [], [])


def test_to_complete_twice_changes_nothing_whenever_it_comes(api: Api):
    created = api.begin()
    api.send(created, 1, 2, 3)
    api.jobs.complete_upload(api.boris, created.job.id)  # and nobody has told of the object yet
    assert api.complete(created) == "awaiting_upload"
    assert refused(lambda: api.parts(created)) == Misuse.NO_UPLOAD
    assert api.complete(created) == "queued"
    api.work_off()
    assert api.complete(created) == "done"
    assert len(api.ear.heard) == 1


def test_two_who_complete_at_once_both_succeed(api: Api, monkeypatch: pytest.MonkeyPatch):
    created = api.begin()
    api.send(created, 1, 2, 3)
    join = api.store.join_parts

    def overtaken(*how) -> None:
        join(*how)
        join(*how)

    monkeypatch.setattr(api.store, "join_parts", overtaken)
    assert api.jobs.complete_upload(api.boris, created.job.id).state == "awaiting_upload"


def test_a_part_of_a_wrong_size_is_missing_whatever_store_took_it(api: Api):
    created = api.begin()
    api.send(created, 1, 2, 3)
    upload = api.records.find(created.job.id).job.answer_to.upload_id  # type: ignore[union-attr]
    key = created.job.audio_key
    api.store.put_part(api.store.part_url(key, upload, 2, size_bytes=9, seconds=1), b"too large")
    api.store.put_part(api.store.part_url(key, upload, 4, size_bytes=1, seconds=1), b"x")
    assert (api.parts(created).done, list(api.parts(created).missing)) == ((1, 3), [2])
    api.send(created, 2)
    api.complete(created)
    api.work_off()
    assert api.texts.transcript(api.boris, created.job.id).text == AUDIO.decode()


def test_many_missing_parts_are_counted_and_the_first_named(api: Api):
    audio = b"x" * (PART * 25)
    created = api.begin(audio)
    with pytest.raises(Rejected) as incomplete:
        api.complete(created)
    assert incomplete.value.details["missing"] == f"{', '.join(map(str, range(1, 21)))} and 5 more"
    assert len(part_sizes(len(audio))) == 25


def test_a_deleted_job_takes_its_parts_with_it(api: Api):
    created = api.begin()
    api.send(created, 1)
    (_, url) = api.parts(created).missing[2]
    api.jobs.delete(api.boris, created.job.id)
    assert (list(api.store.begun_uploads()), api.traces(created.job)) == ([], [])
    with pytest.raises(Exception, match="no such upload"):
        api.store.put_part(url, AUDIO[5:10])
    for call in (api.jobs.upload, api.jobs.complete_upload):
        assert refused(lambda call=call: call(api.boris, created.job.id)) == Misuse.NOT_FOUND


def test_a_job_deleted_while_its_upload_is_completed_is_not_worked_on(api: Api):
    created = api.begin()
    api.send(created, 1, 2, 3)
    api.jobs.complete_upload(api.boris, created.job.id)
    api.jobs.delete(api.boris, created.job.id)
    api.jobs.uploaded(created.job.audio_key)
    api.work_off()
    assert (api.ear.heard, api.traces(created.job)) == ([], [])


def test_an_upload_whose_time_ran_out_is_not_gone_on_with(api: Api):
    created = api.begin()
    api.send(created, 1)
    api.clock.advance(FORM_SECONDS + 1)
    assert refused(lambda: api.parts(created)) == Misuse.NO_UPLOAD
    assert refused(lambda: api.complete(created)) == Misuse.UPLOAD_INCOMPLETE


def test_an_upload_that_was_whole_in_time_is_completed_a_moment_later_too(api: Api):
    created = api.begin()
    api.send(created, 1, 2, 3)
    api.clock.advance(FORM_SECONDS + 1)
    api.complete(created)
    api.work_off()
    assert api.jobs.status(api.boris, created.job.id).state == "done"


def test_what_nobody_completes_is_given_up_after_two_days(api: Api):
    created = api.begin()
    api.send(created, 1)
    ages = seconds_by_age(keep_days=7, reuse_hours=24)
    api.clock.advance(2 * DAY_SECONDS)
    Expiry(api.store, api.store, api.records, api.clock, ages=ages).look()
    assert len(list(api.store.begun_uploads())) == 1
    api.clock.advance(1)
    Expiry(api.store, api.store, api.records, api.clock, ages=ages).look()
    assert list(api.store.begun_uploads()) == []
    assert refused(lambda: api.complete(created)) == Misuse.NO_UPLOAD


def test_an_upload_is_its_clients_alone(api: Api):
    created = api.begin()
    for call in (api.jobs.upload, api.jobs.complete_upload):
        assert refused(lambda call=call: call(api.anna, created.job.id)) == Misuse.NOT_FOUND


def test_a_file_above_the_limit_is_refused_before_anything_is_begun(api: Api):
    assert refused(lambda: api.jobs.create(api.boris, Options(), request="r", size_bytes=LIMITS.max_bytes + 1)) == "too_big"
    assert (list(api.store.begun_uploads()), api.stored("awaited/"), api.stored("jobs/")) == ([], [], [])


def test_uploads_in_parts_count_among_those_that_are_awaited(api: Api):
    for _ in range(MAX_AWAITED):
        api.begin()
    assert refused(api.begin) == Misuse.TOO_MANY_AWAITED
    assert len(list(api.store.begun_uploads())) == MAX_AWAITED


def test_the_same_idempotency_key_goes_on_with_the_first_upload(api: Api):
    created = api.begin(idempotency_key="k")
    api.send(created, 2)
    again = api.begin(idempotency_key="k")
    assert again.offer is not None
    assert isinstance(again.offer.by, Parts)
    assert (again.new, again.job.id, again.offer.by.done) == (False, created.job.id, (2,))
    api.send(created, 1, 3)
    api.jobs.complete_upload(api.boris, created.job.id)
    assert api.begin(idempotency_key="k").offer is None
    assert len(list(api.store.begun_uploads())) == 0


def test_the_same_call_twice_at_once_begins_one_upload(api: Api, monkeypatch: pytest.MonkeyPatch):
    begin, first = api.store.begin_upload, list[Created]()

    def overtaken(key: str) -> str:
        monkeypatch.setattr(api.store, "begin_upload", begin)
        first.append(api.begin(idempotency_key="k"))
        return begin(key)

    monkeypatch.setattr(api.store, "begin_upload", overtaken)
    again = api.begin(idempotency_key="k")
    assert (again.new, again.job) == (False, first[0].job)
    assert len(list(api.store.begun_uploads())) == 1


def test_a_job_whose_recording_comes_through_a_form_has_its_form_and_no_parts(api: Api):
    created = api.create(api.boris)
    offer = api.jobs.upload(api.boris, created.job.id)
    assert offer == created.offer
    assert refused(lambda: api.jobs.complete_upload(api.boris, created.job.id)) == Misuse.NO_UPLOAD
    api.upload(created, "hello")
    assert refused(lambda: api.jobs.upload(api.boris, created.job.id)) == Misuse.NO_UPLOAD
