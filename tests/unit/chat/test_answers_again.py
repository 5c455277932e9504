"""The buttons under an answer: each does its work once, for who may press it, for as long as the text is kept."""

from dataclasses import replace

import pytest

from pisar.bot import buttons
from pisar.bot.answer_messages import with_times
from pisar.bot.texts import TEXTS, say
from pisar.domain.answer_to import Order, Reply
from pisar.domain.chats import ChatSettings
from pisar.domain.jobs import Job, JobMessage, Options, Outcome, State, job_id
from pisar.domain.messages import Incoming, Media, Press
from pisar.domain.transcripts import Transcript
from pisar.errors import Busy, Unavailable, Undeliverable
from pisar.formats import FORMATS
from pisar.state.chats import Chats
from pisar.state.job_records import Held
from tests.support.twins import MemoryChatFiles, SentMessage
from tests.unit.world import CHAT, DAY, GROUP, KEEP_DAYS, LEASE, OWNER, World

EN = TEXTS["en"]
ANNA, BORIS, ADMIN = 11, 12, 13
SAID = "hello there"


def voice(world: World, said: str = SAID, message_id: int = 1, chat_id: int = CHAT, user_id: int = CHAT) -> Incoming:
    world.files.add(f"file-{message_id}", said.encode())
    return Incoming(
        chat_id=chat_id,
        chat_type="private" if chat_id > 0 else "supergroup",
        message_id=message_id,
        user_id=user_id,
        media=Media(kind="voice", file_id=f"file-{message_id}", unique_id="u"),
        text="/transcribe" if chat_id < 0 else "",
    )


def answered(world: World, said: str = SAID, message_id: int = 1, chat_id: int = CHAT, user_id: int = CHAT) -> str:
    """A voice was sent and answered; its job."""
    world.conversation.receive(voice(world, said, message_id, chat_id, user_id))
    world.work_off()
    return job_id("telegram", chat_id, message_id)


def press(world: World, data: str, press_id: str = "p1", chat_id: int = CHAT, user_id: int = CHAT) -> str | None:
    """Press a button; what the press was told, None if it was told nothing."""
    before = len(world.chat.acknowledged)
    kind = "private" if chat_id > 0 else "supergroup"
    world.conversation.receive(Press(press_id=press_id, chat_id=chat_id, chat_type=kind, message_id=1, user_id=user_id, data=data))
    told = world.chat.acknowledged[before:]
    assert [pressed for pressed, _ in told] in ([press_id], [])
    return told[0][1] if told else None


def shown(world: World, chat_id: int = CHAT) -> list[SentMessage]:
    return list(world.chat.messages(chat_id).values())


def record(world: World, this: str) -> Job:
    return world.records.find(this).job


def transcript_of(world: World, this: str) -> Transcript:
    return Transcript.decode(world.store.get(f"texts/{this}.json").body)


# In another shape


@pytest.mark.parametrize(("shape", "written_as"), [("txt", "text"), ("srt", "srt"), ("vtt", "vtt")])
def test_an_answer_is_given_again_as_a_document_beside_the_first(world: World, shape: str, written_as: str):
    this = answered(world)
    assert press(world, f"as:{shape}:{this}") == ""
    content = FORMATS[written_as].write(transcript_of(world, this)).encode()
    first = SentMessage(text=SAID, reply_to=1, keyboard=buttons.of_answer(this, "en"))
    again = SentMessage(text=SAID, reply_to=1, document_name=f"transcript.{shape}", document=content)
    assert shown(world) == [first, again]
    assert world.ear.heard == [32_000]


def test_an_answer_is_given_again_with_times(world: World):
    this = answered(world)
    press(world, f"as:timecodes:{this}")
    assert [message.text for message in shown(world)] == [SAID, with_times(transcript_of(world, this))]
    assert shown(world)[1].text == "[0:00] hello\n[0:01] there"


def test_a_double_press_does_the_work_once_and_says_that_it_is_there(world: World):
    this = answered(world)
    told = [press(world, f"as:srt:{this}", press_id) for press_id in ("p1", "p2", "p2")]
    assert (told, len(shown(world))) == (["", EN["button_again"], EN["button_again"]], 2)


def test_every_shape_is_a_work_of_its_own(world: World):
    this = answered(world)
    for shape in ("txt", "srt", "vtt", "timecodes", "srt"):
        press(world, f"as:{shape}:{this}")
    assert [message.document_name for message in shown(world)] == [None, "transcript.txt", "transcript.srt", "transcript.vtt", None]


