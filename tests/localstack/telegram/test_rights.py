"""What members, administrators and the bot may do in groups and channels, and what the bot is told of a change."""

import pytest
from aiogram.types import Update

GROUP = -1_000_000_000_010
BASIC = -5
CHANNEL = -1_000_000_000_020
FILE = {"document": ("t.txt", b"words")}


@pytest.fixture
def group(telegram):
    telegram.text(GROUP, "hi", user=7)
    return GROUP


@pytest.mark.parametrize("chat_id", [GROUP, BASIC])
def test_a_groups_permissions_hold_a_bot_that_is_a_member(telegram, api, chat_id):
    telegram.text(chat_id, "hi")
    sent = api("sendMessage", chat_id=chat_id, text="x")["message_id"]
    telegram.permit(chat_id, denied=["can_send_documents"])
    refused = (400, "Bad Request: not enough rights to send documents to the chat")
    assert api("sendDocument", files=FILE, chat_id=chat_id) == refused
    media = '{"type": "document", "media": "attach://document"}'
    assert api("editMessageMedia", files=FILE, chat_id=chat_id, message_id=sent, media=media) == refused
    assert api("sendMessage", chat_id=chat_id, text="y")["text"] == "y"


def test_in_a_muted_group_nothing_new_is_said_but_a_text_may_be_edited(telegram, api, group):
    sent = api("sendMessage", chat_id=group, text="x")["message_id"]
    telegram.permit(group, denied=["can_send_messages"])
    assert api("sendMessage", chat_id=group, text="y") == (400, "Bad Request: not enough rights to send text messages to the chat")
    assert api("editMessageText", chat_id=group, message_id=sent, text="y")["text"] == "y"


def test_an_administrator_is_not_held_by_the_groups_permissions(telegram, api, group):
    telegram.permit(group, denied=["can_send_messages", "can_send_documents"])
    telegram.promote_bot(group)
    assert api("sendMessage", chat_id=group, text="x")["text"] == "x"
    telegram.demote_bot(group)
    assert api("sendMessage", chat_id=group, text="x")[0] == 400


def test_a_restricted_bot_is_held_by_its_own_restrictions_too(telegram, api, group):
    changed = telegram.restrict_bot(group, denied=["can_send_messages"], by=7)["my_chat_member"]
    assert (changed["from"]["id"], changed["old_chat_member"]["status"], changed["new_chat_member"]["status"]) == (
        7,
        "member",
        "restricted",
    )
    assert (changed["new_chat_member"]["can_send_messages"], changed["new_chat_member"]["can_send_documents"]) == (False, True)
    assert api("sendMessage", chat_id=group, text="x")[0] == 400
    assert api("sendDocument", files=FILE, chat_id=group)["document"]["file_name"] == "t.txt"


@pytest.mark.parametrize(
    ("part", "description"),
    [
        (lambda t: t.restrict_bot(GROUP, denied=[], present=False), "Forbidden: bot is not a member of the supergroup chat"),
        (lambda t: t.kick(GROUP), "Forbidden: bot was kicked from the supergroup chat"),
        (lambda t: t.deactivate(GROUP), "Forbidden: the group chat was deleted"),
    ],
)
def test_a_bot_that_is_not_there_can_send_nothing(telegram, api, group, part, description):
    part(telegram)
    assert api("sendMessage", chat_id=group, text="x") == (403, description)


def test_a_person_whose_account_is_deleted_gets_nothing(telegram, api, person):
    telegram.deactivate(person)
    assert api("sendMessage", chat_id=person, text="x") == (403, "Forbidden: user is deactivated")


def test_a_member_is_held_by_the_groups_permissions_and_an_administrator_is_not(telegram, group):
    telegram.permit(group, denied=["can_send_voice_notes"])
    telegram.promote(group, 8)
    with pytest.raises(PermissionError):
        telegram.voice(group, b"x", seconds=1, user=7)
    assert telegram.voice(group, b"x", seconds=1, user=8)["message"]["voice"]
    telegram.restrict(group, 7, denied=["can_send_messages"])
    with pytest.raises(PermissionError):
        telegram.text(group, "x", user=7)


def test_only_rights_that_telegram_has_can_be_given_or_taken(telegram, group):
    with pytest.raises(ValueError, match="can_fly"):
        telegram.permit(group, denied=["can_fly"])
    with pytest.raises(ValueError, match="can_fly"):
        telegram.promote_bot(group, granted=["can_fly"])


def test_a_channel_takes_posts_from_its_editors_only(telegram, api):
    telegram.channel(CHANNEL, rights_of_bot=["can_manage_chat"])
    assert api("sendMessage", chat_id=CHANNEL, text="x") == (400, "Bad Request: need administrator rights in the channel chat")
    telegram.channel(CHANNEL)
    sent = api("sendMessage", chat_id=CHANNEL, text="x")
    assert (sent["chat"]["type"], sent["sender_chat"]["id"], sent.get("from")) == ("channel", CHANNEL, None)
    telegram.channel(CHANNEL, rights_of_bot=None)
    assert api("sendMessage", chat_id=CHANNEL, text="x") == (403, "Forbidden: bot is not a member of the channel chat")


