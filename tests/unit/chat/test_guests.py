"""A mention where the bot isn't: it answers there with one message, which becomes the text, for whoever may use it in private."""

import json
from pathlib import Path
from typing import Any

import pytest

from pisar.adapters.telegram import parse_update
from pisar.bot.texts import TEXTS
from pisar.domain.answer_to import Reply, chat_owner, person_owner
from pisar.domain.chats import AllowList, ChatSettings
from pisar.domain.jobs import Outcome
from pisar.errors import MessageGone, Unavailable
from pisar.state.chats import Chats
from tests.unit.world import World

RU = TEXTS["ru"]
RECORDED = json.loads((Path(__file__).parents[2] / "data" / "updates" / "guest_message.json").read_text())
MESSAGE = RECORDED["guest_message"]
ANNA = MESSAGE["from"]["id"]
VOICE = MESSAGE["reply_to_message"]["voice"]
SAID = "hello there"


@pytest.fixture
def world() -> World:
    world = World(allowed=AllowList(ids=frozenset({ANNA})))
    world.files.add(VOICE["file_id"], SAID.encode())
    return world


def mention(world: World, **changed: Any) -> list[str]:
    """Somebody mentions the bot; return what its answer said, in order."""
    message = {name: value for name, value in (MESSAGE | changed).items() if value is not None}
    world.conversation.receive(parse_update(json.dumps({"update_id": 1, "guest_message": message}).encode()))
    world.work_off()
    return world.chat.guest_answers.get(message["guest_query_id"], [])


def job(world: World) -> Any:
    (key,) = world.stored("jobs/")
    return world.records.find(key.removeprefix("jobs/").removesuffix(".json")).job


def test_the_one_answer_becomes_the_text(world: World):
    assert mention(world) == [RU["accepted"], SAID]
    assert (world.chat.messages(ANNA), world.chat.messages(MESSAGE["chat"]["id"])) == ({}, {})
    reply = job(world).answer_to
    assert isinstance(reply, Reply)
    assert (reply.inline_id, reply.owner) == ("inline-gq", person_owner(ANNA))
    assert chat_owner(ANNA) in reply.listed_for  # whose /delete erases it


def test_an_update_that_comes_twice_is_answered_once(world: World):
    mention(world)
    assert mention(world) == [RU["accepted"], SAID]
    assert len(world.ear.heard) == 1


def test_each_mention_is_answered_for_itself(world: World):
    mention(world)
    assert mention(world, guest_query_id="another") == [RU["accepted"], SAID]


def test_the_language_stands_beside_the_mention(world: World):
    mention(world, text="@pisar_bot de")
    assert world.ear.languages == ["de"]


def test_the_askers_settings_hold_and_a_document_comes_as_its_text(world: World):
    Chats(world.store).change(ANNA, lambda _: ChatSettings(languages=("fr",), shape="srt"))
    said = mention(world)
    assert said[-1].startswith("1\n00:00:00,000 --> ")
    assert world.ear.languages == ["fr"]


def test_a_long_text_is_cut_and_says_so(world: World):
    words = [f"{number:0100}" for number in range(50)]
    world.files.add(VOICE["file_id"], " ".join(words).encode())
    said = mention(world)[-1]
    assert said.startswith(words[0])
    assert said.endswith(RU["guest_cut"])
    assert len(said) <= 4096


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reply_to_message": None}, "reply_to_a_voice"),
        ({"reply_to_message": MESSAGE["reply_to_message"] | {"voice": None, "text": "hello"}}, "reply_to_a_voice"),
        ({"reply_to_message": MESSAGE["reply_to_message"] | {"voice": VOICE | {"file_id": "gone"}}}, "file_unavailable"),
    ],
    ids=["no recording", "a text", "gone"],
)
def test_whoever_asks_for_nothing_that_can_be_had_is_told(world: World, changed: dict[str, Any], said: str):
    assert mention(world, **changed)[-1] == RU[said]


def test_a_stranger_is_told_their_id():
    world = World(allowed=AllowList())
    assert mention(world)[-1] == RU["not_allowed"].format(id=ANNA)
    assert len(world.queue) == 0


def test_telegram_being_away_for_a_moment_loses_nothing(world: World):
    world.chat.fail("edit", Unavailable("away"), times=1)
    assert mention(world)[-1] == SAID
    assert job(world).outcome is Outcome.TRANSCRIBED


def test_an_answer_that_is_gone_is_not_sent_again(world: World):
    world.chat.fail("edit", MessageGone("gone"), times=1)
    assert mention(world) == [RU["accepted"]]
    assert job(world).outcome is Outcome.UNDELIVERABLE
