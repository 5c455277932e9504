"""A bot that is mentioned where it isn't, and answers there once."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineQueryResultArticle, InputTextMessageContent, Update

TOKEN = "123456:AAF-made_up"
ABROAD = -1_000_000_000_019
TOO_OLD = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
ARTICLE = {"type": "article", "id": "1", "title": "t", "input_message_content": {"message_text": "words"}}


@pytest.fixture
def pair(make):
    return make(guest_mode=True)


@pytest.fixture
def asked(telegram, person):
    voice = telegram.voice(person, b"x", seconds=1)
    return telegram.mention(ABROAD, "@pisar_bot", about=voice, user=person, language_code="ru")["guest_message"]


def test_a_mention_shows_the_message_it_answers(telegram, api, asked, person):
    assert (asked["chat"]["id"], asked["from"]["id"], asked["text"]) == (ABROAD, person, "@pisar_bot")
    file_id = asked["reply_to_message"]["voice"]["file_id"]
    assert api.download(api("getFile", file_id=file_id)["file_path"]).content == b"x"
    assert Update.model_validate(telegram.updates()[-1]).guest_message.guest_query_id == asked["guest_query_id"]
    assert api("getUpdates")[-1]["guest_message"] == asked
    assert api("sendMessage", chat_id=ABROAD, text="x") == (400, "Bad Request: chat not found")


def test_the_answer_is_posted_and_can_be_edited(telegram, api, asked, person):
    async def act():
        async with Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api.url))) as bot:
            said = InputTextMessageContent(message_text="wait")
            answer = InlineQueryResultArticle(id="1", title="t", input_message_content=said)
            sent = await bot.answer_guest_query(asked["guest_query_id"], answer)
            return await bot.edit_message_text("words", inline_message_id=sent.inline_message_id)

    assert asyncio.run(act()) is True
    [answer] = telegram.guest_answers(asked["guest_query_id"])
    assert (answer.text, answer.edit_count, answer.chat_id, answer.reply_to) == ("words", 1, ABROAD, asked["message_id"])
    assert (telegram.messages(ABROAD), len(telegram.messages(person))) == ([], 2)


def test_a_file_known_by_its_id_is_an_answer_too(telegram, api, asked, person):
    document = api("sendDocument", files={"document": ("t.txt", b"words")}, chat_id=person)["document"]["file_id"]
    result = {"type": "document", "id": "1", "title": "t", "document_file_id": document, "caption": "all"}
    assert api("answerGuestQuery", guest_query_id=asked["guest_query_id"], result=result)["inline_message_id"]
    [answer] = telegram.guest_answers(asked["guest_query_id"])
    assert (answer.document, answer.caption) == (b"words", "all")


def test_a_mention_is_answered_once_and_not_when_it_is_old(telegram, api, asked):
    assert api("answerGuestQuery", guest_query_id="1", result=ARTICLE) == TOO_OLD
    assert "inline_message_id" in api("answerGuestQuery", guest_query_id=asked["guest_query_id"], result=ARTICLE)
    assert api("answerGuestQuery", guest_query_id=asked["guest_query_id"], result=ARTICLE) == TOO_OLD
    late = telegram.mention(ABROAD, "@pisar_bot")["guest_message"]["guest_query_id"]
    telegram.pass_time(151)
    assert api("answerGuestQuery", guest_query_id=late, result=ARTICLE) == TOO_OLD


@pytest.mark.parametrize(
    ("result", "description"),
    [
        (None, "result isn't specified"),
        ({"id": "1"}, 'can\'t find field "type"'),
        ({"type": "article", "id": "1"}, 'can\'t find field "message_text"'),
        (ARTICLE | {"input_message_content": {"message_text": "a" * 4097}}, "MESSAGE_TOO_LONG"),
        ({"type": "document", "id": "1", "document_file_id": "x"}, "wrong remote file identifier specified: Wrong string length"),
    ],
)
def test_an_answer_that_is_none_is_refused(api, asked, result, description):
    given = {} if result is None else {"result": result}
    assert api("answerGuestQuery", guest_query_id=asked["guest_query_id"], **given) == (400, f"Bad Request: {description}")


def test_an_unknown_answer_cannot_be_edited(api):
    assert api("editMessageText", inline_message_id="x", text="y") == (400, "Bad Request: MESSAGE_ID_INVALID")
    assert api("editMessageText", text="y") == (400, "Bad Request: message identifier is not specified")


def test_nobody_can_mention_a_bot_without_guest_mode_or_where_content_is_protected(make, telegram):
    telegram.protect(ABROAD)
    off, api = make()
    for one in (telegram, off):
        with pytest.raises(PermissionError):
            one.mention(ABROAD, "@pisar_bot")
    assert api("getMe")["supports_guest_queries"] is False
