"""One voice message through intake and transcription, and what happens when a step is repeated or fails."""

import json
from dataclasses import replace

import pytest

from pisar.adapters.telegram import parse_update
from pisar.answers.chat_delivery import Delivery
from pisar.bot.admission import Ignore, Refuse
from pisar.bot.texts import TEXTS, say
from pisar.domain.answer_to import Reply
from pisar.domain.chats import AllowList
from pisar.domain.jobs import JobMessage, Outcome, State
from pisar.domain.messages import Mark
from pisar.domain.transcripts import Transcript
from pisar.errors import Busy, Rejected, Rejection, Unavailable, Undeliverable, Unreadable
from tests.support.wrappings import WRAPPINGS, wrapped_voice
from tests.unit.world import CHAT, LEASE, MAX_WAITING, World

ACCEPTED = TEXTS["en"]["accepted"]


def job(world: World, job_id: str = "j1"):
    return world.records.find(job_id).job


def test_a_voice_becomes_its_text_in_the_status_message(world: World):
    world.intake.receive(world.say("hello there"))
    assert world.shown() == [ACCEPTED]
    assert world.stored("audio/") == ["audio/j1"]
    world.work_off()
    assert world.shown() == ["hello there"]
    assert (job(world).state, job(world).outcome) == (State.FINISHED, Outcome.TRANSCRIBED)
    assert world.stored("audio/") == []
    assert world.stored("texts/") == ["texts/j1.json"]


def test_a_voice_in_whatever_wrapping_is_answered_with_its_text():
    world, shown = World(allowed=AllowList(everyone=True)), {}
    for name in WRAPPINGS:
        message = wrapped_voice(name)["message"]
        world.files.add(message["voice"]["file_id"], name.encode())
        world.conversation.receive(parse_update(json.dumps(wrapped_voice(name)).encode()))
        world.work_off()
        shown[name] = [message.text for message in world.chat.messages(message["chat"]["id"]).values()]
    assert {name: texts for name, texts in shown.items() if [text.rpartition(":\n")[2] for text in texts] != [name]} == {}


def test_the_same_update_again_changes_nothing(world: World):
    take = world.say("hello")
    for _ in range(3):
        world.intake.receive(take)
    world.work_off()
    world.intake.receive(take)
    world.work_off()
    assert world.shown() == ["hello"]
    assert len(world.queue) == 0
    assert world.stored("audio/") == []


def test_the_same_message_twice_is_worked_on_once(world: World):
    world.intake.receive(world.say("hello"))
    world.queue.put(JobMessage("j1"))
    world.work_off()
    assert world.ear.heard == [16_000]
    assert world.shown() == ["hello"]


def test_a_second_worker_gives_way_while_the_first_works(world: World):
    world.intake.receive(world.say("hello"))
    world.records.claim("j1", lease_seconds=LEASE)
    with pytest.raises(Busy):
        world.transcription.work(JobMessage("j1"))
    world.clock.advance(LEASE)
    world.transcription.work(JobMessage("j1"))
    assert world.shown() == ["hello"]


def test_silence_is_an_answer_of_its_own(world: World):
    world.intake.receive(world.say(""))
    world.work_off()
    assert world.shown() == [TEXTS["en"]["no_speech"]]
    assert job(world).outcome is Outcome.NO_SPEECH
    assert world.ear.heard == []


def test_the_owners_charts_are_told_of_what_the_engine_heard_and_of_nothing_else(world: World):
    for number, text in enumerate(("hello", "", "hello")):  # the second is silence, the third is answered from what is stored
        world.intake.receive(world.say(text, f"j{number}"))
        world.work_off()
    ((engine_seconds, audio_seconds),) = world.meter.recordings
    assert engine_seconds > 0
    assert audio_seconds == job(world, "j0").audio_seconds


def test_what_can_not_be_decoded_is_answered_in_words(world: World):
    world.ear.rejection = Rejected(Rejection.TOO_LONG, {"limit_minutes": 1})
    world.intake.receive(world.say("noise"))
    world.work_off()
    assert world.shown() == [say("en", "too_long", limit_minutes=1)]
    assert (job(world).outcome, job(world).reason) == (Outcome.REJECTED, "too_long")
    assert world.stored("audio/") == []


