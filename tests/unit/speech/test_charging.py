"""Work that was done is paid for, whether its text was erased or not kept, or it was broken off or refused; nothing is paid for twice."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pisar.bot.texts import TEXTS, say
from pisar.domain.answer_to import person_owner
from pisar.domain.jobs import Job, JobMessage, Options, Outcome
from pisar.errors import Rejected, Rejection
from pisar.state.quotas import REFUSED_SECONDS, Payer
from pisar.web.works import CallerGoneError
from pisar.work.celery_steps import Steps
from tests.unit.api.test_client_jobs import Api, refused, spoken
from tests.unit.chat.test_perform_actions import answered, texts
from tests.unit.work.test_long_recordings import WORDS, long_world, take, work_off
from tests.unit.world import CHAT, LEASE, LIMITS, World

LOOKED_INTO = ["cannot_decode", "no_audio_track", "no_such_track", "too_long", "too_big"]


class Small(Api):
    """Anna has ten minutes a day."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.anna = self.new_client("anna", minutes_per_day=10)

    def used(self) -> float:
        return self.quotas.used_seconds(self.anna.key_hash)


@pytest.fixture
def api() -> Small:
    return Small()


def test_the_same_audio_after_each_deletion_is_charged_each_time(api: Small):
    for number in range(1, 13):
        job = api.done(api.anna, "hello there")
        api.jobs.delete(api.anna, job.id)
        assert (api.used(), len(api.ear.heard)) == (2.0 * number, number)


def test_the_same_audio_that_is_stored_is_charged_once_by_whatever_door(api: Small):
    for _ in range(3):
        api.done(api.anna, "hello there")
        api.direct.transcribe(api.anna, b"hello there", Options())
    assert (api.used(), len(api.ear.heard)) == (2.0, 1)


def test_what_is_not_kept_is_charged_for_each_run(api: Small):
    for _ in range(3):
        api.direct.transcribe(api.anna, b"hello there", Options())
        api.cache.forget(api.content_ids.of(b"hello there", Options(), ""))
    assert (api.used(), len(api.ear.heard)) == (6.0, 3)


def test_callers_who_go_away_before_the_end_pay_for_what_was_begun(api: Small):
    hear = api.ear.transcribe

    def hear_and_be_left(*args, **how):
        hear(*args, **how)
        raise CallerGoneError

    api.ear.transcribe = hear_and_be_left  # type: ignore[method-assign]
    for _ in range(3):
        with pytest.raises(CallerGoneError):
            api.direct.transcribe(api.anna, b"hello there", Options())
    assert (api.used(), len(api.ear.heard)) == (6.0, 3)


def test_a_job_whose_worker_dies_is_charged_once_however_often_it_is_begun(api: Small):
    hear, deaths = api.ear.transcribe, [1, 2]

    def die(*args, **how):
        if deaths:
            deaths.pop()
            raise KeyboardInterrupt
        return hear(*args, **how)

    api.ear.transcribe = die  # type: ignore[method-assign]
    created = api.create(api.anna)
    api.upload(created, "hello there")
    received = api.queue.receive()
    assert received is not None
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            api.transcription.work(received[1])
    api.transcription.work(received[1])
    assert api.texts.transcript(api.anna, created.job.id).text == "hello there"
    assert api.used() == 2.0


@pytest.mark.parametrize("code", LOOKED_INTO)
def test_a_file_that_is_refused_once_it_was_looked_into_costs_a_minute_by_any_door(api: Small, code: str):
    details = {"limit_minutes": 1, "track": 1, "tracks": 1, "size_mb": 1, "limit_mb": 1}
    api.ear.rejection = Rejected(Rejection(code), details)
    api.done(api.anna, "noise")
    assert api.used() == REFUSED_SECONDS
    assert refused(lambda: api.direct.transcribe(api.anna, b"noise", Options())) == code
    assert api.used() == 2 * REFUSED_SECONDS


def test_what_is_too_long_to_wait_for_costs_its_length_and_nothing_for_being_refused():
    api = Small(lengths=replace(World().lengths, whole_seconds=3600))
    too_long = Rejected(Rejection.TOO_LONG, {"limit_minutes": 15})
    api.ear.rejection = too_long
    api.direct.transcribe_or_defer(api.anna, spoken(5).encode(), Options(), wait_seconds=30)
    assert api.used() == 0
    api.ear.rejection = None
    api.work_off()
    assert api.used() == 5.0


def test_who_has_nothing_left_has_nothing_decoded(api: Small):
    api.quotas.charge(Payer(name=api.anna.key_hash, minutes_per_day=10), "a", 600)
    assert refused(lambda: api.direct.transcribe(api.anna, b"x" * 200_000, Options())) == "quota_used"
    assert (api.ear.tracks_asked_for, api.used()) == ([], 600)


