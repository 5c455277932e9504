"""Who a message says it is from: chats that speak, forwarded messages, and what is protected."""

import pytest
from aiogram.types import Update

GROUP = -1_000_000_000_013
CHANNEL = -1_000_000_000_014


def test_an_anonymous_administrator_speaks_in_the_groups_name(telegram):
    message = telegram.text(GROUP, "/auto on", sender_chat=GROUP, signature="boss")["message"]
    assert (message["from"]["id"], message["from"]["username"], message["from"]["is_bot"]) == (1087968824, "GroupAnonymousBot", True)
    assert (message["sender_chat"]["id"], message["author_signature"], "language_code" in message["from"]) == (GROUP, "boss", False)


def test_a_channel_speaks_in_a_group(telegram, api):
    message = telegram.voice(GROUP, b"x", seconds=1, sender_chat=CHANNEL)["message"]
    assert (message["from"]["id"], message["sender_chat"]["type"]) == (136817688, "channel")
    assert [update["message"]["message_id"] for update in api("getUpdates")] == [message["message_id"]]
    assert api("sendMessage", chat_id=CHANNEL, text="x") == (400, "Bad Request: chat not found")


def test_a_post_is_forwarded_into_the_linked_group(telegram, api):
    telegram.channel(CHANNEL, "News")
    telegram.link(CHANNEL, GROUP)
    post = telegram.voice(CHANNEL, b"x", seconds=1, signature="Ann")["channel_post"]
    comment = telegram.updates()[-1]["message"]
    assert (post["sender_chat"]["id"], "from" in post, post["author_signature"]) == (CHANNEL, False, "Ann")
    assert (comment["from"]["id"], comment["is_automatic_forward"], comment["sender_chat"]["title"]) == (777000, True, "News")
    assert comment["forward_origin"]["message_id"] == post["message_id"]
    assert (comment["chat"]["id"], comment["voice"]) == (GROUP, post["voice"])
    assert api("getChat", chat_id=CHANNEL)["linked_chat_id"] == GROUP


def test_a_bot_that_is_only_in_the_group_sees_the_post_there_alone(telegram, api):
    telegram.channel(CHANNEL, rights_of_bot=None)
    telegram.link(CHANNEL, GROUP)
    telegram.text(CHANNEL, "post")
    [update] = api("getUpdates")
    assert update["message"]["text"] == "post"


def test_replies_in_a_supergroup_carry_the_thread_they_belong_to(telegram):
    first = telegram.text(GROUP, "one")["message"]["message_id"]
    second = telegram.text(GROUP, "two", reply_to=first)["message"]
    third = telegram.text(GROUP, "three", reply_to=second["message_id"])["message"]
    assert [(message["message_thread_id"], "is_topic_message" in message) for message in (second, third)] == [(first, False)] * 2


@pytest.mark.parametrize(
    ("forwarded", "origin"),
    [
        (True, {"type": "user"}),
        (9, {"type": "user"}),
        ("Ann", {"type": "hidden_user", "sender_user_name": "Ann"}),
        ("", {"type": "hidden_user"}),
        (CHANNEL, {"type": "channel", "message_id": 1}),
        (GROUP, {"type": "chat"}),
        ({"type": "from_tomorrow", "planet": "Mars"}, {"type": "from_tomorrow", "planet": "Mars"}),
    ],
)
def test_a_forwarded_message_tells_from_whom(telegram, forwarded, origin):
    telegram.text(GROUP, "hi")
    told = telegram.voice(1, b"x", seconds=1, forwarded=forwarded)["message"]["forward_origin"]
    assert {name: value for name, value in told.items() if name in ("type", "sender_user_name", "message_id", "planet")} == origin
    assert told.get("sender_user", {}).get("id", 9) in (9, 7002)


def test_protected_content_is_marked_and_cannot_be_forwarded(telegram, api, person):
    telegram.protect(GROUP)
    there = telegram.voice(GROUP, b"x", seconds=1)
    here = telegram.voice(person, b"x", seconds=1, protected=True)
    for update in (there, here):
        assert update["message"]["has_protected_content"] is True
        with pytest.raises(PermissionError):
            telegram.forward(update, person)
    assert api("sendMessage", chat_id=person, text="x", protect_content=True)["has_protected_content"] is True
    assert api.download(api("getFile", file_id=here["message"]["voice"]["file_id"])["file_path"]).content == b"x"


def test_content_of_every_kind_is_as_aiogram_knows_it(telegram, person):
    telegram.photo(person, caption="look")
    telegram.sticker(person)
    telegram.animation(person, b"x")
    telegram.story(person, of=CHANNEL)
    telegram.poll(person)
    telegram.location(person)
    telegram.contact(person)
    telegram.checklist(person)
    telegram.paid_media(person, caption="secret")
    updates = [Update.model_validate(update) for update in telegram.updates()[1:]]
    kinds = ["photo", "sticker", "animation", "story", "poll", "location", "contact", "checklist", "paid_media"]
    assert [update.message.content_type for update in updates] == kinds
    assert (updates[0].message.caption, updates[2].message.document.file_name, updates[-1].message.caption) == (
        "look",
        "animation.mp4",
        "secret",
    )
    assert [message.kind for message in telegram.messages(person)[1:]] == kinds
