"""A voice is read whatever Telegram puts around it."""

import json

import pytest

from pisar.adapters.telegram import parse_update
from pisar.adapters.telegram.lean_aiogram import types
from pisar.domain.messages import Incoming
from tests.support.wrappings import QUOTES, REPLIES, VOICES, WRAPPINGS, wrapped_voice


def read(name: str) -> Incoming:
    found = parse_update(json.dumps(wrapped_voice(name)).encode())
    assert isinstance(found, Incoming)
    return found


@pytest.mark.parametrize("name", WRAPPINGS)
def test_the_voice_is_read(name: str):
    given, found = wrapped_voice(name)["message"], read(name)
    assert found.media is not None
    assert (found.media.kind, found.media.file_id) == ("voice", given["voice"]["file_id"])
    assert (found.chat_id, found.message_id, found.soundless) == (given["chat"]["id"], 42, "")
    if name not in VOICES:
        assert (found.media.unique_id, found.media.size_bytes, found.media.seconds) == (given["voice"]["file_unique_id"], 28412, 7)


@pytest.mark.parametrize("name", REPLIES)
def test_a_recording_that_is_answered_is_read_whatever_lies_beside_it(name: str):
    update = wrapped_voice(name)
    source = update["message"].get("reply_to_message")
    if not isinstance(source, dict) or "chat" not in source:
        return
    source["voice"] = update["message"].pop("voice")
    update["message"]["text"] = "/transcribe"
    found = parse_update(json.dumps(update).encode())
    assert isinstance(found, Incoming)
    assert found.replied is not None
    assert found.replied.media is not None
    assert found.replied.user_id == (source.get("from") or {}).get("id")


@pytest.mark.parametrize("name", [name for name in QUOTES if "in another chat" in name])
def test_a_recording_in_another_chat_is_read_whatever_lies_beside_it(name: str):
    update = wrapped_voice(name)
    update["message"]["external_reply"]["voice"] = update["message"].pop("voice")
    found = parse_update(json.dumps(update).encode())
    assert isinstance(found, Incoming)
    assert found.quoted is not None


def test_many_of_them_are_such_as_a_model_of_the_whole_bot_api_refuses():
    def is_refused(name: str) -> bool:
        try:
            types.Update.model_validate_json(json.dumps(wrapped_voice(name)))
        except ValueError:
            return True
        return False

    assert sum(map(is_refused, WRAPPINGS)) >= 30
    assert len(WRAPPINGS) >= 60
