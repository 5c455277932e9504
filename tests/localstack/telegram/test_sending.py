"""Rules of sendMessage, sendDocument, sendChatAction, deleteMessage and answerCallbackQuery."""

import json

import pytest
import requests

KEYBOARD = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}


def test_a_text_sent_is_what_the_person_sees(telegram, api, person):
    sent = api(
        "sendMessage",
        chat_id=person,
        text="  hello  ",
        reply_markup=KEYBOARD,
        disable_notification=True,
        link_preview_options={"is_disabled": True},
    )
    [message] = telegram.answers(person)
    assert (message.message_id, message.text, message.silent, message.buttons) == (
        sent["message_id"],
        "hello",
        True,
        ((("Again", "again"),),),
    )
    assert message.now.link_preview_disabled
    assert sent["reply_markup"] == KEYBOARD
    assert sent["chat"] == {"id": person, "type": "private", "first_name": "Person 42", "username": "person_42"}


@pytest.mark.parametrize("way", ["query", "form", "multipart", "json"])
def test_arguments_may_come_in_every_way_and_the_method_in_any_case(telegram, api, person, way):
    arguments = {"chat_id": str(person), "text": "42", "reply_markup": json.dumps(KEYBOARD)}
    url = api.post("getMe").url.replace("getMe", "SENDMESSAGE")
    answer = {
        "query": lambda: requests.get(url, params=arguments, timeout=60),
        "form": lambda: requests.post(url, data=arguments, timeout=60),
        "multipart": lambda: requests.post(url, files={name: (None, value) for name, value in arguments.items()}, timeout=60),
        "json": lambda: requests.post(url, json=arguments | {"chat_id": person}, timeout=60),
    }[way]()
    assert answer.json()["result"]["text"] == "42"
    assert telegram.answers(person)[0].buttons == ((("Again", "again"),),)
    assert telegram.calls("sendMessage")[0].params == {"chat_id": person, "text": "42", "reply_markup": KEYBOARD}


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("", (400, "Bad Request: message text is empty")),
        ("  \n ", (400, "Bad Request: text must be non-empty")),
        ("а" * 4096, None),
        ("а" * 4097, (400, "Bad Request: message is too long")),
        ("😀" * 2048, None),
        ("😀" * 2049, (400, "Bad Request: message is too long")),
        ("a" * 32769, (400, "Bad Request: text is too long")),
    ],
)
def test_a_text_has_1_to_4096_utf16_units(api, person, text, outcome):
    result = api("sendMessage", chat_id=person, text=text)
    assert (result if outcome else result["text"]) == (outcome or text)


def test_html_is_taken_out_before_the_text_is_measured(api, person):
    sent = api("sendMessage", chat_id=person, text="<b>😀</b> &lt; <a href='http://a.example'>x</a>", parse_mode="HTML")
    assert sent["text"] == "😀 < x"
    assert sent["entities"] == [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "text_link", "offset": 5, "length": 1, "url": "http://a.example"},
    ]
    assert api("sendMessage", chat_id=person, text="<b>" + "a" * 4096 + "</b>", parse_mode="HTML")["text"] == "a" * 4096


@pytest.mark.parametrize(
    ("text", "mode", "description"),
    [
        ("<x>", "HTML", 'can\'t parse entities: Unsupported start tag "x" at byte offset 0'),
        ("<b>a", "HTML", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("a</b>", "HTML", "can't parse entities: Unexpected end tag at byte offset 1"),
        ("a", "Esperanto", "unsupported parse_mode"),
        ("*a*", "MarkdownV2", "can't parse entities: the stand-in understands HTML only"),
    ],
)
def test_markup_that_does_not_parse_is_refused(api, person, text, mode, description):
    assert api("sendMessage", chat_id=person, text=text, parse_mode=mode) == (400, f"Bad Request: {description}")


@pytest.mark.parametrize(
    ("chat_id", "description"),
    [(None, "chat_id is empty"), (43, "chat not found"), (-5, "chat not found"), ("@nobody", "chat not found")],
)
def test_the_bot_cannot_write_where_nobody_wrote_to_it(api, person, chat_id, description):
    assert api("sendMessage", chat_id=chat_id, text="x") == (400, f"Bad Request: {description}")


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "x", "callback_data": "я" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"callback_data": "x"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ("x", "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
    ],
)
def test_a_button_needs_a_label_and_1_to_64_bytes_of_data(api, person, button, description):
    assert api("sendMessage", chat_id=person, text="x", reply_markup={"inline_keyboard": [[button]]}) == (
        400,
        f"Bad Request: {description}",
    )
    assert "message_id" in api(
        "sendMessage", chat_id=person, text="x", reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "я" * 32}]]}
    )


def test_arguments_that_are_not_json_are_refused(api, person):
    assert api("sendMessage", chat_id=person, text="x", reply_markup="{") == (
        400,
        "Bad Request: can't parse reply keyboard markup JSON object",
    )
    assert api("sendMessage", chat_id=person, text="x", reply_markup=[1]) == (400, "Bad Request: object expected as reply keyboard markup")
    broken = requests.post(api.post("getMe").url, data=b"{", headers={"Content-Type": "application/json"}, timeout=60).json()
    assert broken == {"ok": False, "error_code": 400, "description": "Bad Request: can't parse request JSON object"}


def test_an_answer_names_what_it_answers(telegram, api, person):
    source = telegram.text(person, "hi")["message"]["message_id"]
    sent = api("sendMessage", chat_id=person, text="x", reply_parameters={"message_id": source})
    assert (sent["reply_to_message"]["text"], telegram.answers(person)[0].reply_to) == ("hi", source)