def test_what_is_given_again_has_a_record_that_says_so(world: World):
    this = answered(world)
    press(world, f"as:srt:{this}")
    job = record(world, job_id("again", this, "srt"))
    assert (job.state, job.outcome) == (State.FINISHED, Outcome.TRANSCRIBED)
    assert job.answer_to == replace(record(world, this).answer_to, shape="srt", slots=(2,))


def test_what_telegram_puts_off_for_long_is_given_by_the_next_try_and_once(world: World):
    this = answered(world)
    world.chat.fail("edit_into_document", Unavailable("429", after_seconds=100))
    with pytest.raises(Unavailable):
        press(world, f"as:srt:{this}")
    assert press(world, f"as:srt:{this}") == ""
    assert press(world, f"as:srt:{this}") == EN["button_again"]
    assert [message.document_name for message in shown(world)] == [None, "transcript.srt"]


def test_a_document_whose_confirmation_is_lost_is_there_once(world: World):
    this = answered(world)
    world.chat.fail("edit_into_document", Unavailable("timeout"), when="after")
    press(world, f"as:srt:{this}")
    assert [message.document_name for message in shown(world)] == [None, "transcript.srt"]


def test_while_another_is_giving_it_a_press_is_told_that_it_is_there(world: World):
    this = answered(world)
    world.records.accept(job_id("again", this, "srt"), lease_seconds=LEASE, options=Options(), answer_to=Reply(chat_id=CHAT, message_id=1))
    assert press(world, f"as:srt:{this}") == EN["button_again"]
    assert len(shown(world)) == 1
    world.clock.advance(LEASE)
    assert press(world, f"as:srt:{this}") == ""
    assert len(shown(world)) == 2


def test_a_chat_that_can_not_be_written_to_ends_it(world: World):
    this = answered(world)
    world.chat.fail("send", Undeliverable("blocked"))
    press(world, f"as:srt:{this}")
    again = record(world, job_id("again", this, "srt"))
    assert (again.state, again.outcome, len(shown(world))) == (State.FINISHED, Outcome.UNDELIVERABLE, 1)


def test_a_text_is_there_for_its_buttons_until_it_is_erased(world: World):
    this = answered(world)
    world.clock.advance(KEEP_DAYS * DAY)
    assert press(world, f"as:srt:{this}") == ""
    world.clock.advance(1)
    assert press(world, f"as:vtt:{this}") == EN["button_erased"]
    assert ([message.document_name for message in shown(world)], world.stored("texts/")) == ([None, "transcript.srt"], [])
    assert press(world, f"as:vtt:{this}") == EN["button_erased"]


@pytest.mark.parametrize("body", [None, b"garbage"])
def test_a_text_that_is_gone_or_unreadable_is_erased(world: World, body: bytes | None):
    this = answered(world)
    if body is None:
        world.store.delete(f"texts/{this}.json")
    else:
        world.store.put(f"texts/{this}.json", body)
    assert press(world, f"as:srt:{this}") == EN["button_erased"]
    assert (len(shown(world)), world.stored(f"jobs/{job_id('again', this, 'srt')}")) == (1, [])


# Whose buttons


EVERY = ["as:srt:{}", "in:?:{}", "in:de:{}"]


@pytest.mark.parametrize("data", EVERY)
def test_in_a_group_only_who_asked_or_an_administrator_may_press(data: str, world: World):
    this = answered(world, chat_id=GROUP, user_id=ANNA)
    before = (shown(world, GROUP), world.stored("jobs/"))
    assert press(world, data.format(this), "b", GROUP, BORIS) == EN["button_not_yours"]
    assert ((shown(world, GROUP), world.stored("jobs/")), len(world.queue)) == (before, 0)
    world.chat.admins.add((GROUP, ADMIN))
    assert press(world, data.format(this), "c", GROUP, ADMIN) == ""
    assert (shown(world, GROUP), world.stored("jobs/")) != before


@pytest.mark.parametrize("data", EVERY)
def test_in_a_group_who_asked_may_press(data: str, world: World):
    this = answered(world, chat_id=GROUP, user_id=ANNA)
    assert press(world, data.format(this), "a", GROUP, ANNA) == ""