def test_a_refusal_is_said_once(world: World):
    refusal = Refuse("s1", world.say("x").reply, Rejected(Rejection.NOT_ALLOWED, {"id": 7}))
    world.intake.receive(refusal)
    world.intake.receive(refusal)
    assert world.shown() == [TEXTS["en"]["not_allowed"].format(id=7)]
    assert job(world, "s1").outcome is Outcome.REJECTED


def test_a_file_that_turns_out_too_big_or_gone_is_refused(world: World):
    world.intake.receive(world.say("x" * 3 * 2**20))
    gone = world.say("x", "j2")
    world.intake.receive(replace(gone, media=replace(gone.media, file_id="gone")))
    assert world.shown() == [TEXTS["en"]["too_big"].format(size_mb=3, limit_mb=2), TEXTS["en"]["file_unavailable"]]
    assert len(world.queue) == 0


def test_a_document_of_unknown_kind_is_taken_by_its_content(world: World):
    world.intake.receive(world.say("just text", unsure=True))
    assert world.shown() == [TEXTS["en"]["unsupported"]]
    world.intake.receive(world.say("OggS and so on", "j2", unsure=True))
    assert world.shown() == [TEXTS["en"]["unsupported"], ACCEPTED]
    world.intake.receive(world.say("x" * 3 * 2**20, "j3", unsure=True))
    assert world.shown()[2:] == [TEXTS["en"]["too_big"].format(size_mb=3, limit_mb=2)]


def test_a_document_nobody_asked_for_is_passed_over_if_its_content_is_no_audio(world: World):
    for number, text in enumerate(["just text", "x" * 3 * 2**20]):
        world.intake.receive(replace(world.say(text, f"j{number}", unsure=True), asked=False))
    assert (world.shown(), world.stored("")) == ([], [])


def test_what_is_ignored_leaves_nothing(world: World):
    world.intake.receive(Ignore("no media"))
    assert (world.shown(), world.stored("")) == ([], [])


def test_a_long_answer_becomes_two_messages_and_a_longer_one_a_document(world: World):
    text = " ".join(f"word{number}" for number in range(800))
    world.intake.receive(world.say(text))
    world.work_off()
    assert [shown[-6:] for shown in world.shown()] == [" (1/2)", " (2/2)"]
    world.intake.receive(world.say(f"{text} and {text}", "j2"))
    world.work_off()
    (document,) = [message for message in world.chat.messages(CHAT).values() if message.document]
    assert document.document_name == "transcript.txt"
    assert document.document is not None
    assert document.document.decode().split() == f"{text} and {text}".split()


def test_a_long_text_is_a_folded_quote(world: World):
    text = " ".join(f"word{number}" for number in range(200))
    world.intake.receive(world.say(text))
    world.work_off()
    (message,) = world.chat.messages(CHAT).values()
    assert (message.text.split(), message.marks) == (text.split(), (Mark("quote", 0, len(message.text)),))


def test_the_name_of_a_forwarded_speaker_is_in_the_answer_and_gone_with_it(world: World):
    take = world.say("hello there")
    world.intake.receive(replace(take, reply=replace(take.reply, speaker="Анна", title="Лекция")))
    world.work_off()
    (message,) = world.chat.messages(CHAT).values()
    assert (message.text, message.marks) == ("Анна:\nhello there", (Mark("bold", 0, 5),))
    assert "Анна".encode() in world.store.get("jobs/j1.json").body
    world.erasure.erase(CHAT)
    kept = b"".join(world.store.get(key).body for key in world.stored(""))
    assert ("Анна".encode() in kept, "Лекция".encode() in kept) == (False, False)


def test_a_retried_update_resumes_where_the_first_stopped(world: World):
    take = world.say("hello")
    world.chat.fail("send", Unavailable("down"))
    with pytest.raises(Unavailable):
        world.intake.receive(take)
    world.intake.receive(take)
    world.work_off()
    assert world.shown() == ["hello"]


def test_a_send_whose_answer_is_lost_leaves_at_worst_a_placeholder(world: World):
    take = world.say("hello")
    world.chat.fail("send", Unavailable("timeout"), when="after")
    with pytest.raises(Unavailable):
        world.intake.receive(take)
    world.intake.receive(take)
    world.work_off()
    assert world.shown() == [ACCEPTED, "hello"]


