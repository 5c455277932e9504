"""Answers to messages: quotes, messages of other chats and topics, and what may be sent without an answer."""

import pytest

HERE = -1_000_000_000_015
THERE = -1_000_000_000_016


@pytest.fixture
def chats(telegram):
    for chat in (HERE, THERE):
        telegram.text(chat, "hi")
    return HERE, THERE


def test_a_person_quotes_words_of_what_they_answer(telegram, person):
    first = telegram.text(person, "one 😀 two")["message"]["message_id"]
    message = telegram.text(person, "yes", reply_to=first, quote="two")["message"]
    assert (message["quote"], message["reply_to_message"]["message_id"]) == ({"text": "two", "position": 7, "is_manual": True}, first)


def test_an_answer_to_another_chats_message_tells_its_origin_and_its_file(telegram, person, chats):
    voice = telegram.voice(THERE, b"x", seconds=1, user=9)
    message = telegram.text(person, "/transcribe", elsewhere=voice)["message"]
    reply = message["external_reply"]
    assert (reply["origin"]["sender_user"]["id"], reply["voice"]) == (9, voice["message"]["voice"])
    assert (reply["chat"]["id"], reply["message_id"], "reply_to_message" in message) == (THERE, voice["message"]["message_id"], False)


def test_of_a_private_chat_an_answer_elsewhere_tells_no_id(telegram, person):
    reply = telegram.text(43, "x", elsewhere=telegram.voice(person, b"x", seconds=1))["message"]["external_reply"]
    assert ("chat" in reply, "message_id" in reply, "voice" in reply) == (False, False, True)


def test_the_bot_answers_a_message_of_another_chat(telegram, api, chats):
    source = telegram.voice(THERE, b"x", seconds=1)["message"]["message_id"]
    sent = api("sendMessage", chat_id=HERE, text="x", reply_parameters={"message_id": source, "chat_id": THERE})
    assert (sent["external_reply"]["message_id"], "reply_to_message" in sent) == (source, False)


@pytest.mark.parametrize("allowed", [True, False])
def test_an_answer_to_nothing_in_another_chat_is_refused_whatever_is_allowed(telegram, api, chats, allowed):
    gone = telegram.text(THERE, "x")["message"]["message_id"]
    telegram.delete(THERE, gone)
    reply = {"message_id": gone, "chat_id": THERE, "allow_sending_without_reply": allowed}
    assert api("sendMessage", chat_id=HERE, text="x", reply_parameters=reply) == (400, "Bad Request: message to be replied not found")


@pytest.mark.parametrize(
    ("close", "refusal"),
    [
        (lambda t: t.kick(THERE), (403, "Forbidden: bot was kicked from the supergroup chat")),
        (lambda _: None, (400, "Bad Request: chat not found")),
    ],
)
def test_a_chat_that_the_bot_cannot_read_cannot_be_answered(telegram, api, chats, close, refusal):
    close(telegram)
    there = THERE if refusal[0] == 403 else THERE - 1
    reply = {"message_id": 1, "chat_id": there, "allow_sending_without_reply": True}
    assert api("sendMessage", chat_id=HERE, text="x", reply_parameters=reply) == refusal


def test_an_answer_to_nothing_in_another_topic_is_refused_whatever_is_allowed(telegram, api):
    telegram.forum(HERE)
    one, two = telegram.topic(HERE), telegram.topic(HERE)
    gone = telegram.text(HERE, "x", thread=one)["message"]["message_id"]
    telegram.delete(HERE, gone)
    reply = {"message_id": gone, "allow_sending_without_reply": True}
    refused = (400, "Bad Request: message to be replied not found")
    assert api("sendMessage", chat_id=HERE, text="x", message_thread_id=two, reply_parameters=reply) == refused
    sent = api("sendMessage", chat_id=HERE, text="x", message_thread_id=one, reply_parameters=reply)
    assert (sent["message_thread_id"], "reply_to_message" in sent) == (one, False)


def test_an_answer_to_a_message_of_another_topic_is_one_from_elsewhere(telegram, api):
    telegram.forum(HERE)
    one, two = telegram.topic(HERE), telegram.topic(HERE)
    source = telegram.text(HERE, "x", thread=one)["message"]["message_id"]
    sent = api("sendMessage", chat_id=HERE, text="x", message_thread_id=two, reply_parameters={"message_id": source})
    assert (sent["message_thread_id"], sent["external_reply"]["message_id"], "reply_to_message" in sent) == (two, source, False)


def test_the_bot_quotes_only_what_stands_there(telegram, api, person):
    source = telegram.text(person, "one two")["message"]["message_id"]
    sent = api("sendMessage", chat_id=person, text="x", reply_parameters={"message_id": source, "quote": "two"})
    assert sent["quote"] == {"text": "two", "position": 4, "is_manual": True}
    refused = api("sendMessage", chat_id=person, text="x", reply_parameters={"message_id": source, "quote": "three"})
    assert refused == (400, "Bad Request: QUOTE_TEXT_INVALID")


def test_a_press_on_a_message_that_is_gone_names_it_only(telegram, api, person):
    keyboard = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
    sent = api("sendMessage", chat_id=person, text="x", reply_markup=keyboard)["message_id"]
    message = telegram.press(person, sent, "again", inaccessible=True)["callback_query"]["message"]
    assert (sorted(message), message["date"]) == (["chat", "date", "message_id"], 0)
