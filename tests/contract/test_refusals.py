"""Every refusal that the stand-in knows, through the adapter: what follows from it. The stand-in's table and the product's are two."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from localstack.faults import Action, Fault
from localstack.telegram import TelegramStandIn, known, unheard_of, unreadable_result
from localstack.telegram.known_refusals import KNOWN
from pisar.adapters.telegram import AiogramChat, refusals
from pisar.adapters.telegram.profile import AiogramBotProfile
from pisar.domain.answer_to import Reply
from pisar.domain.bots import MenuEntry
from pisar.errors import MessageGone, Misconfigured, NoDocuments, PisarError, Refused, Rejected, Undeliverable
from tests.contract.conftest import TOKEN

FORUMS = count(-1_001_000_070_001, -1)
TIMES = 10
DONE = None
NOT_AN_ADMIN, NOT_TOLD = False, None
FINAL, GONE, TRIED_AGAIN = Undeliverable, MessageGone, Refused

EDITED = {
    "message is not modified": DONE,
    "message to edit not found": GONE,
    "there is no text in the message to edit": GONE,
    "message media can't be edited": GONE,
    "message can't be edited": GONE,
    "message not found": GONE,
    "MESSAGE_AUTHOR_REQUIRED": GONE,
    "MESSAGE_EDIT_TIME_EXPIRED": GONE,
    "MESSAGE_ID_INVALID": GONE,
}
EXPECTED: dict[str, dict[str, Any]] = {
    "sendMessage": {
        # it stays refused without a thread, and without the reply
        "message to be replied not found": TRIED_AGAIN,
        "REPLY_MESSAGE_ID_INVALID": TRIED_AGAIN,
        "ALLOW_PAYMENT_REQUIRED_10": TRIED_AGAIN,
        "CHANNEL_PRIVATE": TRIED_AGAIN,
    },
    "editMessageText": EDITED,
    "editMessageMedia": EDITED | {"not enough rights to send documents to the chat": NoDocuments, "CHAT_SEND_DOCS_FORBIDDEN": NoDocuments},
    "editMessageReplyMarkup": EDITED,
    "deleteMessage": {},
    "answerCallbackQuery": {},
    "sendChatAction": {},
    "getChatMember": {
        "chat not found": NOT_AN_ADMIN,
        "member not found": NOT_AN_ADMIN,
        "PARTICIPANT_ID_INVALID": NOT_AN_ADMIN,
        "USER_NOT_PARTICIPANT": NOT_AN_ADMIN,
        "member list is inaccessible": NOT_TOLD,
        "CHAT_ADMIN_REQUIRED": NOT_TOLD,
    },
    "answerGuestQuery": {},
    "getBusinessConnection": {},
    "getFile": {},
    "setMyCommands": {},
    "setWebhook": {},
}
"""What a refusal comes to, by the first words of its reason."""

OTHERWISE = {
    "sendMessage": FINAL,
    "editMessageText": FINAL,
    "editMessageMedia": FINAL,
    "editMessageReplyMarkup": FINAL,
    "deleteMessage": DONE,
    "answerCallbackQuery": DONE,
    "sendChatAction": DONE,
    "getChatMember": FINAL,
    "answerGuestQuery": FINAL,
    "getBusinessConnection": None,
    "getFile": Rejected,
    "setMyCommands": FINAL,
    "setWebhook": Misconfigured,
}
NEVER_REFUSED = {"getMe", "getWebhookInfo", "deleteWebhook", "getMyCommands", "setMyDescription", "setMyShortDescription"}
"""Methods about the bot itself: of their refusals nothing follows but that the owner sees them."""

ADAPTERS = tuple(Path(refusals.__file__).parent.glob("*.py"))
ROWS = [(method, one.refusal.description.split(": ", 1)[1]) for one in KNOWN for method in one.methods]

THREADLESS = [
    "message thread not found",
    "TOPIC_CLOSED",
    "TOPIC_DELETED",
    "TOPIC_ID_INVALID",
    "DIRECT_MESSAGES_TOPIC_ID_INVALID",
    "wrong direct messages topic identifier specified",
    "chat is not a forum",
    "topic not found",
]
REPLYLESS = ["message to be replied not found", "REPLY_MESSAGE_ID_INVALID"]


@pytest.fixture(scope="module")
def telegram(run) -> Iterator[TelegramStandIn]:
    """One for all these tests, each in a chat of its own."""
    stand_in = TelegramStandIn(TOKEN)
    stand_in.api_url = run(stand_in.start())
    yield stand_in
    run(stand_in.stop())


@pytest.fixture(scope="module")
def aiogram_chat(telegram) -> Iterator[AiogramChat]:
    chat = AiogramChat(TOKEN, api_url=telegram.api_url, timeout_seconds=60)
    yield chat
    chat.close()


@pytest.fixture(scope="module")
def profile(telegram) -> Iterator[AiogramBotProfile]:
    profile = AiogramBotProfile(TOKEN, api_url=telegram.api_url, timeout_seconds=60)
    yield profile
    profile.close()


@pytest.fixture
def reply(telegram) -> Iterator[Reply]:
    forum = next(FORUMS)
    telegram.forum(forum)
    thread = telegram.topic(forum)
    yield Reply(chat_id=forum, message_id=telegram.text(forum, "x", thread=thread)["message"]["message_id"], thread_id=thread)
    telegram.faults.clear()


@pytest.fixture
def call(aiogram_chat, profile, reply) -> Callable[[str], Any]:
    """Return what calls a method, and returns its result or the type of its error."""
    slot = aiogram_chat.send(reply, "a")
    calls = {
        "sendMessage": lambda: aiogram_chat.send(reply, "a"),
        "editMessageText": lambda: aiogram_chat.edit(reply, slot, "b"),
        "editMessageMedia": lambda: aiogram_chat.edit_into_document(reply, slot, ("a.txt", b"a"), "a"),
        "editMessageReplyMarkup": lambda: aiogram_chat.show_buttons(reply, slot, ()),
        "deleteMessage": lambda: aiogram_chat.delete(reply, slot),
        "answerCallbackQuery": lambda: aiogram_chat.acknowledge("1"),
        "sendChatAction": lambda: aiogram_chat.show_working(reply),
        "getChatMember": lambda: aiogram_chat.is_admin(reply.chat_id, 7),
        "answerGuestQuery": lambda: aiogram_chat.answer_guest(replace(reply, guest_query="g"), "a"),
        "getBusinessConnection": lambda: aiogram_chat.business_connection("b"),
        "getFile": lambda: aiogram_chat.fetch("f", max_bytes=1),
        "setMyCommands": lambda: profile.set_commands(reply.chat_id, "", [MenuEntry("a", "b")]),
        "setWebhook": lambda: profile.set_webhook("https://example.org", "s", []),
    }

    def call(method: str) -> Any:
        try:
            return calls[method]()
        except PisarError as error:
            return type(error)

    return call


def to_camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def expected(method: str, reason: str) -> Any:
    return next((comes_to for words, comes_to in EXPECTED[method].items() if reason.startswith(words)), OTHERWISE[method])


@pytest.mark.parametrize(("method", "reason"), ROWS)
def test_a_refusal_has_its_consequence(telegram, call, method, reason):
    before = len(telegram.calls(method))
    telegram.faults.add(known(method, reason, times=TIMES))
    assert call(method) is expected(method, reason)
    assert 1 <= len(telegram.calls(method)) - before <= 3


def test_all_that_the_product_calls_is_held_to_it():
    called = {name for path in ADAPTERS for name in re.findall(r"bot\.([a-z_]+)\(", path.read_text(encoding="utf-8"))}
    assert {to_camel(name) for name in called} - NEVER_REFUSED == {method for method, _ in ROWS} == set(EXPECTED) == set(OTHERWISE)


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "editMessageMedia", "editMessageReplyMarkup", "setMyCommands"])
@pytest.mark.parametrize("reason", ["SOMETHING_OF_TOMORROW", "NEW_FORBIDDEN", "not enough rights to sing", "not chat not found"])
def test_what_nobody_has_heard_of_may_be_tried_again(telegram, call, method, reason):
    telegram.faults.add(unheard_of(method, reason, times=TIMES))
    assert call(method) is Refused


@pytest.mark.parametrize("reason", THREADLESS)
def test_without_its_topic_a_message_is_a_reply_alone(telegram, aiogram_chat, reply, reason):
    telegram.faults.add(known("sendMessage", reason))
    aiogram_chat.send(reply, "a")
    assert places(telegram, reply) == [(reply.thread_id, True), (None, True)]
    assert [(seen.text, seen.reply_to) for seen in telegram.answers(reply.chat_id)] == [("a", reply.message_id)]


def test_a_message_is_sent_without_a_topic_of_direct_messages_that_is_gone(telegram, aiogram_chat, reply):
    telegram.faults.add(known("sendMessage", "DIRECT_MESSAGES_TOPIC_ID_INVALID"))
    aiogram_chat.send(replace(reply, thread_id=None, topic_id=5), "a")
    calls = telegram.calls("sendMessage", chat_id=reply.chat_id)
    assert [(call.params.get("direct_messages_topic_id"), "reply_parameters" in call.params) for call in calls] == [(5, True), (None, True)]


@pytest.mark.parametrize("reason", REPLYLESS)
def test_without_its_source_a_message_stays_in_its_topic(telegram, aiogram_chat, reply, reason):
    telegram.faults.add(known("sendMessage", reason))
    aiogram_chat.send(reply, "a")
    assert places(telegram, reply) == [(reply.thread_id, True), (reply.thread_id, False)]
    assert [(seen.text, seen.reply_to) for seen in telegram.answers(reply.chat_id)] == [("a", None)]


def test_without_either_a_message_is_sent_alone(telegram, aiogram_chat, reply):
    for reason in (REPLYLESS[0], THREADLESS[0]):
        telegram.faults.add(known("sendMessage", reason))
    aiogram_chat.send(reply, "a")
    assert places(telegram, reply) == [(reply.thread_id, True), (reply.thread_id, False), (None, False)]


def test_a_pointer_without_its_source_is_not_sent_and_without_its_topic_it_is(telegram, aiogram_chat, reply):
    telegram.faults.add(known("sendMessage", THREADLESS[0]))
    aiogram_chat.send(reply, "a", must_reply=True)
    telegram.faults.add(known("sendMessage", REPLYLESS[0]))
    with pytest.raises(MessageGone):
        aiogram_chat.send(reply, "b", must_reply=True)
    assert [seen.text for seen in telegram.answers(reply.chat_id)] == ["a"]


def places(telegram: TelegramStandIn, reply: Reply) -> list[tuple[int | None, bool]]:
    calls = telegram.calls("sendMessage", chat_id=reply.chat_id)
    return [(call.params.get("message_thread_id"), "reply_parameters" in call.params) for call in calls]


def test_a_sent_message_that_the_library_can_not_read_is_sent_all_the_same(telegram, aiogram_chat, reply):
    telegram.faults.add(unreadable_result("sendMessage", {"message_id": 77, "chat": {"id": reply.chat_id, "type": "of tomorrow"}}))
    assert aiogram_chat.send(reply, "a") == 77
    assert [seen.text for seen in telegram.answers(reply.chat_id)] == ["a"]


@pytest.mark.parametrize("method", ["editMessageText", "editMessageMedia", "editMessageReplyMarkup"])
def test_an_edited_message_that_the_library_can_not_read_is_edited_all_the_same(telegram, call, method):
    telegram.faults.add(unreadable_result(method, {"message_id": 5}))
    assert call(method) is DONE


def test_an_error_without_a_description_is_a_passing_one(telegram, aiogram_chat, reply):
    body = json.dumps({"ok": False, "error_code": 502}).encode()
    telegram.faults.add(Fault(action=Action.STATUS, path="/sendMessage", status=502, body=body))
    with pytest.raises(PisarError) as caught:
        aiogram_chat.send(reply, "a")
    assert str(caught.value) == "Telegram: ClientDecodeError"


def test_no_description_is_in_two_rules_of_one_method():
    found = [(method, words.casefold()) for rule in refusals.RULES for method in rule.methods for words in rule.said]
    assert len(found) == len(set(found))
