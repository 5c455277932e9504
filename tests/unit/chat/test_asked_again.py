"""Who asks for a recording that was asked for before is answered: once for each message that asks, whatever became of the first job."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from pisar.bot import buttons
from pisar.bot.texts import TEXTS, say
from pisar.domain.answer_to import chat_owner, person_owner
from pisar.domain.jobs import Job, Outcome, State, job_id
from pisar.domain.messages import Incoming, Media, Press
from pisar.errors import Busy, Missing, Refused, Rejected, Rejection, Unavailable, Undeliverable
from pisar.state.jobs_by_owner import OwnedJobs
from tests.support.twins import MemoryChatFiles, SentMessage
from tests.unit.world import CHAT, DAY, GROUP, KEEP_DAYS, LEASE, MAX_WAITING, World

EN = TEXTS["en"]
ANNA, BORIS, VERA = 11, 12, 13
SAID = "hello there"
VOICE = 1
FIRST = job_id("telegram", CHAT, VOICE)
IN_GROUP = job_id("telegram", GROUP, VOICE)


def voice(world: World, chat_id: int = CHAT, user_id: int = CHAT, message_id: int = VOICE) -> Incoming:
    world.files.add(f"file-{message_id}", SAID.encode())
    return Incoming(
        chat_id=chat_id,
        chat_type="private" if chat_id > 0 else "supergroup",
        message_id=message_id,
        user_id=user_id,
        media=Media(kind="voice", file_id=f"file-{message_id}", unique_id="u"),
    )


def asks(world: World, message_id: int, text: str = "/transcribe", chat_id: int = CHAT, user_id: int = CHAT) -> None:
    """Somebody replies to the voice."""
    replied = voice(world, chat_id, ANNA if chat_id < 0 else CHAT)
    world.conversation.receive(replace(replied, message_id=message_id, user_id=user_id, media=None, text=text, replied=replied))


def sent(world: World) -> None:
    """The voice was sent in private and answered."""
    world.conversation.receive(voice(world))
    world.work_off()


def shown(world: World, chat_id: int = CHAT) -> list[SentMessage]:
    return list(world.chat.messages(chat_id).values())


def texts(world: World, chat_id: int = CHAT) -> list[str]:
    return [message.text for message in shown(world, chat_id)]


def record(world: World, this: str) -> Job:
    return world.records.find(this).job


def again(message_id: int, first: str = FIRST) -> str:
    return job_id(first, "again", message_id)


# The text is there


def test_who_asks_for_an_answered_recording_is_pointed_to_the_answer(world: World):
    sent(world)
    asks(world, 8)
    (slot,) = (number for number, message in world.chat.messages(CHAT).items() if message.text == SAID)
    assert shown(world)[1:] == [SentMessage(text=EN["answer_is_there"], reply_to=slot)]
    assert (world.ear.heard, len(world.queue), world.stored("audio/")) == ([32_000], 0, [])


def test_the_same_update_again_is_silent(world: World):
    sent(world)
    for message_id in (8, 8, 9, 8):
        asks(world, message_id)
    world.conversation.receive(voice(world))
    assert texts(world) == [SAID] + [EN["answer_is_there"]] * 2


def test_the_update_that_made_the_job_is_silent_whatever_became_of_it(world: World):
    for _ in range(2):
        asks(world, 8, chat_id=GROUP, user_id=BORIS)
    world.work_off()
    asks(world, 8, chat_id=GROUP, user_id=BORIS)
    world.erasure.erase(GROUP)
    asks(world, 8, chat_id=GROUP, user_id=BORIS)
    assert (texts(world, GROUP), len(world.queue)) == ([SAID], 0)


def test_an_answer_that_was_deleted_comes_anew_with_buttons_of_its_own(world: World):
    sent(world)
    world.chat.forget(CHAT, 1)
    for _ in range(2):
        asks(world, 8)
    assert shown(world) == [SentMessage(text=SAID, reply_to=VOICE, keyboard=buttons.of_answer(again(8), "en"))]
    world.conversation.receive(
        Press(press_id="p", chat_id=CHAT, chat_type="private", message_id=2, user_id=CHAT, data=f"as:srt:{again(8)}")
    )
    assert shown(world)[1].document_name == "transcript.srt"
    assert world.ear.heard == [32_000]


def test_the_next_one_is_pointed_to_the_text_that_came_anew(world: World):
    sent(world)
    world.chat.forget(CHAT, 1)
    asks(world, 8)
    (slot,) = world.chat.messages(CHAT)
    asks(world, 9)
    assert shown(world)[1:] == [SentMessage(text=EN["answer_is_there"], reply_to=slot)]


def test_a_second_person_in_a_group_is_answered_and_may_press_the_buttons_of_a_text_anew(world: World):
    asks(world, 8, chat_id=GROUP, user_id=ANNA)
    world.work_off()
    asks(world, 9, chat_id=GROUP, user_id=BORIS)
    world.chat.forget(GROUP, 1)
    asks(world, 10, chat_id=GROUP, user_id=VERA)
    assert texts(world, GROUP) == [EN["answer_is_there"], SAID]
    this = again(10, IN_GROUP)
    assert world.chat.messages(GROUP)[3].keyboard == buttons.of_answer(this, "en")
    for user_id, told in ((BORIS, EN["button_not_yours"]), (VERA, "")):
        world.conversation.receive(
            Press(press_id="p", chat_id=GROUP, chat_type="supergroup", message_id=3, user_id=user_id, data=f"as:srt:{this}")
        )
        assert world.chat.acknowledged[-1] == ("p", told)


def test_what_was_shown_again_is_erased_with_the_chat(world: World):
    asks(world, 8, chat_id=GROUP, user_id=ANNA)
    world.work_off()
    world.chat.forget(GROUP, 1)
    asks(world, 9, chat_id=GROUP, user_id=BORIS)
    owned = OwnedJobs(world.store, world.records)
    assert [job.id for job in owned.page(person_owner(BORIS), limit=9)[0]] == [again(9, IN_GROUP)]
    world.erasure.erase(GROUP)
    assert (world.stored("texts/"), world.stored("cache/"), owned.has_any(person_owner(BORIS))) == ([], [], False)


def test_that_nobody_speaks_is_said_again_too(world: World):
    nothing = replace(voice(world), media=Media(kind="voice", file_id="silence", unique_id="s"))
    world.files.add("silence", b"")
    world.conversation.receive(nothing)
    world.work_off()
    asking = replace(nothing, message_id=8, media=None, text="/transcribe", replied=nothing)
    world.conversation.receive(asking)
    world.chat.forget(CHAT, 1)
    world.conversation.receive(replace(asking, message_id=9))
    assert texts(world) == [EN["answer_is_there"], EN["no_speech"]]
    assert record(world, again(9)).outcome is Outcome.NO_SPEECH


# Work goes on


def test_while_the_work_goes_on_who_asks_is_pointed_to_the_status(world: World):
    world.conversation.receive(voice(world))
    for _ in range(2):
        asks(world, 8)
    assert shown(world)[1:] == [SentMessage(text=EN["still_working"], reply_to=1)]
    world.work_off()
    assert texts(world) == [SAID, EN["still_working"]]


def test_where_the_status_is_gone_who_asks_is_told_in_reply_to_the_question(world: World):
    world.conversation.receive(voice(world))
    world.chat.forget(CHAT, 1)
    asks(world, 8)
    assert shown(world) == [SentMessage(text=EN["work_begun"], reply_to=8)]


def test_who_asks_for_what_nobody_had_asked_for_is_told_of_a_refusal_too(world: World):
    world.conversation.receive(replace(voice(world, GROUP, ANNA), message_id=3, media=None, anonymous=True, user_id=None, text="/auto on"))
    world.conversation.receive(voice(world, GROUP, ANNA))
    asks(world, 8, chat_id=GROUP, user_id=BORIS)
    assert shown(world, GROUP)[1:] == [SentMessage(text=EN["work_begun"], reply_to=8)]
    world.ear.rejection = Rejected(Rejection.NO_AUDIO_TRACK)
    world.work_off()
    assert texts(world, GROUP)[2:] == [EN["no_audio_track"]]


def test_while_another_is_taking_it_in_who_asks_comes_again(world: World):
    take = world.say(SAID)
    world.records.accept(FIRST, lease_seconds=LEASE, options=world.options, answer_to=take.reply)
    with pytest.raises(Busy):
        asks(world, 8)
    world.clock.advance(LEASE)
    asks(world, 8)
    world.work_off()
    assert texts(world) == [SAID]


# New work


def no_room(world: World) -> None:
    for number in range(MAX_WAITING):
        world.intake.receive(world.say(f"other {number}", f"w{number}"))
    world.conversation.receive(voice(world))
    world.work_off()
    assert texts(world)[-1] == say("en", "queue_full", waiting=MAX_WAITING)


def cancelled(world: World) -> None:
    world.conversation.receive(voice(world))
    world.conversation.receive(replace(voice(world), message_id=7, media=None, text="/cancel"))
    world.work_off()


def deleted(world: World) -> None:
    sent(world)
    world.erasure.erase(CHAT)


def failed(world: World) -> None:
    world.conversation.receive(voice(world))
    world.dead_letters.bury("m1", f'{{"job_id": "{FIRST}"}}')
    received = world.queue.receive()
    assert received is not None
    world.queue.delete(received[0])


def muted(world: World) -> None:
    world.chat.fail("send", Undeliverable("not enough rights"))
    world.conversation.receive(voice(world))


def expired(world: World) -> None:
    sent(world)
    world.clock.advance(KEEP_DAYS * DAY + 1)


def gone(world: World) -> None:
    world.over(files=MemoryChatFiles()).conversation.receive(voice(world))


ENDS = [no_room, cancelled, deleted, failed, muted, expired, gone]


@pytest.mark.parametrize("end", ENDS)
def test_what_ended_without_a_text_is_worked_on_anew_for_each_message_that_asks(world: World, end: Callable[[World], None]):
    end(world)
    before = len(shown(world))
    for _ in range(2):
        asks(world, 20)
    world.work_off()
    asks(world, 20)
    assert shown(world)[before:] == [SentMessage(text=SAID, reply_to=VOICE, keyboard=buttons.of_answer(again(20), "en"))]
    assert (len(world.queue), world.stored("audio/"), world.stored("line/")) == (0, [], [])
    (slot,) = list(world.chat.messages(CHAT))[before:]
    asks(world, 21)
    assert shown(world)[before + 1 :] == [SentMessage(text=EN["answer_is_there"], reply_to=slot)]


def test_a_refusal_is_given_again_to_whoever_asks_again(world: World):
    gone(world)
    for message_id in (20, 20, 21):
        replied = voice(world)
        asking = replace(replied, message_id=message_id, media=None, text="/transcribe", replied=replied)
        world.over(files=MemoryChatFiles()).conversation.receive(asking)
    assert texts(world) == [EN["file_unavailable"]] * 3


def test_a_file_that_is_no_recording_is_refused_to_each_who_asks(world: World):
    paper = replace(
        voice(world, GROUP, ANNA), media=Media(kind="document", file_id="f", unique_id="u", mime_type="application/pdf", file_name="a.pdf")
    )
    for message_id in (8, 8, 9):
        world.conversation.receive(replace(paper, message_id=message_id, user_id=BORIS, media=None, text="/transcribe", replied=paper))
    assert texts(world, GROUP) == [say("en", "unsupported")] * 2


def test_a_text_that_could_not_be_delivered_is_delivered_from_the_store(world: World):
    world.conversation.receive(voice(world))
    world.chat.fail("edit", Undeliverable("blocked"))
    world.work_off()
    assert record(world, FIRST).outcome is Outcome.UNDELIVERABLE
    asks(world, 8)
    assert texts(world)[-1] == SAID
    assert world.ear.heard == [32_000]


def test_the_quota_of_the_one_who_asks_is_used():
    world = World(minutes_per_day=0.1)  # six seconds
    world.chat.fail("send", Undeliverable("not enough rights"))
    asks(world, 8, chat_id=GROUP, user_id=ANNA)
    asks(world, 9, chat_id=GROUP, user_id=BORIS)
    world.work_off()
    assert texts(world, GROUP) == [SAID]
    assert world.quotas.used_seconds(person_owner(BORIS)) == 2
    assert world.quotas.used_seconds(person_owner(ANNA)) == 0


def test_an_intake_of_a_later_request_that_died_is_not_waited_for(world: World):
    muted(world)
    world.chat.fail("send", Unavailable("down"))
    with pytest.raises(Unavailable):
        asks(world, 8)
    assert record(world, FIRST).newest == again(8)
    asks(world, 9)
    world.work_off()
    assert texts(world) == [SAID]


# In another language


def test_another_language_is_asked_for_again_by_the_same_rules(world: World):
    sent(world)
    for message_id in (8, 8, 9):
        asks(world, message_id, "/transcribe немецкий")
        world.work_off()
    (first, second) = (number for number, message in world.chat.messages(CHAT).items() if message.text == SAID)
    assert shown(world)[2:] == [SentMessage(text=EN["answer_is_there"], reply_to=second)]
    assert world.ear.languages == ["auto", "de"]
    asks(world, 10)
    assert shown(world)[-1].reply_to == first


# In reply to the bot's own message


def replies_to_bot(world: World, slot: int, message_id: int, text: str, **how: int) -> None:
    asking = replace(voice(world, how.get("chat_id", CHAT), how.get("user_id", CHAT)), message_id=message_id, media=None, text=text)
    world.conversation.receive(replace(asking, replied=replace(asking, message_id=slot, by_bot="Pisar_Bot", text=SAID, user_id=99)))


@pytest.mark.parametrize("text", ["/transcribe", "/transcribe@pisar_bot", "@pisar_bot"])
def test_a_reply_to_the_answer_asks_for_its_recording(world: World, text: str):
    sent(world)
    replies_to_bot(world, 1, 8, text)
    assert shown(world)[1:] == [SentMessage(text=EN["answer_is_there"], reply_to=1)]


def test_a_reply_to_the_answer_asks_for_another_language(world: World):
    asks(world, 8, chat_id=GROUP, user_id=ANNA)
    world.work_off()
    for _ in range(2):
        replies_to_bot(world, 1, 9, "/transcribe de", chat_id=GROUP, user_id=BORIS)
    world.work_off()
    this = job_id("telegram", GROUP, VOICE, "in", "de")
    assert shown(world, GROUP)[1:] == [SentMessage(text=SAID, reply_to=VOICE, keyboard=buttons.of_answer(this, "en"))]
    reply = record(world, this).answer_to
    assert (reply.user_id, reply.sender_id, reply.asked_in) == (BORIS, ANNA, 9)
    assert world.ear.languages == ["auto", "de"]


def test_a_reply_to_a_pointer_or_a_document_is_about_the_same_recording(world: World):
    sent(world)
    world.conversation.receive(Press(press_id="p", chat_id=CHAT, chat_type="private", message_id=1, user_id=CHAT, data=f"as:srt:{FIRST}"))
    asks(world, 8)
    for message_id, slot in ((9, 2), (10, 3)):
        replies_to_bot(world, slot, message_id, "/transcribe")
    assert shown(world)[2:] == [SentMessage(text=EN["answer_is_there"], reply_to=1)] * 3


@pytest.mark.parametrize("slot", [1, 55])
def test_a_reply_to_another_message_of_the_bot_is_explained(world: World, slot: int):
    world.conversation.receive(replace(voice(world), media=None, text="/help"))
    replies_to_bot(world, slot, 8, "/transcribe")
    assert texts(world)[1:] == [EN["reply_to_a_voice"]]


def test_an_answer_is_found_among_the_latest_two_hundred(world: World):
    sent(world)
    for number in range(120):
        world.clock.advance(1)
        other = job_id("telegram", CHAT, 100 + number)
        held = world.records.accept(
            other, lease_seconds=LEASE, options=world.options, answer_to=replace(record(world, FIRST).answer_to, slots=())
        )
        OwnedJobs(world.store, world.records).add(held.job)
    replies_to_bot(world, 1, 8, "/transcribe")
    assert shown(world)[1:] == [SentMessage(text=EN["answer_is_there"], reply_to=1)]


# A recording quoted from another chat


@pytest.mark.parametrize("text", ["/transcribe", "@pisar_bot", "en"])
def test_a_recording_of_another_chat_is_transcribed_for_a_message_that_quotes_it_and_asks(world: World, text: str):
    quoting = replace(voice(world), media=None, quoted=voice(world).media, text=text)
    for _ in range(2):
        world.conversation.receive(quoting)
    world.work_off()
    assert shown(world) == [SentMessage(text=SAID, reply_to=VOICE, keyboard=buttons.of_answer(FIRST, "en"))]


def test_a_text_beside_a_quoted_recording_gets_the_hint(world: World):
    world.conversation.receive(replace(voice(world), media=None, quoted=voice(world).media, text="listen to this"))
    assert texts(world) == [EN["hint"]]


def test_the_name_of_a_language_in_reply_to_a_voice_asks_for_it_in_private(world: World):
    sent(world)
    asks(world, 8, "немецкий")
    world.work_off()
    assert (texts(world), world.ear.languages) == ([SAID] * 2, ["auto", "de"])


# Faults


def answer_gone(world: World) -> None:
    sent(world)
    world.chat.forget(CHAT, 1)


FAULTS = [
    ("send", Unavailable("down"), "before"),
    ("send", Unavailable("429", after_seconds=100), "before"),
    ("edit", Unavailable("429", after_seconds=100), "before"),
    ("edit", Unavailable("timeout"), "after"),
]


@pytest.mark.parametrize("gone_from_chat", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_request_that_telegram_puts_off_is_answered_once_by_the_next_try(world: World, gone_from_chat: bool, fault: tuple):
    sent(world)
    if gone_from_chat:
        world.chat.forget(CHAT, 1)
    world.chat.fail(fault[0], fault[1], when=fault[2])
    for _ in range(3):
        try:
            asks(world, 8)
        except Unavailable:
            world.clock.advance(1)
    assert texts(world) == ([SAID] if gone_from_chat else [SAID, EN["answer_is_there"]])
    assert record(world, again(8)).state is State.FINISHED


@pytest.mark.parametrize("before", [sent, answer_gone])
def test_a_request_that_is_refused_for_a_reason_nobody_knows_is_given_up_after_three_tries(world: World, before: Callable[[World], None]):
    before(world)
    world.chat.fail("send", Refused("SOMETHING_OF_TOMORROW"), times=5)
    tries = 0
    while record_state(world, again(8)) is not State.FINISHED:
        tries += 1
        with suppress(Refused):
            asks(world, 8)
    assert (tries, record(world, again(8)).outcome) == (3, Outcome.UNDELIVERABLE)


def record_state(world: World, this: str) -> State | None:
    try:
        return record(world, this).state
    except Missing:
        return None


class Power:
    """A store that dies at its `left`-th write from now on, before or after that took effect, and takes no other until it is back."""

    def __init__(self, world: World, left: int, *, after: bool) -> None:
        self._world, self._put, self._left, self._after = world, world.store.put, left, after
        world.store.put = self._write  # type: ignore[method-assign]

    def _write(self, key: str, body: bytes, **how: object) -> str:
        self._left -= 1
        if self._left < 0 or (self._left == 0 and not self._after):
            raise KeyboardInterrupt
        etag = self._put(key, body, **how)  # type: ignore[arg-type]
        if self._left == 0:
            raise KeyboardInterrupt
        return etag

    def back(self) -> bool:
        """Return whether it was cut, and mend it."""
        self._world.store.put = self._put  # type: ignore[method-assign]
        return self._left <= 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("before", [sent, answer_gone, cancelled, muted])
def test_a_crash_at_any_write_loses_no_answer_and_gives_no_text_twice(before: Callable[[World], None], after: bool):
    cut, number = True, 0
    while cut:
        number += 1
        world = World()
        before(world)
        old = world.chat.messages(CHAT)
        power = Power(world, number, after=after)
        with suppress(KeyboardInterrupt):
            asks(world, 8)
        cut = power.back()
        world.clock.advance(LEASE + 1)
        for _ in range(2):
            asks(world, 8)
        world.work_off()
        new = [message.text for slot, message in world.chat.messages(CHAT).items() if slot not in old]
        answers = [text for text in new if text in (SAID, EN["answer_is_there"])]
        assert answers in ([SAID], [EN["answer_is_there"]], [EN["answer_is_there"]] * 2), (number, new)
        assert len(new) <= 2, (number, new)  # a crash between a send and its note leaves the message
        assert (world.stored("audio/"), world.stored("line/"), len(world.queue)) == ([], [], 0), number
    assert number > 3


def test_two_who_ask_at_the_same_moment_are_both_answered(world: World):
    muted(world)
    asks(world, 8)
    asks(world, 9)
    world.work_off()
    assert texts(world) == [SAID, EN["still_working"]]


@pytest.mark.parametrize("before", [sent, answer_gone, cancelled, muted])
def test_of_many_updates_at_once_each_message_that_asks_is_answered_once(world: World, before: Callable[[World], None]):
    before(world)
    old, heard = world.chat.messages(CHAT), len(world.ear.heard)
    people = range(8, 12)

    def until_taken(message_id: int) -> None:
        while True:
            with suppress(Busy):
                asks(world, message_id)
                return

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(until_taken, [*people] * 4))
    world.work_off()
    new = [message for slot, message in world.chat.messages(CHAT).items() if slot not in old]
    assert len(new) == len(people)
    assert {message.text for message in new} <= {SAID, EN["answer_is_there"], EN["still_working"], EN["work_begun"]}
    assert len(world.ear.heard) - heard <= 1
    assert [record_state(world, again(message_id)) for message_id in people] == [State.FINISHED] * len(people)


def test_a_text_stored_anew_while_the_chat_was_erased_is_erased_by_the_next_try(world: World):
    sent(world)
    world.chat.forget(CHAT, 1)
    send = world.chat.send

    def erased_meanwhile(*asked: object, **how: object) -> int:
        world.erasure.erase(CHAT)
        return send(*asked, **how)  # type: ignore[arg-type]

    world.chat.send = erased_meanwhile  # type: ignore[method-assign]
    with pytest.raises(Busy):
        asks(world, 8)
    world.chat.send = send  # type: ignore[method-assign]
    asks(world, 8)
    assert (world.stored("texts/"), OwnedJobs(world.store, world.records).has_any(chat_owner(CHAT))) == ([], False)


# Buttons


def test_a_language_that_was_refused_is_heard_at_a_new_press_and_not_at_the_same(world: World):
    sent(world)
    pressed = Press(press_id="p1", chat_id=CHAT, chat_type="private", message_id=1, user_id=CHAT, data=f"in:de:{FIRST}")
    world.chat.fail("send", Undeliverable("not enough rights"))
    world.conversation.receive(pressed)
    assert record(world, job_id("again", FIRST, "in", "de")).outcome is Outcome.UNDELIVERABLE
    for _ in range(2):
        world.conversation.receive(replace(pressed, press_id="p2"))
    world.work_off()
    assert (texts(world), world.ear.languages) == ([SAID] * 2, ["auto", "de"])