def test_an_edit_whose_answer_is_lost_is_repeated_harmlessly(world: World):
    world.intake.receive(world.say("hello"))
    world.chat.fail("edit", Unavailable("timeout"), when="after")
    world.work_off()
    assert world.shown() == ["hello"]


def test_telegrams_wish_for_patience_is_granted_within_bounds(world: World):
    world.chat.fail("send", Unavailable("429", after_seconds=7))
    began = world.clock.now()
    world.intake.receive(world.say("hello"))
    assert 7 <= world.clock.now() - began <= 7 * 1.25
    world.chat.fail("edit", Unavailable("429", after_seconds=31))
    with pytest.raises(Unavailable):
        world.work_off()
    assert job(world).state is State.QUEUED
    world.queue.bring_back()
    world.work_off()
    assert world.shown() == ["hello"]
    assert world.ear.heard == [16_000]


def test_a_status_message_that_was_deleted_is_replaced(world: World):
    world.intake.receive(world.say("hello"))
    world.chat.forget(CHAT, 1)
    world.work_off()
    assert world.shown() == ["hello"]


def test_a_chat_that_can_not_be_written_to_ends_the_job(world: World):
    world.chat.fail("send", Undeliverable("blocked"))
    world.intake.receive(world.say("hello"))
    assert job(world).outcome is Outcome.UNDELIVERABLE
    world.intake.receive(world.say("hello", "j2"))
    world.chat.fail("edit", Undeliverable("blocked"))
    world.work_off()
    assert job(world, "j2").outcome is Outcome.UNDELIVERABLE
    assert world.stored("audio/") == []


def test_a_chat_lost_between_status_and_refusal_ends_the_job_too(world: World):
    take = world.say("hello")
    world.chat.fail("edit", Undeliverable("blocked"))
    world.intake.receive(replace(take, media=replace(take.media, file_id="gone")))
    assert job(world).outcome is Outcome.UNDELIVERABLE
    assert world.stored("line/") == []


