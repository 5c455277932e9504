"""Recorded updates of people who ask for a recording again, through the webhook and the worker: nobody is met with silence."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from localstack.stack import ROOT
from localstack.telegram import Seen, blocked
from localstack.telegram.faults import server_error
from pisar.bot.texts import TEXTS, say
from pisar.domain.bucket import LINE

from .conftest import Surroundings, renamed
from .test_transcriber import TEXT, answer_of
from .test_transcriber import event_of as queued
from .test_webhook import event_of

RU = TEXTS["ru"]
UPDATES = ROOT / "tests" / "data" / "updates"
PEOPLE, GROUPS, NUMBERS = count(7_700_001), count(1_007_700_000_001), count(500)


@dataclass
class Talk:
    """A chat, into which recorded updates come under its own id."""

    surroundings: Surroundings
    webhook: Callable[[Any], Any]
    transcriber: Any
    chat: int = 0

    def recorded(self, name: str, **changed: Any) -> dict[str, Any]:
        """Return a recorded update of this chat, with these fields of its message changed."""
        update = json.loads((UPDATES / f"{name}.json").read_text(encoding="utf-8"))
        recorded_in = update["message"]["chat"]["id"]
        self.chat = self.chat or (next(PEOPLE) if recorded_in > 0 else -next(GROUPS))
        moved: dict[str, Any] = renamed(update, recorded_in, self.chat)
        moved["message"].update(changed)
        return moved

    def receives(self, update: dict[str, Any], *, known: bool = True) -> None:
        if known:
            self.surroundings.know(update)
        assert self.webhook(event_of("gateway_1_0", json.dumps(update).encode()))["statusCode"] == 200

    def says(self, name: str, **changed: Any) -> None:
        """Receive a recorded update twice, as Telegram may send it, and work off what it asks for."""
        update = self.recorded(name, **changed)
        for _ in range(2):
            self.receives(update)
        self.works()
        self.receives(update)
        self.works()

    def works(self) -> None:
        if bodies := self.surroundings.taken_jobs():
            assert answer_of(self.transcriber, queued(*bodies))[0] == 200

    def shown(self) -> list[Seen]:
        return [one for one in self.surroundings.telegram.answers(self.chat) if not one.deleted]

    def texts(self) -> list[str]:
        return [one.now.text for one in self.shown()]

    def presses(self, message: Seen, data: str, user: int) -> None:
        update = self.surroundings.telegram.press(self.chat, message.message_id, data, user=user, held=True, language_code="ru")
        self.receives(update, known=False)


@pytest.fixture
def talk(surroundings: Surroundings, webhook, transcriber) -> Talk:
    store = surroundings.store()
    for key in list(store.keys(LINE)):
        store.delete(key)
    return Talk(surroundings, webhook, transcriber)


def buttons_of(message: Seen) -> list[str]:
    return [data or "" for row in message.buttons for _, data in row]


def test_a_voice_is_answered_once(talk: Talk):
    talk.says("private_voice")
    assert talk.texts() == [TEXT]


def test_who_asks_for_an_answered_voice_is_pointed_to_the_answer(talk: Talk):
    talk.says("private_voice")
    talk.says("transcribe_again")
    answer, pointer = talk.shown()
    assert (answer.now.text, pointer.now.text, pointer.reply_to) == (TEXT, RU["answer_is_there"], answer.message_id)


def test_who_asks_after_deleting_the_answer_is_given_the_text_anew(talk: Talk):
    talk.says("private_voice")
    (answer,) = talk.shown()
    talk.surroundings.telegram.delete(talk.chat, answer.message_id)
    talk.says("transcribe_again", message_id=9)
    (anew,) = talk.shown()
    assert anew.now.text == TEXT
    talk.presses(anew, next(data for data in buttons_of(anew) if data.startswith("as:srt")), talk.chat)
    assert talk.shown()[1].document_name == f"{RU['file_name']}.srt"


def test_who_asks_after_deleting_everything_is_given_a_new_text(talk: Talk):
    talk.says("private_voice")
    talk.says("transcribe_again", message_id=10, text="/delete")
    asked = talk.shown()[-1]
    talk.presses(asked, "erase:yes", talk.chat)
    talk.says("transcribe_again", message_id=12)
    assert [text for text in talk.texts() if text == TEXT] == [TEXT] * 2


def test_who_asks_after_stopping_the_work_is_given_the_text(talk: Talk):
    asking = talk.recorded("transcribe_after_cancel")
    sent = asking["message"]["reply_to_message"]
    talk.receives({"update_id": 1, "message": sent})
    talk.receives({"update_id": 2, "message": {**asking["message"], "message_id": 8, "text": "/cancel"}})
    talk.works()
    assert RU["cancelled"] in talk.texts()
    talk.says("transcribe_after_cancel")
    assert talk.texts()[-1] == TEXT


def test_a_refusal_is_final_for_one_request(talk: Talk):
    update = talk.recorded("private_voice")
    talk.surroundings.telegram.text(talk.chat, "/start", held=True)
    talk.surroundings.telegram.world.files.pop(update["message"]["voice"]["file_id"], None)
    talk.receives(update, known=False)
    assert talk.texts() == [RU["file_unavailable"]]
    talk.says("transcribe_again")
    assert talk.texts() == [RU["file_unavailable"], TEXT]


def test_a_request_while_the_group_was_muted_is_final_for_that_one(talk: Talk):
    muted = server_error("/sendMessage", code=400, reason="Bad Request: not enough rights to send text messages to the chat", times=1)
    talk.surroundings.telegram.faults.add(muted)
    talk.says("group_transcribe")
    assert talk.texts() == []
    talk.says("group_transcribe", message_id=next(NUMBERS))
    assert talk.texts() == [TEXT]


def test_who_asks_after_unblocking_the_bot_is_given_the_text(talk: Talk):
    talk.surroundings.telegram.faults.add(blocked("/sendMessage", times=1))
    talk.says("private_voice")
    assert talk.texts() == []
    talk.says("transcribe_again")
    assert talk.texts() == [TEXT]


def test_in_a_group_a_mention_a_second_person_and_another_language_are_each_answered_once(talk: Talk):
    talk.says("mention_reply")
    (answer,) = talk.shown()
    assert answer.now.text == TEXT
    talk.says("second_person_asks")
    pointer = talk.shown()[1]
    assert (pointer.now.text, pointer.reply_to) == (RU["answer_is_there"], answer.message_id)
    talk.says("mention_with_language")
    english = talk.shown()[2]
    assert buttons_of(english)
    assert set(buttons_of(english)).isdisjoint(buttons_of(answer))
    talk.says("thanks_mention")
    assert talk.texts()[3:] == [RU["reply_to_a_voice"]]


def test_a_mention_with_a_language_asks_for_a_fresh_voice(talk: Talk):
    talk.says("mention_with_language", text="@pisar_bot русский")
    assert talk.texts() == [TEXT]


@pytest.mark.parametrize("name", ["external_reply_transcribe", "external_reply_text", "reply_to_other_bots_voice", "protected_voice"])
def test_a_voice_of_another_chat_of_another_bot_or_protected_is_transcribed(talk: Talk, name: str):
    talk.says(name)
    (answer,) = talk.shown()
    assert buttons_of(answer)


def test_a_reply_to_the_bots_own_answer_asks_for_its_recording_in_another_language(talk: Talk):
    talk.says("mention_reply")
    (answer,) = talk.shown()
    ours = talk.recorded("transcribe_on_the_answer")["message"]["reply_to_message"] | {"message_id": answer.message_id}
    talk.says("transcribe_on_the_answer", message_id=next(NUMBERS), reply_to_message=ours, text="/transcribe английский")
    english = talk.shown()[1]
    assert buttons_of(english)
    assert set(buttons_of(english)).isdisjoint(buttons_of(answer))
    talk.says("transcribe_on_the_answer", message_id=next(NUMBERS), reply_to_message=ours, text="/transcribe")
    assert [(one.now.text, one.reply_to) for one in talk.shown()[2:]] == [(RU["answer_is_there"], answer.message_id)]


def test_a_reply_to_another_message_of_the_bots_is_told_what_to_reply_to(talk: Talk):
    talk.says("transcribe_on_the_answer", text="/transcribe")
    assert talk.texts() == [RU["reply_to_a_voice"]]


def test_a_language_nobody_knows_is_answered(talk: Talk):
    talk.says("transcribe_in_unknown_language")
    assert talk.texts() == [say("ru", "unknown_spoken", code="xx")]
