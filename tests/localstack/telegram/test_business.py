"""A bot connected to somebody's account, in whose private chats it answers."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update

OWNER, CUSTOMER = 71, 72
CONNECTION = "business-71"
TOKEN = "123456:AAF-made_up"


@pytest.fixture
def connected(telegram):
    telegram.connect(OWNER)
    return telegram.business_voice(OWNER, CUSTOMER, b"x", seconds=1)["business_message"]


def test_a_connection_and_its_messages_are_updates(telegram, api, connected):
    connection = telegram.updates()[0]["business_connection"]
    assert (connection["id"], connection["user"]["id"], connection["user_chat_id"]) == (CONNECTION, OWNER, OWNER)
    assert (connection["is_enabled"], connection["rights"]) == (True, {"can_reply": True})
    assert (connected["business_connection_id"], connected["chat"]["id"], connected["from"]["id"]) == (CONNECTION, CUSTOMER, CUSTOMER)
    edited = telegram.edit_business(OWNER, CUSTOMER, connected["message_id"], "new")["edited_business_message"]
    assert edited["caption"] == "new"
    deleted = telegram.delete_business(OWNER, CUSTOMER, connected["message_id"])["deleted_business_messages"]
    assert deleted["message_ids"] == [connected["message_id"]]
    assert [Update.model_validate(update).event_type for update in api("getUpdates")] == [
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
    ]


def test_the_bot_answers_in_the_accounts_name(telegram, api, connected):
    async def act():
        async with Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api.url))) as bot:
            await bot.send_chat_action(CUSTOMER, "typing", business_connection_id=CONNECTION)
            reply = {"message_id": connected["message_id"]}
            sent = await bot.send_message(CUSTOMER, "one", business_connection_id=CONNECTION, reply_parameters=reply)
            edited = await bot.edit_message_text("two", chat_id=CUSTOMER, message_id=sent.message_id, business_connection_id=CONNECTION)
            return sent.from_user.id, sent.sender_business_bot.id, sent.reply_to_message.message_id, edited.text

    assert asyncio.run(act()) == (OWNER, 123456, connected["message_id"], "two")
    assert [(message.text, message.from_bot) for message in telegram.business_messages(CONNECTION, CUSTOMER)][1:] == [("two", True)]
    assert telegram.messages(CUSTOMER) == []


def test_the_chat_is_not_the_bots_own(api, connected):
    assert api("sendMessage", chat_id=CUSTOMER, text="x") == (400, "Bad Request: chat not found")


@pytest.mark.parametrize(
    ("connection", "chat_id", "description"),
    [
        ("nobody", CUSTOMER, "business connection not found"),
        (CONNECTION, -5, "chat must be a private chat"),
        (CONNECTION, OWNER, "messages must not be sent to self"),
        (CONNECTION, 404, "BUSINESS_PEER_INVALID"),
    ],
)
def test_only_a_chat_of_the_account_can_be_written_to(api, connected, connection, chat_id, description):
    assert api("sendMessage", chat_id=chat_id, text="x", business_connection_id=connection) == (400, f"Bad Request: {description}")


def test_without_the_right_to_reply_nothing_can_be_written(telegram, api, connected):
    telegram.connect(OWNER, granted=["can_read_messages"])
    refused = (400, "Bad Request: BOT_ACCESS_FORBIDDEN")
    assert api("sendMessage", chat_id=CUSTOMER, text="x", business_connection_id=CONNECTION) == refused


def test_after_a_day_without_a_word_nothing_can_be_written(telegram, api, connected):
    telegram.pass_time(24 * 3600 + 1)
    refused = (400, "Bad Request: BUSINESS_PEER_INVALID")
    assert api("sendMessage", chat_id=CUSTOMER, text="x", business_connection_id=CONNECTION) == refused


def test_an_ended_connection_is_known_but_of_no_use(telegram, api, connected):
    assert "rights" not in telegram.disconnect(OWNER)["business_connection"]
    assert api("getBusinessConnection", business_connection_id=CONNECTION)["is_enabled"] is False
    assert api("getBusinessConnection", business_connection_id="x") == (400, "Bad Request: business connection not found")
    assert api("sendMessage", chat_id=CUSTOMER, text="x", business_connection_id=CONNECTION)[0] == 400
    before = len(api("getUpdates"))
    telegram.business_text(OWNER, CUSTOMER, "x")
    assert len(api("getUpdates")) == before


def test_an_answer_to_nothing_is_sent_all_the_same(api, connected):
    sent = api("sendMessage", chat_id=CUSTOMER, text="x", business_connection_id=CONNECTION, reply_parameters={"message_id": 404})
    assert "reply_to_message" not in sent


def test_what_may_be_deleted_depends_on_the_rights(telegram, api, connected):
    sent = api("sendMessage", chat_id=CUSTOMER, text="x", business_connection_id=CONNECTION)["message_id"]
    forbidden = (400, "Bad Request: BOT_ACCESS_FORBIDDEN")
    assert api("deleteBusinessMessages", business_connection_id=CONNECTION, message_ids=[sent]) == forbidden
    telegram.connect(OWNER, granted=["can_reply", "can_delete_sent_messages"])
    both = [sent, connected["message_id"]]
    assert api("deleteBusinessMessages", business_connection_id=CONNECTION, message_ids=both) == forbidden
    assert api("deleteBusinessMessages", business_connection_id=CONNECTION, message_ids=[sent]) is True
    telegram.connect(OWNER, granted=["can_delete_all_messages"])
    assert api("deleteBusinessMessages", business_connection_id=CONNECTION, message_ids=both[1:]) is True
    assert [message.deleted for message in telegram.business_messages(CONNECTION, CUSTOMER)] == [True, True]


def test_only_the_bots_own_words_can_be_edited(api, connected):
    arguments = {"chat_id": CUSTOMER, "message_id": connected["message_id"], "business_connection_id": CONNECTION}
    assert api("editMessageText", text="x", **arguments) == (400, "Bad Request: MESSAGE_ID_INVALID")


def test_a_button_in_the_accounts_chat_can_be_pressed(telegram, api, connected):
    keyboard = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
    sent = api("sendMessage", chat_id=CUSTOMER, text="x", business_connection_id=CONNECTION, reply_markup=keyboard)["message_id"]
    query = telegram.press(CUSTOMER, sent, "again", owner=OWNER)["callback_query"]
    assert (query["message"]["business_connection_id"], query["from"]["id"]) == (CONNECTION, CUSTOMER)