@pytest.mark.parametrize(("data", "told"), [("in:?:{}", EN["button_dead"]), ("in:de:{}", "")])
def test_in_a_group_nobody_puts_their_buttons_under_anothers_answer(data: str, told: str, world: World):
    annas, boriss = (answered(world, SAID, number, GROUP, user) for number, user in ((1, ANNA), (2, BORIS)))
    slot, before = next(iter(world.chat.messages(GROUP).items()))
    forged = Press(press_id="p", chat_id=GROUP, chat_type="supergroup", message_id=slot, user_id=BORIS, data=data.format(boriss))
    world.conversation.receive(replace(forged, offered=False))
    assert world.chat.acknowledged[-1] == ("p", told)
    assert world.chat.messages(GROUP)[slot] == before
    assert annas in before.keyboard[0][0].data


@pytest.mark.parametrize("data", EVERY)
def test_what_was_asked_for_in_the_groups_name_is_for_its_administrators(data: str, world: World):
    anonymous = replace(voice(world, chat_id=GROUP), user_id=None, anonymous=True)
    world.conversation.receive(anonymous)
    world.work_off()
    world.chat.admins.add((GROUP, ADMIN))
    this = job_id("telegram", GROUP, 1)
    assert press(world, data.format(this), "a", GROUP, BORIS) == EN["button_not_yours"]
    assert press(world, data.format(this), "b", GROUP, ADMIN) == ""


@pytest.mark.parametrize("data", EVERY)
def test_a_dead_job_says_so(data: str, world: World):
    this = answered(world)
    order = Order(client="a" * 64)
    world.records.expect("ofclient", options=Options(), order=order)
    world.store.put("jobs/garbage.json", b"garbage")
    told = [press(world, data.format(job)) for job in ("nobodys", "ofclient", "garbage")]
    assert told == [EN["button_dead"]] * 3
    assert press(world, data.format(this), "o", OWNER, OWNER) == EN["button_dead"]  # another chat's
    world.records.cancel(this)
    assert press(world, data.format(this)) == EN["button_erased"]
    assert (len(shown(world)), len(shown(world, OWNER)), len(world.queue)) == (1, 0, 0)


@pytest.mark.parametrize("data", EVERY)
def test_a_job_that_is_not_finished_says_so(data: str, world: World):
    world.conversation.receive(voice(world))
    this = job_id("telegram", CHAT, 1)
    assert press(world, data.format(this)) == EN["button_wait"]
    assert (len(shown(world)), len(world.queue)) == (1, 1)


# In another language


def test_the_languages_are_asked_under_the_answer_and_make_room_again(world: World):
    this = answered(world)
    assert press(world, f"in:?:{this}") == ""
    assert shown(world) == [SentMessage(text=SAID, reply_to=1, keyboard=buttons.of_languages(this))]
    assert press(world, f"in:de:{this}") == ""
    assert shown(world)[0] == SentMessage(text=SAID, reply_to=1, keyboard=buttons.of_answer(this, "en"))


def test_hearing_again_is_one_more_run_of_the_engine_in_that_language_and_one_more_answer(world: World):
    this = answered(world)
    told = [press(world, f"in:de:{this}", press_id) for press_id in ("p1", "p2", "p2")]
    assert told == [""] * 3
    world.work_off()
    assert (world.ear.languages, world.ear.heard) == (["auto", "de"], [32_000] * 2)
    again = job_id("again", this, "in", "de")
    assert shown(world) == [
        SentMessage(text=SAID, reply_to=1, keyboard=buttons.of_answer(this, "en")),
        SentMessage(text=SAID, reply_to=1, keyboard=buttons.of_answer(again, "en")),
    ]
    assert (world.stored("audio/"), len(world.queue)) == ([], 0)


def test_each_language_is_heard_once(world: World):
    this = answered(world)
    for code in ("de", "fr", "de"):
        press(world, f"in:{code}:{this}")
        world.work_off()
    assert (world.ear.languages, len(shown(world))) == (["auto", "de", "fr"], 3)


def test_who_presses_again_is_told_that_it_is_there(world: World):
    this = answered(world)
    assert press(world, f"in:de:{this}", "p1") == ""
    assert press(world, f"in:de:{this}", "p2") == ""  # it is being worked on, and the status message says so
    world.work_off()
    assert press(world, f"in:de:{this}", "p3") == EN["button_again"]


def test_who_presses_under_an_unasked_answer_has_asked_and_is_refused_aloud():
    world = World(minutes_per_day=0.05)  # three seconds
    Chats(world.store).change(GROUP, lambda _: ChatSettings(auto="all"))
    world.conversation.receive(replace(voice(world, "one two three four", 1, GROUP, ANNA), text=""))
    world.work_off()
    press(world, f"in:de:{job_id('telegram', GROUP, 1)}", "p", GROUP, ANNA)
    assert [message.text for message in shown(world, GROUP)][1:] == [EN["accepted"]]
    world.work_off()
    assert [message.text for message in shown(world, GROUP)][1:] == [
        say("en", "quota_used", limit_minutes=0.05, resets_in_seconds=11 * 3600)
    ]