def test_a_worker_frozen_past_its_lease_does_not_overwrite_its_successor(world: World, monkeypatch: pytest.MonkeyPatch):
    world.intake.receive(world.say("hello"))
    get = world.transcripts.get

    def freeze(*asked: object, **how: object) -> Transcript:
        monkeypatch.setattr(world.transcripts, "get", get)
        world.clock.advance(LEASE)
        world.work_off()
        return get(*asked, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(world.transcripts, "get", freeze)
    with pytest.raises(Busy):
        world.transcription.work(JobMessage("j1"))
    assert world.shown() == ["hello"]


def test_a_lease_is_let_go_of_where_nobody_can_say_whether_the_job_was_cancelled(world: World):
    world.intake.receive(world.say("hello"))
    get = world.store.get

    def away_once(key: str):
        world.store.get = get  # type: ignore[method-assign]
        raise Unavailable(f"{key} can't be read")

    def busy(*_: object, **__: object):
        world.store.get = away_once  # type: ignore[method-assign]
        raise Busy("somebody else is at it")

    world.ear.transcribe = busy  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        world.work_off()
    assert job(world).lease is None


def test_a_frozen_worker_with_another_answer_finds_out_before_it_writes(world: World):
    world.intake.receive(world.say("hello"))
    frozen = world.records.claim("j1", lease_seconds=LEASE)
    assert frozen is not None
    world.clock.advance(LEASE)
    world.work_off()
    with pytest.raises(Busy):
        world.closing.close_with_rejection(frozen, Rejected(Rejection.CANNOT_DECODE))
    assert world.shown() == ["hello"]


@pytest.mark.parametrize(("lease_seconds", "left"), [(5.0, 5.0), (LEASE, 30.0)])
def test_an_answer_is_written_under_half_a_minute_of_lease_unless_leases_are_shorter(
    monkeypatch: pytest.MonkeyPatch, lease_seconds: float, left: float
):
    world = World(lease_seconds=lease_seconds)
    world.intake.receive(world.say("hello"))
    held = world.records.claim("j1", lease_seconds=1.0)
    assert held is not None
    monkeypatch.setattr(world.records, "finish", lambda *_: (_ for _ in ()).throw(Unavailable("died")))
    with pytest.raises(Unavailable):
        world.closing.close_with_rejection(held, Rejected(Rejection.CANNOT_DECODE))
    lease = job(world).lease
    assert lease is not None
    assert lease.until == world.clock.now() + left


def test_a_phrase_the_engine_loops_on_is_dropped_after_the_third_time(world: World):
    world.intake.receive(world.say("and so no no no no no no on"))
    world.work_off()
    assert world.shown() == ["and so no no no on"]


def test_a_message_for_no_job_is_unreadable(world: World):
    with pytest.raises(Unreadable):
        world.transcription.work(JobMessage("nobody"))


def test_a_dead_letter_tells_the_person_once(world: World):
    world.intake.receive(world.say("hello"))
    for _ in range(2):
        world.dead_letters.bury("m1", JobMessage("j1").encode())
    assert world.shown() == [TEXTS["en"]["failed"].format(job="j1")]
    assert job(world).outcome is Outcome.FAILED
    assert world.stored("audio/") == []


def test_a_dead_letter_whose_transcript_is_there_still_brings_the_answer(world: World):
    world.intake.receive(world.say("hello"))
    world.chat.fail("edit", Unavailable("down", after_seconds=100))
    with pytest.raises(Unavailable):
        world.work_off()
    world.dead_letters.bury("m1", JobMessage("j1").encode())
    assert world.shown() == ["hello"]
    assert job(world).outcome is Outcome.TRANSCRIBED


def test_a_dead_letter_waits_for_a_worker_that_is_still_at_it(world: World):
    world.intake.receive(world.say("hello"))
    world.records.claim("j1", lease_seconds=LEASE)
    with pytest.raises(Busy):
        world.dead_letters.bury("m1", JobMessage("j1").encode())


@pytest.mark.parametrize("body", ["garbage", JobMessage("nobody").encode()])
def test_an_unreadable_dead_letter_is_kept(world: World, body: str):
    world.dead_letters.bury("m1", body)
    assert world.store.get("dead-letters/m1").body == body.encode()


def test_audio_stored_again_by_a_late_retry_is_erased(world: World):
    take = world.say("hello")
    world.intake.receive(take)
    world.work_off()
    world.store.put("audio/j1", b"again")
    world.intake.receive(take)
    assert world.stored("audio/") == []


def test_a_resumed_update_uses_the_audio_already_stored_when_telegram_has_dropped_the_file(world: World):
    take = world.say("hello")
    put, world.queue.put = world.queue.put, _broken  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        world.intake.receive(take)
    world.queue.put = put  # type: ignore[method-assign]
    world.intake.receive(replace(take, media=replace(take.media, file_id="gone")))
    world.work_off()
    assert world.shown() == ["hello"]
    assert world.stored("audio/") == []


def _broken(_message: JobMessage) -> None:
    raise Unavailable("the queue is down")


def test_who_comes_while_too_many_wait_is_told_to_come_again(world: World):
    for number in range(MAX_WAITING):
        world.intake.receive(world.say("hello", f"w{number}"))
    world.intake.receive(world.say("hello", "late"))
    assert world.shown()[-1] == say("en", "queue_full", waiting=MAX_WAITING)
    assert (job(world, "late").outcome, job(world, "late").reason) == (Outcome.REJECTED, "queue_full")
    assert job(world, "late").audio_key not in world.stored("audio/")
    world.work_off()
    world.intake.receive(world.say("hello again", "later"))
    world.work_off()
    assert world.shown()[-1] == "hello again"


@pytest.mark.parametrize(("chat_id", "apart"), [(-5, 10), (5, 3)])
def test_progress_of_one_recording_keeps_to_what_telegram_takes_in_a_minute(world: World, chat_id: int, apart: int):
    reply = Reply(chat_id=chat_id, message_id=1, slots=(world.chat.send(Reply(chat_id=chat_id, message_id=1), "…"),))
    delivery = Delivery(world.chat, world.records, world.clock, patience_seconds=30)
    shown = []
    for percent in range(60):
        delivery.show(reply, f"{percent} %")
        shown.append(next(iter(world.chat.messages(chat_id).values())).text)
        world.clock.advance(1)
    assert sorted(set(shown), key=shown.index) == [f"{percent} %" for percent in range(0, 60, apart)]