def test_an_answer_to_nothing_is_refused_unless_it_may_go_without(telegram, api, person):
    source = telegram.text(person, "hi")["message"]["message_id"]
    telegram.delete(person, source)
    refused = api("sendMessage", chat_id=person, text="x", reply_parameters={"message_id": source})
    assert refused == (400, "Bad Request: message to be replied not found")
    sent = api("sendMessage", chat_id=person, text="x", reply_parameters={"message_id": source, "allow_sending_without_reply": True})
    assert "reply_to_message" not in sent


def test_in_a_forum_a_message_goes_to_its_topic_and_an_answer_to_that_of_its_source(telegram, api):
    forum = -1_000_000_000_007
    telegram.forum(forum)
    topic = telegram.topic(forum)
    source = telegram.text(forum, "hi", thread=topic)["message"]
    assert (source["message_thread_id"], source["is_topic_message"], source["chat"]["is_forum"]) == (topic, True, True)
    assert api("sendMessage", chat_id=forum, text="x", message_thread_id=topic)["message_thread_id"] == topic
    assert api("sendMessage", chat_id=forum, text="x", reply_parameters={"message_id": source["message_id"]})["message_thread_id"] == topic
    assert api("sendMessage", chat_id=forum, text="x", message_thread_id=999) == (400, "Bad Request: message thread not found")


def test_a_document_comes_with_its_name_bytes_and_caption(telegram, api, person):
    sent = api("sendDocument", files={"document": ("t.txt", b"words", "text/plain")}, chat_id=person, caption="c")
    [message] = telegram.answers(person)
    assert (message.kind, message.document_name, message.document, message.caption, message.text) == (
        "document",
        "t.txt",
        b"words",
        "c",
        None,
    )
    assert sent["document"]["mime_type"] == "text/plain"
    again = api("sendDocument", chat_id=person, document=sent["document"]["file_id"])
    assert again["document"] == sent["document"]


@pytest.mark.parametrize(
    ("arguments", "files", "description"),
    [
        ({}, None, "there is no document in the request"),
        ({"document": "attach://nothing"}, None, "there is no document in the request"),
        ({"document": "nonsense"}, None, "wrong remote file identifier specified: Wrong string length"),
        ({}, {"document": ("a.txt", b"")}, "file must be non-empty"),
        ({"caption": "x" * 1025}, {"document": ("a.txt", b"a")}, "message caption is too long"),
    ],
)
def test_a_document_that_is_none_is_refused(api, person, arguments, files, description):
    assert api("sendDocument", files=files, chat_id=person, **arguments) == (400, f"Bad Request: {description}")


def test_a_caption_has_up_to_1024_utf16_units(api, person):
    assert api("sendDocument", files={"document": ("a.txt", b"a")}, chat_id=person, caption="😀" * 512)["caption"] == "😀" * 512


def test_an_upload_above_50_mb_is_too_large(api, person):
    answer = api.post("sendDocument", files={"document": ("a.bin", bytes(52 * 1024 * 1024))}, chat_id=person)
    assert (answer.status_code, answer.json()["description"]) == (413, "Request Entity Too Large")


def test_a_chat_action_is_one_of_those_known(api, person):
    assert api("sendChatAction", chat_id=person, action="typing") is True
    assert api("sendChatAction", chat_id=person, action="dance") == (400, "Bad Request: wrong parameter action in request")


def test_what_is_deleted_is_gone_for_the_bot_and_flagged_for_the_onlooker(telegram, api, person):
    sent = api("sendMessage", chat_id=person, text="x")["message_id"]
    assert api("deleteMessage", chat_id=person, message_id=sent) is True
    assert api("deleteMessage", chat_id=person, message_id=sent) == (400, "Bad Request: message to delete not found")
    assert [(message.text, message.deleted) for message in telegram.messages(person)] == [("/start", False), ("x", True)]
    assert telegram.answers(person) == []


def test_a_bot_may_delete_what_a_person_wrote_only_in_a_private_chat(telegram, api, person):
    private = telegram.text(person, "hi")["message"]["message_id"]
    group = telegram.text(-5, "hi")["message"]["message_id"]
    assert api("deleteMessage", chat_id=person, message_id=private) is True
    assert api("deleteMessage", chat_id=-5, message_id=group) == (400, "Bad Request: message can't be deleted")


def test_a_press_is_answered_once_known_and_not_when_expired(telegram, api, person):
    sent = api("sendMessage", chat_id=person, text="x", reply_markup=KEYBOARD)["message_id"]
    query = telegram.press(person, sent, "again", language_code="ru")["callback_query"]
    assert (query["data"], query["from"]["id"], query["from"]["language_code"], query["message"]["message_id"]) == (
        "again",
        person,
        "ru",
        sent,
    )
    assert api("answerCallbackQuery", callback_query_id=query["id"], text="ok") is True
    assert telegram.callback_answers(query["id"]) == [{"text": "ok", "show_alert": False}]
    too_old = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert api("answerCallbackQuery", callback_query_id="1") == too_old
    assert (
        api("answerCallbackQuery", callback_query_id=telegram.press(person, sent, "again", expired=True)["callback_query"]["id"]) == too_old
    )
    assert api("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201) == (400, "Bad Request: MESSAGE_TOO_LONG")
    with pytest.raises(LookupError):
        telegram.press(person, sent, "elsewhere")
