"""A link from its message to its answer: a worker fetches the file, whichever takes the job first, and says what is wrong with a link."""

from dataclasses import replace

import pytest

from pisar.bot.texts import TEXTS
from pisar.domain.jobs import JobMessage, Lane, Outcome, job_id
from pisar.domain.messages import Incoming, Press
from pisar.errors import Crowded, LinkRefusal, Rejected, Rejection
from tests.unit.world import CHAT, World

EN = TEXTS["en"]
LINK = "https://files.example/talk.mp3"
SAID = "hello there"
THIS = job_id("telegram", CHAT, 5)
MESSAGE = Incoming(chat_id=CHAT, chat_type="private", message_id=5, user_id=CHAT, text=LINK)


@pytest.fixture
def world() -> World:
    world = World()
    world.links.files[LINK] = SAID.encode()
    return world


def press(world: World, data: str) -> None:
    (slot,) = world.chat.messages(CHAT)
    world.conversation.receive(Press(press_id="p", chat_id=CHAT, chat_type="private", message_id=slot, user_id=CHAT, data=data))


def test_the_webhook_fetches_nothing_and_the_worker_answers(world: World):
    world.conversation.receive(MESSAGE)
    assert (world.shown(), world.links.fetched) == ([EN["accepted"]], [])
    world.work_off()
    assert (world.shown(), world.links.fetched) == ([SAID], [LINK])
    assert world.stored("audio/") == []


def test_an_update_that_comes_twice_is_answered_once(world: World):
    for _ in range(2):
        world.conversation.receive(MESSAGE)
    world.work_off()
    world.conversation.receive(MESSAGE)
    world.work_off()
    assert (world.shown(), world.links.fetched) == ([SAID], [LINK])


def test_over_a_broker_the_errand_fetches_and_the_engine_does_not(world: World):
    world.conversation.receive(MESSAGE)
    assert world.steps.fetch(JobMessage(THIS)) is Lane.VOICE
    assert world.links.fetched == [LINK]
    world.transcription.transcribe(JobMessage(THIS))
    world.steps.answer(JobMessage(THIS))
    assert (world.shown(), world.links.fetched) == ([SAID], [LINK])
    assert world.stored("audio/") == []


@pytest.mark.parametrize(
    ("code", "details"),
    [
        (LinkRefusal.PAGE, {}),
        (LinkRefusal.REFUSED, {}),
        (LinkRefusal.UNREACHABLE, {}),
        (LinkRefusal.TOO_BIG, {"limit_mb": 2}),
        (Rejection.UNSUPPORTED, {}),
    ],
)
@pytest.mark.parametrize("over_broker", [False, True])
def test_whoever_asked_is_told_what_is_wrong_with_the_link(
    world: World, code: LinkRefusal | Rejection, details: dict[str, int], over_broker: bool
):
    world.links.refusals[LINK] = Rejected(code, details)
    world.conversation.receive(MESSAGE)
    if over_broker:
        world.steps.fetch(JobMessage(THIS))
        world.transcription.transcribe(JobMessage(THIS))
    else:
        world.work_off()
    assert world.shown() == [EN[code.value].format(**details)]
    job = world.records.find(THIS).job
    assert (job.outcome, job.reason) == (Outcome.REJECTED, code.value)


def test_a_crowd_of_links_is_no_try_of_its_own(world: World):
    world.links.refusals[LINK] = Crowded("too many links are being fetched")
    world.conversation.receive(MESSAGE)
    with pytest.raises(Crowded):
        world.steps.fetch(JobMessage(THIS))
    assert world.records.find(THIS).job.tries == 0
    world.links.refusals.clear()
    world.work_off()
    assert world.shown() == [SAID]


def test_the_link_is_fetched_again_for_another_language(world: World):
    world.conversation.receive(MESSAGE)
    world.work_off()
    press(world, f"in:de:{THIS}")
    world.work_off()
    assert (world.ear.languages, world.links.fetched) == (["auto", "de"], [LINK, LINK])


def test_a_link_is_asked_for_again_by_a_reply_to_its_answer(world: World):
    world.conversation.receive(MESSAGE)
    world.work_off()
    (slot,) = world.chat.messages(CHAT)
    answer = replace(MESSAGE, message_id=slot, user_id=None, text=SAID, by_bot="pisar_bot")
    world.conversation.receive(replace(MESSAGE, message_id=9, text="/transcribe de", replied=answer))
    world.work_off()
    assert (world.ear.languages, world.links.fetched) == (["auto", "de"], [LINK, LINK])


def test_a_deletion_erases_the_link(world: World):
    world.conversation.receive(MESSAGE)
    world.work_off()
    assert [key for key in world.store.keys("") if LINK.encode() in world.store.get(key).body] != []
    world.erasure.erase(CHAT, formerly=None)
    assert [key for key in world.store.keys("") if LINK.encode() in world.store.get(key).body] == []