def test_refused_files_use_a_day_up(api: Small):
    api.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
    codes = [refused(lambda: api.direct.transcribe(api.anna, b"noise", Options())) for _ in range(12)]
    assert codes == ["cannot_decode"] * 10 + ["quota_used"] * 2


def test_a_person_pays_for_refused_files_too():
    world = World(minutes_per_day=2)
    world.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
    for number in range(1, 4):
        answered(world, "noise", number)
    en = TEXTS["en"]
    assert texts(world) == [en["cannot_decode"]] * 2 + [say("en", "quota_used", limit_minutes=2, resets_in_seconds=11 * 3600)]
    assert world.quotas.used_seconds(person_owner(CHAT)) == 120


def test_a_long_recording_that_turns_out_to_be_too_long_even_for_parts_costs_a_minute():
    world = long_world(minutes_per_day=10)
    take(world, WORDS * 10)
    work_off(world)
    assert world.records.find("j1").job.reason == "too_long"
    assert world.quotas.used_seconds(person_owner(CHAT)) == REFUSED_SECONDS


def test_a_ledger_that_an_earlier_version_wrote_is_read(api: Small):
    key = f"usage/{api.anna.key_hash}/1970-01-12.json"
    api.store.put(key, b'{"version": 1, "seconds": 61.5, "charges": {"a": 61.5}}')
    assert api.used() == 61.5
    api.quotas.charge(Payer(name=api.anna.key_hash, minutes_per_day=10), "b", 1.0)
    assert api.used() == 62.5


def test_a_count_tells_nobody_what_it_was_for(api: Small):
    api.quotas.charge(Payer(name=api.anna.key_hash, minutes_per_day=10), "an-audio", 1.0, run="a-run")
    api.quotas.charge(Payer(name=api.anna.key_hash, minutes_per_day=10), "an-audio", 1.0, run="a-run")
    (key,) = api.stored("usage/")
    assert b"an-audio" not in api.store.get(key).body
    assert api.used() == 1.0


def cut_while(world: World, meanwhile: Callable[[], object]) -> None:
    """Cut a long recording while something happens before its second part is laid down."""
    lay_down, once = world.parts.add, iter((meanwhile,))

    def add(job: Job, part: object, options: Options) -> None:
        if part.number == 1:  # type: ignore[attr-defined]
            next(once)()
        lay_down(job, part, options)  # type: ignore[arg-type]

    world.parts.add = add  # type: ignore[method-assign, assignment]
    take(world)
    work_off(world)


def test_what_was_cut_of_a_recording_is_paid_for_though_it_was_deleted_meanwhile():
    world = long_world(minutes_per_day=60)
    cut_while(world, lambda: world.records.cancel("j1"))
    assert world.records.find("j1").job.outcome is Outcome.CANCELLED
    assert world.quotas.used_seconds(person_owner(CHAT)) > 0


def test_what_was_cut_of_a_recording_is_paid_for_though_the_days_minutes_went_meanwhile():
    world = long_world(minutes_per_day=1)
    cut_while(world, lambda: world.quotas.charge(Payer(name=person_owner(CHAT), minutes_per_day=1), "another", 60))
    assert world.records.find("j1").job.reason == "quota_used"
    assert world.quotas.used_seconds(person_owner(CHAT)) > 60


def fetching(world: World) -> Steps:
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
        max_tries=10,
    )


def test_a_file_that_the_fetch_refuses_is_paid_for_though_its_job_is_deleted_then(api: Small):
    steps, decoded = fetching(api), 0
    api.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
    for _ in range(20):
        created = api.create(api.anna)
        api.upload(created, "noise")
        steps.fetch(JobMessage(created.job.id))
        api.jobs.delete(api.anna, created.job.id)
        if api.used() >= 600:
            break
    decoded = len(api.ear.tracks_asked_for)
    assert (decoded, api.used()) == (10, 600)


def test_a_file_that_the_fetch_refuses_is_paid_for_once_with_the_step_behind_it():
    world = World(minutes_per_day=10)
    world.ear.rejection = Rejected(Rejection.CANNOT_DECODE)
    world.intake.receive(world.say("noise"))
    fetching(world).fetch(JobMessage("j1"))
    world.transcription.transcribe(JobMessage("j1"))
    assert world.records.find("j1").job.reason == "cannot_decode"
    assert world.quotas.used_seconds(person_owner(CHAT)) == REFUSED_SECONDS


def test_of_who_has_nothing_left_nothing_is_decoded():
    world = World(minutes_per_day=1)
    world.quotas.charge(Payer(name=person_owner(CHAT), minutes_per_day=1), "another", 60)
    world.intake.receive(world.say("hello"))
    fetching(world).fetch(JobMessage("j1"))
    world.transcription.transcribe(JobMessage("j1"))
    assert world.ear.tracks_asked_for == []
    assert world.records.find("j1").job.reason == "quota_used"
