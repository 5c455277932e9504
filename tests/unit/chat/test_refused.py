"""What the messenger refuses: nothing is tried more than three times, in whatever processes, and the next messages get their turn."""

from dataclasses import replace

import pytest

from pisar.bot.texts import TEXTS
from pisar.domain.answer_to import Reply
from pisar.domain.jobs import MAX_REFUSED, JobMessage, Outcome, State
from pisar.domain.messages import Incoming, Press
from pisar.errors import NoDocuments, Refused, Undeliverable
from tests.unit.world import CHAT, GROUP, World

REFUSED = Refused("SOMETHING_OF_TOMORROW")
HELP = Incoming(chat_id=CHAT, chat_type="private", message_id=9, thread_id=None, user_id=CHAT, language_code="en", media=None, text="/help")
PRESS = Press(
    press_id="77", chat_id=CHAT, chat_type="private", message_id=1, user_id=CHAT, data="set:ru", thread_id=None, language_code="en"
)
LONG = " ".join(f"word{number}" for number in range(3000))


def job(world: World, job_id: str = "j1"):
    return world.records.find(job_id).job


def tries_until_done(do, another) -> int:
    """Return how many times something was done until it did not ask for another time; each is done in a process of its own."""
    for number in range(1, 2 * MAX_REFUSED):
        try:
            do(another())
        except Refused:
            continue
        return number
    raise AssertionError("it asks for another time for ever")


def test_a_voice_is_given_up_after_three_tries_in_three_processes(world: World):
    take = world.say("hello")
    world.chat.fail("send", REFUSED, times=10)
    assert tries_until_done(lambda other: other.intake.receive(take), world.over) == MAX_REFUSED == 3
    assert (job(world).state, job(world).outcome) == (State.FINISHED, Outcome.UNDELIVERABLE)
    assert (world.stored("audio/"), world.stored("line/")) == ([], [])


def test_a_voice_that_is_refused_twice_is_answered_at_the_third_try(world: World):
    take = world.say("hello")
    world.chat.fail("send", REFUSED, times=MAX_REFUSED - 1)
    assert tries_until_done(lambda other: other.intake.receive(take), world.over) == MAX_REFUSED
    world.work_off()
    assert world.shown() == ["hello"]
    assert job(world).outcome is Outcome.TRANSCRIBED


def test_the_worker_tries_an_answer_three_times_too_and_once_at_each_delivery(world: World):
    world.intake.receive(world.say("hello"))
    world.chat.fail("edit", REFUSED, times=10)
    for _ in range(MAX_REFUSED - 1):
        with pytest.raises(Refused):
            world.work_off()
        assert job(world).state is State.QUEUED
        world.queue.bring_back()
    world.work_off()
    assert job(world).outcome is Outcome.UNDELIVERABLE
    assert world.stored("audio/") == []
    assert len(world.queue) == 0


def test_a_dead_letter_is_buried_after_three_tries_too(world: World):
    world.intake.receive(world.say("hello"))
    world.chat.fail("edit", REFUSED, times=10)
    bury = JobMessage("j1").encode()
    assert tries_until_done(lambda other: other.dead_letters.bury("m1", bury), world.over) == MAX_REFUSED
    assert job(world).outcome is Outcome.UNDELIVERABLE


def test_what_was_refused_at_the_intake_does_not_count_at_the_answer(world: World):
    take = world.say("hello")
    world.chat.fail("send", REFUSED, times=MAX_REFUSED - 1)
    tries_until_done(lambda other: other.intake.receive(take), world.over)
    world.chat.fail("edit", REFUSED, times=MAX_REFUSED - 1)
    for _ in range(MAX_REFUSED - 1):
        with pytest.raises(Refused):
            world.work_off()
        world.queue.bring_back()
    world.work_off()
    assert world.shown() == ["hello"]


@pytest.mark.parametrize(("update", "call"), [(HELP, "send"), (PRESS, "edit")])
def test_an_update_without_a_job_is_let_go_after_three_tries_too(world: World, update, call: str):
    if update is PRESS:
        world.chat.send(Reply(chat_id=CHAT, message_id=5), "settings")
    world.chat.fail(call, REFUSED, times=10)
    assert tries_until_done(lambda other: other.conversation.receive(update), world.over) == MAX_REFUSED


