"""Updates through the webhook while Telegram refuses what the bot answers: the person gets the answer, or the chat its next one soon."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from localstack.cloud.exchange import Response
from localstack.faults import Fault
from localstack.telegram import known, unheard_of
from localstack.telegram.views import Seen
from pisar.bot.texts import TEXTS
from pisar.domain.chats import ChatSettings
from pisar.domain.jobs import MAX_REFUSED, Outcome, State, job_id
from pisar.state.chats import Chats

from .conftest import ROOT, Surroundings, recorded
from .test_transcriber import TEXT
from .test_transcriber import event_of as queue_event
from .test_webhook import event_of

UPDATES = ROOT / "tests" / "data" / "updates"
CHATS = count(-1_001_000_700_001, -1)
PEOPLE = count(700_001)
MESSAGES = count(7001)
LASTING = [
    unheard_of("sendMessage", times=50),
    known("sendMessage", "ALLOW_PAYMENT_REQUIRED_10", times=50),
    known("sendMessage", "CHANNEL_PRIVATE", times=50),
    known("sendMessage", "DIRECT_MESSAGES_TOPIC_ID_INVALID", times=50),
    known("sendMessage", "TOPIC_ID_INVALID", times=50),
    known("sendMessage", "group chat was deactivated", times=50),
    known("sendMessage", "message to be replied not found", times=50),
    known("sendMessage", "not enough rights to send text messages to the chat", times=50),
    known("sendMessage", "bot was kicked from the supergroup chat", times=50),
]
PASSING = [
    unheard_of("sendMessage"),
    known("sendMessage", "ALLOW_PAYMENT_REQUIRED_10", times=MAX_REFUSED - 1),
    known("sendMessage", "CHANNEL_PRIVATE"),
    known("sendMessage", "DIRECT_MESSAGES_TOPIC_ID_INVALID"),
    known("sendMessage", "TOPIC_ID_INVALID"),
    known("sendMessage", "message to be replied not found"),
    known("sendMessage", "message thread not found"),
]


def reason_of(fault: Fault) -> str:
    return str(json.loads(fault.body)["description"])


def update_of(name: str, chat_id: int) -> dict[str, Any]:
    """Return a recorded update as one that comes from this chat, about messages that no other test has sent."""
    update: dict[str, Any] = json.loads((UPDATES / f"{name}.json").read_text(encoding="utf-8"))
    message = update["message"]
    for one in (message, message.get("reply_to_message")):
        if one:
            one["chat"]["id"], one["message_id"] = chat_id, next(MESSAGES)
            one["from"]["id"] = chat_id if chat_id > 0 else one["from"]["id"]
    return update


class Doors:
    """The doors that an update passes. `deliver` says how often Telegram had to send it."""

    def __init__(self, surroundings: Surroundings, webhook: Callable[[Any], Any], transcriber: Callable[[str, bytes], Response]) -> None:
        self.telegram = surroundings.telegram
        self._surroundings, self._webhook, self._transcriber = surroundings, webhook, transcriber

    def deliver(self, update: dict[str, Any]) -> int:
        self._surroundings.know(update)
        for number in range(1, 10):
            status = self._webhook(event_of("gateway_1_0", json.dumps(update).encode()))["statusCode"]
            assert status in {200, 503}
            if status == 200:
                return number
        raise AssertionError("it holds up the chat")

    def work_off(self) -> None:
        for body in self._surroundings.taken_jobs():
            assert self._transcriber("/queue", json.dumps(queue_event(body)).encode()).status == 200

    def answers(self, update: dict[str, Any]) -> list[Seen]:
        return self.telegram.answers(update["message"]["chat"]["id"])


@pytest.fixture
def doors(surroundings: Surroundings, webhook, transcriber):
    yield Doors(surroundings, webhook, transcriber)
    surroundings.telegram.faults.clear()


def sends(doors: Doors, update: dict[str, Any]) -> int:
    return len(doors.telegram.calls("sendMessage", chat_id=update["message"]["chat"]["id"]))


@pytest.mark.parametrize("name", ["group_transcribe", "private_voice"])
@pytest.mark.parametrize("fault", LASTING, ids=reason_of)
def test_a_refusal_that_lasts_ends_the_try_and_the_next_message_is_answered(surroundings, doors: Doors, fault: Fault, name: str):
    chat_id = next(PEOPLE) if name == "private_voice" else next(CHATS)
    update = update_of(name, chat_id)
    doors.telegram.faults.add(fault)
    assert doors.deliver(update) <= MAX_REFUSED
    assert 1 <= sends(doors, update) <= 2 * MAX_REFUSED
    doors.telegram.faults.clear()
    source = update["message"].get("reply_to_message") or update["message"]
    job = surroundings.records().find(job_id("telegram", chat_id, source["message_id"])).job
    assert (job.state, job.outcome) == (State.FINISHED, Outcome.UNDELIVERABLE)
    doors.work_off()
    following = update_of("private_help", chat_id)
    assert doors.deliver(following) == 1
    assert len(doors.answers(following)) == 1


def test_whoever_asks_again_once_the_bot_may_write_gets_the_text(doors: Doors):
    update = update_of("group_transcribe", next(CHATS))
    doors.telegram.faults.add(known("sendMessage", "not enough rights to send text messages to the chat"))
    assert doors.deliver(update) == 1
    assert doors.answers(update) == []
    update["message"]["message_id"] = next(MESSAGES)
    assert doors.deliver(update) == 1
    doors.work_off()
    assert [seen.text for seen in doors.answers(update)] == [TEXT]


@pytest.mark.parametrize("fault", PASSING, ids=reason_of)
def test_a_voice_is_answered_once_when_a_refusal_has_passed(doors: Doors, fault: Fault):
    update = update_of("group_transcribe", next(CHATS))
    doors.telegram.faults.add(fault)
    assert doors.deliver(update) <= MAX_REFUSED
    doors.work_off()
    assert [seen.text for seen in doors.answers(update)] == [TEXT]


@pytest.mark.parametrize("reason", ["not enough rights to send documents to the chat", "CHAT_SEND_DOCS_FORBIDDEN"])
def test_where_no_documents_are_taken_the_text_comes_as_a_message(surroundings, doors: Doors, reason: str):
    update = update_of("group_transcribe", next(CHATS))
    Chats(surroundings.store()).change(update["message"]["chat"]["id"], lambda _: ChatSettings(shape="txt"))
    doors.telegram.faults.add(known("editMessageMedia", reason))
    assert doors.deliver(update) == 1
    doors.work_off()
    assert [(seen.text, seen.document) for seen in doors.answers(update)] == [(TEXT, None)]


def test_a_real_administrator_whom_the_bot_can_not_see_is_told_what_helps(doors: Doors):
    update = update_of("group_auto_on", next(CHATS))
    doors.telegram.faults.add(known("getChatMember", "CHAT_ADMIN_REQUIRED"))
    assert doors.deliver(update) == 1
    assert [seen.text for seen in doors.answers(update)] == [TEXTS["ru"]["admins_unknown"]]


def test_a_bot_that_is_restricted_is_told_so_in_a_shape_that_the_library_refuses_and_goes_on(webhook):
    body = (UPDATES / "bot_restricted.json").read_bytes()
    assert webhook(event_of("gateway_1_0", body))["statusCode"] == 200


def test_a_reply_in_the_general_topic_with_a_thread_of_its_own_is_answered_there(doors: Doors):
    update = update_of("general_topic_reply_with_a_thread", next(CHATS))
    assert doors.deliver(update) == 1
    doors.work_off()
    assert [(seen.text, seen.thread_id) for seen in doors.answers(update)] == [(TEXT, None)]


def test_a_voice_in_an_old_topic_that_telegram_has_lost_is_answered_without_it(doors: Doors):
    update = recorded("telegram/topic_voice")
    update["message"] |= {"message_id": next(MESSAGES), "caption": "/transcribe"}
    before = len(doors.answers(update))
    doors.telegram.faults.add(known("sendMessage", "message thread not found"))
    assert doors.deliver(update) == 1
    doors.work_off()
    assert [seen.text for seen in doors.answers(update)[before:]] == [TEXT]
    (refused, sent) = doors.telegram.calls("sendMessage", chat_id=update["message"]["chat"]["id"])[-2:]
    assert (refused.params.get("message_thread_id"), sent.params.get("message_thread_id")) == (77, None)
    assert sent.params["reply_parameters"] == refused.params["reply_parameters"]


def test_a_voice_in_a_private_topic_to_which_nobody_may_write_is_answered_without_it(doors: Doors):
    update = update_of("private_topic_voice", next(PEOPLE))
    doors.telegram.faults.add(known("sendMessage", "message thread not found"))
    assert doors.deliver(update) == 1
    doors.work_off()
    assert [seen.text for seen in doors.answers(update)] == [TEXT]


def test_a_press_in_a_group_that_the_bot_was_put_out_of_is_over(doors: Doors, webhook):
    press = recorded("telegram/callback_query")
    press["callback_query"]["message"]["chat"] = {"id": next(CHATS), "type": "supergroup", "title": "Группа"}
    doors.telegram.faults.add(known("getChatMember", "bot was kicked from the supergroup chat"))
    assert webhook(event_of("gateway_1_0", json.dumps(press).encode()))["statusCode"] == 200
    assert doors.telegram.faults.fired
