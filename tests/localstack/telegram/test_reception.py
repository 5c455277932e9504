"""What a bot is told of a group's talk."""

import pytest

GROUP = -1_000_000_000_011


@pytest.fixture
def private(make):
    return make(privacy_mode=True)


def heard(api):
    return [update["message"].get("text", "…") for update in api("getUpdates")]


def test_with_privacy_mode_off_everything_is_heard_but_other_bots(telegram, api):
    telegram.text(GROUP, "chatter")
    telegram.text(GROUP, "beep", by_bot="other_bot")
    telegram.text(GROUP, "/cmd@other_bot")
    assert heard(api) == ["chatter", "/cmd@other_bot"]
    assert api("getMe")["can_read_all_group_messages"] is True


def test_with_privacy_mode_on_chatter_and_voices_are_not_heard(private):
    telegram, api = private
    telegram.text(GROUP, "chatter")
    telegram.voice(GROUP, b"x", seconds=1)
    assert heard(api) == []
    assert api("getMe")["can_read_all_group_messages"] is False


def test_an_administrator_hears_everything(private):
    telegram, api = private
    telegram.invite(GROUP, granted=[])
    telegram.text(GROUP, "chatter")
    assert api("getUpdates")[-1]["message"]["text"] == "chatter"
    assert api("getMe")["can_read_all_group_messages"] is False


def test_mentions_are_heard_whole_and_in_any_case(private):
    telegram, api = private
    telegram.text(GROUP, "hey @Pisar_Bot")
    telegram.text(GROUP, "hey @pisar_bot_too")
    telegram.voice(GROUP, b"x", seconds=1, caption="@pisar_bot en")
    assert heard(api) == ["hey @Pisar_Bot", "…"]


def test_a_command_for_another_bot_is_not_heard(private):
    telegram, api = private
    telegram.text(GROUP, "/start@other_bot")
    telegram.text(GROUP, "/start@pisar_bot")
    assert heard(api) == ["/start@pisar_bot"]


def test_a_command_without_a_name_is_for_the_bot_that_spoke_last(private):
    telegram, api = private
    telegram.text(GROUP, "/one")
    telegram.text(GROUP, "beep", by_bot="other_bot")
    telegram.text(GROUP, "/two")
    api("sendMessage", chat_id=GROUP, text="x")
    telegram.text(GROUP, "/three")
    assert heard(api) == ["/one", "/three"]


def test_replies_to_the_bot_and_to_what_was_meant_for_it_are_heard(private):
    telegram, api = private
    own = api("sendMessage", chat_id=telegram.text(GROUP, "@pisar_bot")["message"]["chat"]["id"], text="x")["message_id"]
    asked = telegram.text(GROUP, "@pisar_bot this")["message"]["message_id"]
    chatter = telegram.text(GROUP, "chatter")["message"]["message_id"]
    for source, text in ((own, "to the bot"), (asked, "to the question"), (chatter, "to chatter")):
        telegram.text(GROUP, text, reply_to=source)
    assert heard(api) == ["@pisar_bot", "@pisar_bot this", "to the bot", "to the question"]


def test_what_happens_in_a_group_is_heard(private):
    telegram, api = private
    telegram.join(GROUP, 8)
    [update] = api("getUpdates")
    assert update["message"]["new_chat_members"][0]["id"] == 8


def test_private_chats_and_channels_are_heard(private):
    telegram, api = private
    telegram.channel(-1_000_000_000_012)
    telegram.text(1, "chatter")
    telegram.text(-1_000_000_000_012, "post")
    assert [next(iter(set(update) - {"update_id"})) for update in api("getUpdates")] == ["message", "channel_post"]