def test_what_was_heard_again_can_be_heard_again_and_shown(world: World):
    this = answered(world)
    press(world, f"in:de:{this}")
    world.work_off()
    second = job_id("again", this, "in", "de")
    press(world, f"in:fr:{second}")
    world.work_off()
    assert press(world, f"as:srt:{second}") == ""
    assert (world.ear.languages, len(shown(world))) == (["auto", "de", "fr"], 4)


def test_hearing_again_needs_no_stored_text(world: World):
    this = answered(world)
    world.clock.advance(2 * KEEP_DAYS * DAY)
    assert press(world, f"in:de:{this}") == ""
    world.work_off()
    assert world.ear.languages == ["auto", "de"]


def test_a_recording_that_telegram_no_longer_has_is_refused_in_words(world: World):
    this = answered(world)
    press(world.over(files=MemoryChatFiles()), f"in:de:{this}")
    assert [message.text for message in shown(world)] == [SAID, EN["file_unavailable"]]


def test_a_job_of_which_no_recording_is_known_has_a_dead_button(world: World):
    this = answered(world)
    held = world.records.find(this)
    world.store.put(f"jobs/{this}.json", replace(held.job, answer_to=replace(held.job.answer_to, file_id=None)).encode())
    assert press(world, f"in:de:{this}") == EN["button_dead"]
    assert len(world.queue) == 0


@pytest.mark.parametrize("data", ["in:?:{}", "in:de:{}"])
def test_an_answer_that_somebody_deleted_stops_nothing(data: str, world: World):
    this = answered(world)
    world.chat.forget(CHAT, 1)
    assert press(world, data.format(this)) == ""
    world.work_off()
    assert len(world.ear.languages) == (2 if "de" in data else 1)


def test_who_asked_pays_for_hearing_it_again():
    world = World(minutes_per_day=0.1)  # six seconds
    this = answered(world, "one two three four")
    press(world, f"in:de:{this}")
    world.work_off()
    press(world, f"in:fr:{this}")
    world.work_off()
    assert world.ear.languages == ["auto", "de"]
    assert [message.text for message in shown(world)][2] == say("en", "quota_used", limit_minutes=0.1, resets_in_seconds=11 * 3600)


def test_an_administrator_who_wants_it_in_another_language_pays_and_it_stays_the_speakers_too():
    world = World(minutes_per_day=0.1)  # six seconds
    world.chat.admins.add((GROUP, ADMIN))
    this = answered(world, "one two three four", 1, GROUP, ANNA)
    press(world, f"in:de:{this}", "p", GROUP, ADMIN)
    world.work_off()
    again = record(world, job_id("again", this, "in", "de")).answer_to
    assert isinstance(again, Reply)
    assert (again.user_id, again.sender_id) == (ADMIN, ANNA)
    world.conversation.receive(voice(world, "five six", 2, GROUP, ANNA))
    world.work_off()
    assert record(world, job_id("telegram", GROUP, 2)).outcome is Outcome.TRANSCRIBED


def test_a_press_whose_acknowledgement_fails_is_carried_out(world: World):
    this = answered(world)
    world.chat.fail("acknowledge", Unavailable("down"), times=2)
    assert press(world, f"as:srt:{this}") is None
    assert press(world, f"in:de:{this}") is None
    world.work_off()
    assert (len(shown(world)), world.ear.languages) == (3, ["auto", "de"])


def test_hearing_again_that_telegram_puts_off_is_queued_by_the_next_try(world: World):
    this = answered(world)
    world.chat.fail("send", Unavailable("429", after_seconds=100))
    with pytest.raises(Unavailable):
        press(world, f"in:de:{this}")
    press(world, f"in:de:{this}")
    world.work_off()
    assert (world.ear.languages, len(shown(world))) == (["auto", "de"], 2)


def test_a_press_while_it_is_being_taken_in_comes_again_later(world: World):
    this = answered(world)
    again = job_id("again", this, "in", "de")
    held = world.records.accept(again, lease_seconds=LEASE, options=Options(language="de"), answer_to=record(world, this).answer_to)
    assert isinstance(held, Held)
    with pytest.raises(Busy):
        press(world, f"in:de:{this}")
    assert JobMessage(again) not in [message for _, message in iter(world.queue.receive, None)]
