"""Rules of the editMessage… methods."""

import json

import pytest

KEYBOARD = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
_SAME = "specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
NOT_MODIFIED = (400, f"Bad Request: message is not modified: {_SAME}")


@pytest.fixture
def sent(api, person):
    return api("sendMessage", chat_id=person, text="one")["message_id"]


def test_an_edit_leaves_one_message_with_a_history(telegram, api, person, sent):
    edited = api("editMessageText", chat_id=person, message_id=sent, text="two")
    [message] = telegram.answers(person)
    assert (message.message_id, message.text, message.edit_count, [version.text for version in message.versions]) == (
        sent,
        "two",
        1,
        ["one", "two"],
    )
    assert message.versions[0].at < message.versions[1].at
    assert "edit_date" in edited


def test_an_edit_that_changes_nothing_is_refused(api, person, sent):
    assert api("editMessageText", chat_id=person, message_id=sent, text="one ") == NOT_MODIFIED
    assert "message_id" in api("editMessageText", chat_id=person, message_id=sent, text="one", reply_markup=KEYBOARD)
    assert api("editMessageText", chat_id=person, message_id=sent, text="one", reply_markup=KEYBOARD) == NOT_MODIFIED
    assert api("editMessageReplyMarkup", chat_id=person, message_id=sent, reply_markup=KEYBOARD) == NOT_MODIFIED


def test_an_edit_without_a_keyboard_removes_it(telegram, api, person, sent):
    api("editMessageReplyMarkup", chat_id=person, message_id=sent, reply_markup=KEYBOARD)
    assert telegram.answers(person)[0].buttons == ((("Again", "again"),),)
    api("editMessageText", chat_id=person, message_id=sent, text="two")
    assert telegram.answers(person)[0].buttons == ()


def test_only_an_own_message_that_is_there_can_be_edited(telegram, api, person, sent):
    theirs = telegram.text(person, "hi")["message"]["message_id"]
    assert api("editMessageText", chat_id=person, message_id=theirs, text="x") == (400, "Bad Request: message can't be edited")
    assert api("editMessageText", chat_id=person, message_id=999, text="x") == (400, "Bad Request: message to edit not found")
    telegram.delete(person, sent)
    assert api("editMessageText", chat_id=person, message_id=sent, text="x") == (400, "Bad Request: message to edit not found")


def test_an_edited_text_has_the_limits_of_a_sent_one(api, person, sent):
    assert api("editMessageText", chat_id=person, message_id=sent, text="a" * 4097) == (400, "Bad Request: MESSAGE_TOO_LONG")
    assert api("editMessageText", chat_id=person, message_id=sent, text="") == (400, "Bad Request: message text is empty")
    refused = api("editMessageText", chat_id=person, message_id=sent, text="x", reply_markup={"force_reply": True})
    assert refused == (400, "Bad Request: inline keyboard expected")


def test_a_text_message_can_become_a_document(telegram, api, person, sent):
    media = json.dumps({"type": "document", "media": "attach://file", "caption": "all of it"})
    api("editMessageMedia", files={"file": ("t.txt", b"words")}, chat_id=person, message_id=sent, media=media)
    [message] = telegram.answers(person)
    assert (message.message_id, message.document_name, message.document, message.caption) == (sent, "t.txt", b"words", "all of it")
    assert message.versions[0].text == "one"
    assert api("editMessageText", chat_id=person, message_id=sent, text="x") == (
        400,
        "Bad Request: there is no text in the message to edit",
    )


def test_the_same_file_under_the_same_caption_is_no_edit(api, person):
    sent = api("sendDocument", files={"document": ("t.txt", b"words")}, chat_id=person, caption="c")
    same = {"type": "document", "media": sent["document"]["file_id"], "caption": "c"}
    assert api("editMessageMedia", chat_id=person, message_id=sent["message_id"], media=same) == NOT_MODIFIED


def test_a_caption_is_edited_where_there_is_a_file(telegram, api, person, sent):
    document = api("sendDocument", files={"document": ("t.txt", b"words")}, chat_id=person, caption="c")["message_id"]
    api("editMessageCaption", chat_id=person, message_id=document, caption="d")
    assert telegram.answers(person)[1].caption == "d"
    assert api("editMessageCaption", chat_id=person, message_id=document, caption="d") == NOT_MODIFIED
    assert api("editMessageCaption", chat_id=person, message_id=sent, caption="d") == (
        400,
        "Bad Request: there is no caption in the message to edit",
    )


@pytest.mark.parametrize(
    ("media", "description"),
    [
        (None, 'parameter "media" is required'),
        ({"type": "voice", "media": "x"}, "can't parse InputMedia: invalid type specified"),
        ({"type": "document", "media": "attach://x"}, "can't parse InputMedia: media not found"),
        ({"type": "document", "media": "nonsense"}, "wrong remote file identifier specified: Wrong string length"),
        ({"type": "document", "media": "x", "caption": "a" * 1025}, "message caption is too long"),
    ],
)
def test_media_that_is_none_is_refused(api, person, sent, media, description):
    assert api("editMessageMedia", chat_id=person, message_id=sent, media=media) == (400, f"Bad Request: {description}")
