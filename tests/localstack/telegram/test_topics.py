"""Topics: of a forum, of a private chat, and of a channel's direct messages."""

import pytest

FORUM = -1_000_000_000_017
DIRECT = -1_000_000_000_018
NOT_FOUND = (400, "Bad Request: message thread not found")


def test_a_topic_that_is_gone_and_the_general_one_cannot_be_named(telegram, api):
    telegram.forum(FORUM)
    thread = telegram.topic(FORUM)
    telegram.close_topic(FORUM, thread)
    assert [api("sendMessage", chat_id=FORUM, text="x", message_thread_id=one) for one in (thread, 1)] == [NOT_FOUND] * 2


def test_in_a_group_without_topics_a_thread_means_nothing(telegram, api):
    telegram.text(-5, "hi")
    assert "message_thread_id" not in api("sendMessage", chat_id=-5, text="x", message_thread_id=99)
    assert api("sendChatAction", chat_id=-5, action="typing", message_thread_id=99) == (400, "Bad Request: chat is not a forum")


def test_a_private_chat_may_have_topics(make):
    telegram, api = make(private_topics=True)
    message = telegram.voice(1, b"x", seconds=1, thread=5)["message"]
    assert (message["message_thread_id"], message["is_topic_message"]) == (5, True)
    assert api("sendMessage", chat_id=1, text="x", message_thread_id=5)["message_thread_id"] == 5
    assert api("sendMessage", chat_id=1, text="x", reply_parameters={"message_id": message["message_id"]})["message_thread_id"] == 5
    assert api("getMe")["has_topics_enabled"] is True


def test_a_topic_that_a_private_chat_does_not_have_is_refused(telegram, api, person):
    assert api("sendMessage", chat_id=person, text="x", message_thread_id=5) == NOT_FOUND
    with pytest.raises(ValueError, match="topics"):
        telegram.text(person, "x", thread=5)
    assert api("getMe")["has_topics_enabled"] is False
    telegram.configure(private_topics=True)
    telegram.text(person, "x", thread=5)
    assert api("sendMessage", chat_id=person, text="x", message_thread_id=5)["is_topic_message"] is True


def test_a_channels_direct_messages_need_the_topic_of_the_person(telegram, api):
    message = telegram.voice(DIRECT, b"x", seconds=1, user=21, direct_topic=21)["message"]
    assert (message["chat"]["is_direct_messages"], message["direct_messages_topic"]["topic_id"]) == (True, 21)
    wrong = (400, "Bad Request: wrong direct messages topic identifier specified")
    assert api("sendMessage", chat_id=DIRECT, text="x") == wrong
    assert api("sendMessage", chat_id=DIRECT, text="x", direct_messages_topic_id=22) == wrong
    assert api("sendMessage", chat_id=DIRECT, text="x", message_thread_id=21) == (400, "Bad Request: topic not found")
    reply = {"message_id": message["message_id"]}
    sent = api("sendMessage", chat_id=DIRECT, text="x", direct_messages_topic_id=21, reply_parameters=reply)
    assert (sent["direct_messages_topic"]["user"]["id"], sent["reply_to_message"]["message_id"]) == (21, message["message_id"])


def test_nobody_is_seen_typing_in_a_channels_direct_messages(telegram, api):
    telegram.text(DIRECT, "x", user=21, direct_topic=21)
    refused = (400, "Bad Request: chat actions can't be sent to channel direct messages chats")
    assert api("sendChatAction", chat_id=DIRECT, action="typing") == refused
