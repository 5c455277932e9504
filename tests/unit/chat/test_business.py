"""Voice messages in the personal chats of a connected account: their texts go to the account's own chat with the bot, to nobody else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pisar.adapters.telegram import parse_update
from pisar.bot.texts import TEXTS
from pisar.domain.answer_to import Reply, chat_owner, person_owner
from pisar.domain.chats import AllowList, ChatSettings
from pisar.domain.messages import BusinessConnection, Incoming, Press
from pisar.state.chats import Chats
from tests.unit.world import CHAT, LIMITS, World

EN, RU = TEXTS["en"], TEXTS["ru"]
RECORDED = json.loads((Path(__file__).parents[2] / "data" / "updates" / "business_message.json").read_text())
ANNA = RECORDED["business_message"]["from"]["id"]
VOICE = RECORDED["business_message"]["voice"]
SAID = "hello there"
CONNECTION = BusinessConnection(business_id="bc", owner_id=CHAT, chat_id=CHAT, enabled=True, language_code="ru")


@pytest.fixture
def world() -> World:
    world = World()
    world.chat.connections["bc"] = CONNECTION
    world.files.add(VOICE["file_id"], SAID.encode())
    return world


def sent(world: World, **changed: Any) -> None:
    """Somebody writes into a chat of the account, and what there is to do is done."""
    message = RECORDED["business_message"] | changed
    world.conversation.receive(parse_update(json.dumps({"update_id": 1, "business_message": message}).encode()))
    world.work_off()


def jobs(world: World) -> list[str]:
    return world.stored("jobs/")


def test_the_text_goes_to_the_owners_chat_and_nothing_into_the_personal_one(world: World):
    sent(world)
    ((slot, message),) = world.chat.messages(CHAT).items()
    assert (message.text, message.reply_to, world.chat.messages(ANNA)) == (f"P3001:\n{SAID}", 0, {})
    (key,) = jobs(world)
    reply = world.records.find(key.removeprefix("jobs/").removesuffix(".json")).job.answer_to
    assert isinstance(reply, Reply)
    assert (reply.speaker, reply.language, reply.slots) == ("P3001", "ru", (slot,))
    assert reply.owner == person_owner(CHAT)  # whose minutes it costs
    assert set(reply.listed_for) == {chat_owner(CHAT), person_owner(ANNA)}  # who may erase it


def test_an_update_that_comes_twice_is_answered_once_and_each_voice_for_itself(world: World):
    for number in (92, 92, 93):
        world.files.add(f"file-{number}", f"voice {number}".encode())
        sent(world, message_id=number, voice=VOICE | {"file_id": f"file-{number}"})
    assert [message.text.rpartition("voice")[2] for message in world.chat.messages(CHAT).values()] == [" 92", " 93"]


def test_a_text_of_one_chat_is_not_taken_for_that_of_another(world: World):
    world.files.add("other", b"another person")
    sent(world)
    sent(world, chat={"id": 3002, "type": "private"}, voice=VOICE | {"file_id": "other"}, **{"from": {"id": 3002, "is_bot": False}})
    assert len(world.chat.messages(CHAT)) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"voice": None, "text": "hello"},
        {"voice": None, "text": "/start"},
        {"voice": None, "photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]},
        {"voice": None, "audio": {"file_id": "music", "file_unique_id": "a", "duration": 200}},
        {"from": {"id": CHAT, "is_bot": False, "first_name": "Me"}},
        {"voice": VOICE | {"file_size": LIMITS.max_bytes + 1}},
        {"voice": VOICE | {"duration": LIMITS.max_seconds + 1}},
        {"voice": VOICE | {"file_id": "gone"}},
    ],
    ids=["text", "command", "photo", "music", "the owner's own", "too big", "too long", "gone"],
)
def test_anything_else_is_passed_over_in_silence(world: World, changed: dict[str, Any]):
    sent(world, **changed)
    assert (world.chat.messages(CHAT), world.chat.messages(ANNA), len(world.queue)) == ({}, {}, 0)


@pytest.mark.parametrize(
    ("connection", "allowed"),
    [
        (None, AllowList(everyone=True)),
        (replace(CONNECTION, enabled=False), AllowList(everyone=True)),
        (CONNECTION, AllowList(ids=frozenset({ANNA}))),
        (CONNECTION, AllowList(everyone=True, denied=frozenset({CHAT}))),
    ],
    ids=["unknown", "ended", "not let in", "kept out"],
)
def test_only_the_account_of_somebody_who_may_use_the_bot_is_served(connection: BusinessConnection | None, allowed: AllowList):
    world = World(allowed=replace(allowed, denied=frozenset()))
    for one in allowed.denied:
        Chats(world.store).change_access(lambda access, one=one: access.deny(one))
    if connection:
        world.chat.connections["bc"] = connection
    world.files.add(VOICE["file_id"], SAID.encode())
    sent(world)
    assert (world.chat.messages(CHAT), jobs(world)) == ({}, [])


def test_the_owners_settings_hold(world: World):
    Chats(world.store).change(CHAT, lambda _: ChatSettings(languages=("de",), shape="srt", silent=False, interface="en"))
    sent(world)
    (message,) = world.chat.messages(CHAT).values()
    assert (message.document_name, message.silent, world.ear.languages) == ("transcript.srt", False, ["de"])


def test_the_owner_has_it_heard_in_another_language_by_a_button_or_a_reply(world: World):
    sent(world)
    sent(world, message_id=93)
    first, second = world.chat.messages(CHAT)
    data = f"in:de:{next(iter(jobs(world))).removeprefix('jobs/').removesuffix('.json')}"
    world.conversation.receive(Press(press_id="p", chat_id=CHAT, chat_type="private", message_id=first, user_id=CHAT, data=data))
    world.work_off()
    answer = Incoming(chat_id=CHAT, chat_type="private", message_id=second, by_bot="pisar_bot", text=SAID)
    asking = Incoming(chat_id=CHAT, chat_type="private", message_id=50, user_id=CHAT, text="/transcribe fr", replied=answer)
    world.conversation.receive(asking)
    world.work_off()
    assert world.ear.languages[-2:] == ["de", "fr"]
    assert len(world.chat.messages(CHAT)) == 4


@pytest.mark.parametrize(
    ("changed", "said"),
    [({}, RU["connected"]), ({"is_enabled": False}, None), ({"user": {"id": 99}, "user_chat_id": 99}, EN["not_allowed"].format(id=99))],
    ids=["connected", "disconnected", "not let in"],
)
def test_whoever_connects_the_bot_is_told_once_what_it_does(world: World, changed: dict[str, Any], said: str | None):
    told = {"id": "bc", "user": {"id": CHAT, "language_code": "ru"}, "user_chat_id": CHAT, "date": 1, "is_enabled": True} | changed
    for _ in range(2):
        world.conversation.receive(parse_update(json.dumps({"update_id": 1, "business_connection": told}).encode()))
    assert [message.text for message in world.chat.messages(told["user_chat_id"]).values()] == ([said] if said else [])