def test_where_members_are_hidden_only_an_administrator_is_told_of_them(telegram, api, group):
    telegram.hide_members(group)
    assert api("getChatMember", chat_id=group, user_id=7) == (400, "Bad Request: CHAT_ADMIN_REQUIRED")
    assert api("getChatMember", chat_id=group, user_id=123456)["status"] == "member"
    telegram.promote_bot(group)
    assert api("getChatMember", chat_id=group, user_id=7)["status"] == "member"


def test_who_has_left_or_was_never_there_is_no_member(telegram, api, group, person):
    assert api("getChatMember", chat_id=group, user_id=person)["status"] == "left"
    telegram.leave(group, 7)
    assert api("getChatMember", chat_id=group, user_id=7)["status"] == "left"
    telegram.join(group, 7)
    telegram.leave(group, 7, by=8)
    assert api("getChatMember", chat_id=group, user_id=7)["status"] == "kicked"
    assert api("getChatMember", chat_id=person, user_id=person)["status"] == "member"
    assert api("getChatMember", chat_id=person, user_id=7) == (400, "Bad Request: member not found")


def test_the_bot_is_told_its_own_standing_and_the_groups_permissions(telegram, api, group):
    telegram.permit(group, denied=["can_send_documents"])
    telegram.promote_bot(group, granted=["can_delete_messages"])
    me = api("getChatMember", chat_id=group, user_id=123456)
    assert (me["status"], me["can_delete_messages"], me["can_pin_messages"]) == ("administrator", True, False)
    permissions = api("getChat", chat_id=group)["permissions"]
    assert (permissions["can_send_documents"], permissions["can_send_messages"]) == (False, True)


def test_administrators_are_listed_without_bots(telegram, api, group):
    telegram.promote(group, 7, anonymous=True)
    telegram.promote_bot(group)
    [admin] = api("getChatAdministrators", chat_id=group)
    assert (admin["user"]["id"], admin["is_anonymous"]) == (7, True)


def test_an_administrator_with_the_right_may_delete_what_others_wrote(telegram, api, group):
    theirs = telegram.text(group, "x", user=7)["message"]["message_id"]
    telegram.promote_bot(group)
    assert api("deleteMessage", chat_id=group, message_id=theirs) == (400, "Bad Request: message can't be deleted")
    telegram.promote_bot(group, granted=["can_delete_messages"])
    assert api("deleteMessage", chat_id=group, message_id=theirs) is True


def test_a_bot_that_is_added_is_told_by_whom_and_what_it_was(telegram, api):
    telegram.invite(GROUP, by=9, language_code="ru")
    changed, joined = [next(body for name, body in update.items() if name != "update_id") for update in api("getUpdates")]
    assert (changed["from"]["id"], changed["from"]["language_code"], changed["chat"]["type"]) == (9, "ru", "supergroup")
    assert (changed["old_chat_member"]["status"], changed["new_chat_member"]["status"]) == ("left", "member")
    assert (joined["from"]["id"], joined["new_chat_members"][0]["id"]) == (9, 123456)


def test_a_bot_that_is_put_out_is_told_so_and_nothing_after_it(telegram, api, group):
    telegram.kick(group, by=7)
    telegram.text(group, "after")
    kinds = [min(update) for update in api("getUpdates")]
    last = telegram.updates()[-2]["message"]
    assert (kinds, last["left_chat_member"]["id"]) == (["message", "my_chat_member", "message"], 123456)


def test_who_comes_and_goes_is_told_by_messages_and_to_an_administrator_who_asks_by_updates(telegram, api, group):
    api("getUpdates", allowed_updates=["message", "chat_member"])
    joined, left = telegram.join(group, 8, by=7)["message"], telegram.leave(group, 8)["message"]
    assert (joined["new_chat_members"][0]["id"], joined["from"]["id"]) == (8, 7)
    assert (left["left_chat_member"]["id"], left["from"]["id"]) == (8, 8)
    assert not [update for update in telegram.updates() if "chat_member" in update]
    telegram.promote_bot(group)
    telegram.join(group, 8)
    [changed] = [update["chat_member"] for update in api("getUpdates") if "chat_member" in update]
    assert (changed["old_chat_member"]["status"], changed["new_chat_member"]["status"]) == ("left", "member")


def test_every_change_is_an_update_that_aiogram_understands(telegram, group):
    telegram.restrict_bot(group, denied=["can_send_messages"])
    telegram.promote_bot(group, granted=["can_delete_messages"])
    telegram.kick(group)
    telegram.channel(CHANNEL)
    telegram.join(group, 8)
    assert [Update.model_validate(update).event_type for update in telegram.updates()][1:4] == ["my_chat_member"] * 3
    for update in telegram.updates():
        Update.model_validate(update)
