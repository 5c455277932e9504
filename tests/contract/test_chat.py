"""What every Chat does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pisar.domain.messages import Button, Mark
from pisar.errors import MessageGone
from tests.support.twins import SentMessage

GROUP = -4200
KEYBOARD = ((Button("✓ Русский", "unset:ru"), Button("English", "set:en")), (Button("?", "x" * 64),))
TEXT = "Привет, <b>мир</b> & *звёзды* 👋 https://example.org"


def test_a_message_is_a_reply_to_the_source_and_says_the_text_as_it_is(talk):
    slot = talk.chat.send(talk.reply, TEXT)
    assert talk.messages() == {slot: SentMessage(text=TEXT, reply_to=talk.reply.message_id)}


def test_every_send_is_a_message_of_its_own(talk):
    slots = [talk.chat.send(talk.reply, "same") for _ in range(3)]
    assert list(talk.messages()) == slots
    assert len(set(slots)) == 3


def test_a_message_that_must_answer_another_is_not_sent_once_that_one_is_gone(talk):
    slot = talk.chat.send(talk.reply, "the text")
    to_slot = replace(talk.reply, message_id=slot)
    pointer = talk.chat.send(to_slot, "see above", must_reply=True)
    assert talk.messages()[pointer] == SentMessage(text="see above", reply_to=slot)
    talk.forget(slot)
    with pytest.raises(MessageGone):
        talk.chat.send(to_slot, "see above", must_reply=True)
    assert list(talk.messages()) == [pointer]


def test_an_edit_replaces_the_text(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.chat.edit(talk.reply, slot, TEXT)
    assert talk.messages() == {slot: SentMessage(text=TEXT, reply_to=talk.reply.message_id)}


def test_the_same_edit_again_changes_nothing(talk):
    slot = talk.chat.send(talk.reply, "working")
    for _ in range(3):
        talk.chat.edit(talk.reply, slot, "done")
    assert talk.messages() == {slot: SentMessage(text="done", reply_to=talk.reply.message_id)}


def test_marks_are_shown_beside_a_text_that_stays_as_it_is_and_go_with_the_next(talk):
    slot = talk.chat.send(talk.reply, "working")
    marks = (Mark("bold", 0, 8), Mark("quote", 9, 30))
    talk.chat.edit(talk.reply, slot, f"Анна 🎧:\n{TEXT}", marks=marks)
    shown = talk.messages()[slot]
    assert (shown.text, shown.marks) == (f"Анна 🎧:\n{TEXT}", marks)
    talk.chat.edit(talk.reply, slot, TEXT)
    assert talk.messages()[slot].marks == ()
    talk.chat.edit_into_document(talk.reply, slot, ("a.txt", b"a"), "Анна 🎧:\nпривет", marks=marks[:1])
    assert talk.messages()[slot].marks == marks[:1]


def test_a_text_of_4096_utf_16_units_fits(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.chat.edit(talk.reply, slot, "👋" * 2048)
    assert talk.messages()[slot].text == "👋" * 2048


@pytest.mark.parametrize("times", [1, 2])
def test_a_message_becomes_a_document_however_often_it_is_told(talk, times):
    slot = talk.chat.send(talk.reply, "working")
    for _ in range(times):
        talk.chat.edit_into_document(talk.reply, slot, ("запись.txt", TEXT.encode()), "начало…", KEYBOARD)
    assert talk.messages() == {
        slot: SentMessage(
            text="начало…", reply_to=talk.reply.message_id, document_name="запись.txt", document=TEXT.encode(), keyboard=KEYBOARD
        )
    }


def test_a_deleted_message_is_gone(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.forget(slot)
    with pytest.raises(MessageGone):
        talk.chat.edit(talk.reply, slot, "done")
    with pytest.raises(MessageGone):
        talk.chat.edit_into_document(talk.reply, slot, ("a.txt", b"a"), "a")
    with pytest.raises(MessageGone):
        talk.chat.show_buttons(talk.reply, slot, KEYBOARD)
    assert talk.messages() == {}


def test_a_message_that_never_was_is_gone(talk):
    with pytest.raises(MessageGone):
        talk.chat.edit(talk.reply, 987654, "done")


def test_a_document_has_no_text_to_edit(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.chat.edit_into_document(talk.reply, slot, ("a.txt", b"a"), "a")
    with pytest.raises(MessageGone):
        talk.chat.edit(talk.reply, slot, "text")
    assert talk.messages()[slot].document == b"a"


def test_threads_share_a_chat(talk):
    with ThreadPoolExecutor(8) as pool:
        slots = list(pool.map(lambda number: talk.chat.send(talk.reply, str(number)), range(16)))
    assert {slot: message.text for slot, message in talk.messages().items()} == {slot: str(n) for n, slot in enumerate(slots)}


def test_buttons_are_under_the_message_until_an_edit_that_names_none(talk):
    slot = talk.chat.send(talk.reply, "which?", KEYBOARD)
    shown = [talk.messages()[slot].keyboard]
    talk.chat.edit(talk.reply, slot, "this one", KEYBOARD[1:])
    shown.append(talk.messages()[slot].keyboard)
    talk.chat.edit(talk.reply, slot, "done")
    shown.append(talk.messages()[slot].keyboard)
    assert shown == [KEYBOARD, KEYBOARD[1:], ()]


@pytest.mark.parametrize("times", [1, 2])
def test_buttons_are_changed_without_touching_the_text(talk, times):
    slot = talk.chat.send(talk.reply, TEXT, KEYBOARD)
    for _ in range(times):
        talk.chat.show_buttons(talk.reply, slot, KEYBOARD[:1])
    assert talk.messages() == {slot: SentMessage(text=TEXT, reply_to=talk.reply.message_id, keyboard=KEYBOARD[:1])}


def test_buttons_are_changed_under_a_document_too(talk):
    slot = talk.chat.send(talk.reply, "working")
    talk.chat.edit_into_document(talk.reply, slot, ("a.txt", b"a"), "a", KEYBOARD)
    talk.chat.show_buttons(talk.reply, slot, KEYBOARD[1:])
    assert (talk.messages()[slot].keyboard, talk.messages()[slot].document) == (KEYBOARD[1:], b"a")


def test_a_message_is_silent_where_the_chat_wants_it_so(talk):
    slots = [talk.chat.send(replace(talk.reply, silent=silent), "a") for silent in (True, False)]
    assert [talk.messages()[slot].silent for slot in slots] == [True, False]


def test_a_press_is_acknowledged_with_a_text_or_without(talk):
    slot = talk.chat.send(talk.reply, "which?", KEYBOARD)
    presses = [talk.press(slot, "set:en") for _ in range(2)]
    talk.chat.acknowledge(presses[0])
    talk.chat.acknowledge(presses[1], "Готово")
    assert [talk.acknowledged(press) for press in presses] == [[""], ["Готово"]]


def test_only_who_was_made_an_administrator_is_one(talk):
    talk.promote(GROUP, 7)
    assert [talk.chat.is_admin(GROUP, user) for user in (7, 8, None)] == [True, False, False]
    assert talk.chat.is_admin(GROUP - 1, 7) is False


def test_the_bot_knows_its_name(talk):
    assert talk.chat.username() == "pisar_bot"


def test_a_deleted_message_is_gone_and_deleting_it_again_is_fine(talk):
    slot = talk.chat.send(talk.reply, "text")
    talk.chat.delete(talk.reply, slot)
    talk.chat.delete(talk.reply, slot)
    with pytest.raises(MessageGone):
        talk.chat.edit(talk.reply, slot, "other")