def test_a_command_that_is_refused_once_is_answered_the_next_time(world: World):
    world.chat.fail("send", REFUSED)
    assert tries_until_done(lambda other: other.conversation.receive(HELP), world.over) == 2
    assert len(world.shown()) == 1


def test_an_update_from_a_chat_that_the_bot_was_put_out_of_is_over(world: World):
    world.chat.fail("is_admin", Undeliverable("bot was kicked"))
    world.conversation.receive(replace(PRESS, chat_id=GROUP, chat_type="supergroup"))
    assert world.chat.acknowledged == []


def test_who_is_an_administrator_can_not_be_seen_and_the_bot_says_what_helps(world: World):
    world.chat.hiding.add(GROUP)
    world.conversation.receive(replace(HELP, chat_id=GROUP, chat_type="supergroup", text="/auto on"))
    assert [one.text for one in world.chat.messages(GROUP).values()] == [TEXTS["en"]["admins_unknown"]]
    world.conversation.receive(replace(PRESS, chat_id=GROUP, chat_type="supergroup"))
    assert world.chat.acknowledged == [("77", TEXTS["en"]["admins_unknown"])]
    assert len(TEXTS["en"]["admins_unknown"]) <= 200 >= len(TEXTS["ru"]["admins_unknown"])


def test_whoever_writes_in_the_groups_own_name_is_an_administrator_though_none_can_be_seen(world: World):
    world.chat.hiding.add(GROUP)
    told = replace(HELP, chat_id=GROUP, chat_type="supergroup", text="/auto on", user_id=None, anonymous=True)
    world.conversation.receive(told)
    assert TEXTS["en"]["admins_unknown"] not in [one.text for one in world.chat.messages(GROUP).values()]


def test_where_no_documents_are_taken_the_text_comes_as_numbered_messages(world: World):
    world.intake.receive(world.say(LONG))
    world.chat.fail("edit_into_document", NoDocuments("CHAT_SEND_DOCS_FORBIDDEN"))
    world.work_off()
    shown = world.shown()
    numbers = [f" ({number}/{len(shown)})" for number in range(1, len(shown) + 1)]
    assert [text[-len(number) :] for text, number in zip(shown, numbers, strict=True)] == numbers
    assert len(shown) > 2
    assert all(len(text) <= 4096 for text in shown)
    told = " ".join(text.removesuffix(number) for text, number in zip(shown, numbers, strict=True))
    assert told.split() == LONG.split()
    keyboards = [message.keyboard for message in world.chat.messages(CHAT).values()]
    assert [bool(keyboard) for keyboard in keyboards] == [False] * (len(shown) - 1) + [True]
    assert job(world).outcome is Outcome.TRANSCRIBED


def test_messages_that_take_the_place_of_a_document_are_sent_once_whatever_is_refused_between(world: World):
    world.intake.receive(world.say(LONG))
    world.chat.fail("edit_into_document", NoDocuments("CHAT_SEND_DOCS_FORBIDDEN"), times=5)
    world.chat.fail("send", REFUSED, times=1)
    with pytest.raises(Refused):
        world.work_off()
    world.queue.bring_back()
    world.work_off()
    assert [text.rpartition("(")[2].partition("/")[0] for text in world.shown()] == [str(n + 1) for n in range(len(world.shown()))]


def test_a_chat_that_is_lost_between_two_messages_ends_the_job_in_the_same_try(world: World):
    world.intake.receive(world.say(" ".join(f"word{number}" for number in range(800))))
    real_send = world.chat.send

    def send_and_be_lost(*arguments, **options):
        sent = real_send(*arguments, **options)
        world.chat.fail("edit", Undeliverable("kicked"))
        return sent

    world.chat.send = send_and_be_lost  # type: ignore[method-assign]
    world.work_off()
    assert job(world).outcome is Outcome.UNDELIVERABLE
