"""What every Chat does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pisar.adapters.memory import SentMessage
from pisar.errors import MessageGone

TEXT = "Привет, <b>мир</b> & *звёзды* 👋 https://example.org"


def test_a_message_is_a_reply_to_the_source_and_says_the_text_as_it_is(talk):
    slot = talk.chat.send(talk.reply, TEXT)
    assert talk.messages() == {slot: SentMessage(text=TEXT, reply_to=talk.reply.message_id)}


def test_every_send_is_a_message_of_its_own(talk):
    slots = [talk.chat.send(talk.reply, "same") for _ in range(3)]
    assert list(talk.messages()) == slots
    assert len(set(slots)) == 3


def test_an_edit_replaces_the_text(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.chat.edit(talk.reply, slot, TEXT)
    assert talk.messages() == {slot: SentMessage(text=TEXT, reply_to=talk.reply.message_id)}


def test_the_same_edit_again_changes_nothing(talk):
    slot = talk.chat.send(talk.reply, "working")
    for _ in range(3):
        talk.chat.edit(talk.reply, slot, "done")
    assert talk.messages() == {slot: SentMessage(text="done", reply_to=talk.reply.message_id)}


def test_a_text_of_4096_utf_16_units_fits(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.chat.edit(talk.reply, slot, "👋" * 2048)
    assert talk.messages()[slot].text == "👋" * 2048


@pytest.mark.parametrize("times", [1, 2])
def test_a_message_becomes_a_document_however_often_it_is_told(talk, times):
    slot = talk.chat.send(talk.reply, "working")
    for _ in range(times):
        talk.chat.edit_into_document(talk.reply, slot, "запись.txt", TEXT.encode(), "начало…")
    assert talk.messages() == {
        slot: SentMessage(text="начало…", reply_to=talk.reply.message_id, document_name="запись.txt", document=TEXT.encode())
    }


def test_a_deleted_message_is_gone(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.forget(slot)
    with pytest.raises(MessageGone):
        talk.chat.edit(talk.reply, slot, "done")
    with pytest.raises(MessageGone):
        talk.chat.edit_into_document(talk.reply, slot, "a.txt", b"a", "a")
    assert talk.messages() == {}


def test_a_message_that_never_was_is_gone(talk):
    with pytest.raises(MessageGone):
        talk.chat.edit(talk.reply, 987654, "done")


def test_a_document_has_no_text_to_edit(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.chat.edit_into_document(talk.reply, slot, "a.txt", b"a", "a")
    with pytest.raises(MessageGone):
        talk.chat.edit(talk.reply, slot, "text")
    assert talk.messages()[slot].document == b"a"


def test_threads_share_a_chat(talk):
    with ThreadPoolExecutor(8) as pool:
        slots = list(pool.map(lambda number: talk.chat.send(talk.reply, str(number)), range(16)))
    assert {slot: message.text for slot, message in talk.messages().items()} == {slot: str(n) for n, slot in enumerate(slots)}
