"""What only the real Telegram does, held against the stand-in."""

import json
from contextlib import suppress

import pytest

from localstack.faults import Action, Fault
from localstack.telegram import flood
from pisar.adapters.telegram import parse_update
from pisar.domain.answer_to import Reply
from pisar.errors import Rejected, Rejection, Unavailable, Undeliverable
from tests.contract.conftest import PERSON

GROUP = -4200
FORUM = -1001234567890


def test_a_reply_to_a_deleted_message_is_sent_all_the_same(telegram, aiogram_chat):
    source = telegram.text(PERSON, "x")["message"]["message_id"]
    telegram.delete(PERSON, source)
    aiogram_chat.send(Reply(chat_id=PERSON, message_id=source), "done")
    assert [(seen.text, seen.reply_to) for seen in telegram.answers(PERSON)] == [("done", None)]


def test_a_message_goes_into_its_topic_silently_and_without_preview(telegram, aiogram_chat):
    telegram.forum(FORUM)
    thread = telegram.topic(FORUM)
    source = telegram.voice(FORUM, b"OggS", seconds=1, thread=thread)["message"]
    slot = aiogram_chat.send(Reply(chat_id=FORUM, message_id=source["message_id"], thread_id=thread), "https://example.org")
    [seen] = telegram.answers(FORUM)
    assert (seen.message_id, seen.thread_id, seen.silent, seen.now.link_preview_disabled) == (slot, thread, True, True)


def test_a_chat_that_blocked_the_bot_is_undeliverable(telegram, aiogram_chat):
    source = telegram.text(PERSON, "x")["message"]["message_id"]
    telegram.block(PERSON)
    with pytest.raises(Undeliverable):
        aiogram_chat.send(Reply(chat_id=PERSON, message_id=source), "done")


def test_an_unknown_chat_is_undeliverable(aiogram_chat):
    with pytest.raises(Undeliverable):
        aiogram_chat.send(Reply(chat_id=31337, message_id=1), "done")


def test_a_group_that_became_a_supergroup_gets_its_answer_there(telegram, aiogram_chat):
    telegram.group(GROUP, "Family")
    reply = Reply(chat_id=GROUP, message_id=telegram.text(GROUP, "x")["message"]["message_id"])
    new_chat_id = telegram.migrate(GROUP)
    slot = aiogram_chat.send(reply, "working")
    aiogram_chat.edit(reply, slot, "done")
    assert [(seen.message_id, seen.text, seen.reply_to) for seen in telegram.answers(new_chat_id)] == [(slot, "done", None)]


def test_a_flood_says_for_how_long_and_sends_nothing(telegram, aiogram_chat):
    source = telegram.text(PERSON, "x")["message"]["message_id"]
    telegram.faults.add(flood("/sendMessage", retry_after=3))
    with pytest.raises(Unavailable) as caught:
        aiogram_chat.send(Reply(chat_id=PERSON, message_id=source), "done")
    assert (caught.value.after_seconds, telegram.answers(PERSON)) == (3.0, [])


def test_a_send_whose_answer_is_lost_is_not_repeated(telegram, aiogram_chat):
    source = telegram.text(PERSON, "x")["message"]["message_id"]
    telegram.faults.add(Fault(action=Action.DROP, when="after", path="/sendMessage"))
    with pytest.raises(Unavailable):
        aiogram_chat.send(Reply(chat_id=PERSON, message_id=source), "done")
    assert [seen.text for seen in telegram.answers(PERSON)] == ["done"]


def test_an_edit_whose_answer_is_lost_can_be_repeated(telegram, aiogram_chat):
    reply = Reply(chat_id=PERSON, message_id=telegram.text(PERSON, "x")["message"]["message_id"])
    slot = aiogram_chat.send(reply, "working")
    telegram.faults.add(Fault(action=Action.DROP, when="after", path="/editMessageText"))
    with suppress(Unavailable):
        aiogram_chat.edit(reply, slot, "done")
    aiogram_chat.edit(reply, slot, "done")
    assert [(seen.text, seen.edit_count) for seen in telegram.answers(PERSON)] == [("done", 1)]


def test_a_file_above_telegrams_own_limit_is_too_big(telegram, aiogram_chat):
    update = telegram.voice(PERSON, b"OggS", seconds=1, size=30 * 2**20)
    with pytest.raises(Rejected) as caught:
        aiogram_chat.fetch(update["message"]["voice"]["file_id"], max_bytes=100 * 2**20)
    assert (caught.value.code, caught.value.details) == (Rejection.TOO_BIG, {"limit_mb": 20, "size_mb": "> 20"})


def test_a_file_that_telegram_lost_is_unavailable(telegram, aiogram_chat):
    file_id = telegram.voice(PERSON, b"OggS", seconds=1)["message"]["voice"]["file_id"]
    telegram.lose_file(file_id)
    with pytest.raises((Rejected, Unavailable)):
        aiogram_chat.fetch(file_id, max_bytes=100)


def test_the_stand_ins_updates_are_read_as_telegrams_own(telegram):

    incoming = parse_update(json.dumps(telegram.voice(PERSON, b"OggS", seconds=3, language_code="ru")).encode())
    assert (incoming.chat_id, incoming.user_id, incoming.language_code) == (PERSON, PERSON, "ru")
    assert (incoming.media.kind, incoming.media.seconds, incoming.media.size_bytes) == ("voice", 3.0, 4)
