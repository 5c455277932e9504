"""Updates with what no library knows yet, through the webhook and the worker: a voice is answered, what is not the bot's is let be."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Surroundings
from .test_asked_again import UPDATES, Talk, talk
from .test_transcriber import TEXT
from .test_webhook import event_of

__all__ = ["talk"]  # the fixture

QUOTING = {"external_reply": {"origin": {"type": "of tomorrow"}, "voice": {"duration": 5}}}
NEW_MEDIA = {"star_count": 5, "paid_media": [{"type": "of tomorrow"}]}


@pytest.mark.parametrize(
    "name",
    [
        "voice_of_unknown_origin",
        "voice_answering_what_is_out_of_reach",
        "voice_answering_an_incomplete_gift",
        "voice_of_a_nameless_person",
        "transcribe_voice_of_a_nameless_person",
    ],
)
def test_a_voice_beside_what_nobody_knows_is_answered(talk: Talk, name: str):
    talk.says(name)
    assert talk.texts() == [TEXT]


def test_a_voice_that_quotes_an_unknown_origin_is_answered(talk: Talk):
    talk.says("private_voice", **QUOTING)
    assert talk.texts() == [TEXT]


def test_a_voice_that_answers_paid_media_of_a_new_type_is_answered(talk: Talk):
    source = json.loads((UPDATES / "voice_answering_an_incomplete_gift.json").read_bytes())["message"]["reply_to_message"]
    talk.says("private_voice", reply_to_message=source | {"gift": None, "paid_media": NEW_MEDIA})
    assert talk.texts() == [TEXT]


@pytest.mark.parametrize("name", ["business_message", "guest_message"])
def test_a_message_of_a_chat_without_the_bot_is_not_answered_in_its_own(
    surroundings: Surroundings, webhook: Callable[[Any], Any], name: str
):
    calls = len(surroundings.telegram.calls())
    assert webhook(event_of("gateway_1_0", (UPDATES / f"{name}.json").read_bytes()))["statusCode"] == 200
    assert surroundings.taken_jobs() == []
    asked = [call.method for call in surroundings.telegram.calls()[calls:]]
    assert [method for method in asked if not method.startswith("get") and method != "answerGuestQuery"] == []


def test_who_asks_in_a_channels_direct_messages_is_answered_in_that_topic(talk: Talk):
    talk.says("transcribe_in_direct_messages")
    assert talk.texts() == [TEXT]
    sent = talk.surroundings.telegram.calls("sendMessage", chat_id=talk.chat)
    assert {call.params.get("direct_messages_topic_id") for call in sent} == {55}
