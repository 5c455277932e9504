"""A bot written with aiogram can't tell the stand-in from Telegram."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)

from localstack.faults import Action, Fault
from localstack.telegram import flood, server_error

TOKEN = "123456:AAF-made_up"
KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Again", callback_data="again")]])


@pytest.fixture
def run(api):
    """Run what a test does with a bot; the bot is closed afterwards."""

    def run(act, token=TOKEN):
        async def with_bot():
            async with Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api.url))) as bot:
                return await act(bot)

        return asyncio.run(with_bot())

    return run


def test_a_conversation(telegram, run, person):
    voice = telegram.voice(person, b"OggS" * 1000, seconds=3, language_code="ru")

    async def act(bot):
        [_, update] = await bot.get_updates()
        message = update.message
        content = await bot.download(message.voice)
        await bot.send_chat_action(person, "typing")
        reply = ReplyParameters(message_id=message.message_id, allow_sending_without_reply=True)
        off = LinkPreviewOptions(is_disabled=True)
        status = await bot.send_message(person, "wait", reply_parameters=reply, link_preview_options=off, disable_notification=True)
        edited = await bot.edit_message_text(
            "words", chat_id=person, message_id=status.message_id, reply_markup=KEYBOARD, link_preview_options=off
        )
        document = await bot.send_document(person, BufferedInputFile(b"long words", "t.txt"), caption="c")
        return content.read(), message.from_user.language_code, edited.reply_to_message.message_id, document.document.file_name

    assert run(act) == (b"OggS" * 1000, "ru", voice["message"]["message_id"], "t.txt")
    status, document = telegram.answers(person)
    assert (status.text, status.reply_to, status.silent, status.now.link_preview_disabled) == (
        "words",
        voice["message"]["message_id"],
        True,
        True,
    )
    assert status.buttons == ((("Again", "again"),),)
    assert (document.document, document.caption) == (b"long words", "c")


def test_a_text_becomes_a_document_and_goes(telegram, run, person):
    async def act(bot):
        sent = await bot.send_message(person, "wait")
        media = InputMediaDocument(media=BufferedInputFile(b"words", "t.txt"), caption="all of it")
        edited = await bot.edit_message_media(media, chat_id=person, message_id=sent.message_id)
        seen = telegram.answers(person)
        return (
            edited.document.file_name,
            [(message.document, message.caption) for message in seen],
            await bot.delete_message(person, sent.message_id),
        )

    assert run(act) == ("t.txt", [(b"words", "all of it")], True)
    assert telegram.answers(person) == []


def test_every_update_is_one_aiogram_understands(telegram, api, person):
    telegram.audio(person, b"x", seconds=1, forwarded=True)
    telegram.video(person, b"x", seconds=1, forwarded="Anonymous")
    telegram.video_note(person, b"x", seconds=1)
    telegram.document(person, "a.ogg", None, b"x", media_group_id="1")
    telegram.edit(person, telegram.text(person, "a")["message"]["message_id"], "b")
    telegram.block(person)
    forum = -1_000_000_000_007
    telegram.forum(forum)
    telegram.text(forum, "/help", thread=telegram.topic(forum))
    telegram.migrate(-5)
    telegram.unblock(person)
    sent = api("sendMessage", chat_id=person, text="x", reply_markup=KEYBOARD.model_dump(exclude_none=True))["message_id"]
    telegram.press(person, sent, "again")
    kinds = [Update.model_validate(update).event_type for update in telegram.updates()]
    assert kinds == ["message"] * 6 + ["edited_message", "my_chat_member"] + ["message"] * 3 + ["my_chat_member", "callback_query"]


def test_commands_and_webhook(run, receiver):
    async def act(bot):
        commands = [BotCommand(command="start", description="Начать")]
        await bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats(), language_code="ru")
        await bot.set_webhook(receiver.url, secret_token="s", allowed_updates=["message"], max_connections=5)
        info = await bot.get_webhook_info()
        with pytest.raises(TelegramConflictError):
            await bot.get_updates()
        await bot.delete_webhook()
        [kept] = await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats(), language_code="ru")
        return kept.command, kept.description, info.url, info.max_connections

    assert run(act) == ("start", "Начать", receiver.url, 5)


@pytest.mark.parametrize(
    ("prepare", "error", "says"),
    [
        (lambda t: t.faults.add(flood("/sendMessage", retry_after=3)), TelegramRetryAfter, "retry after 3"),
        (lambda t: t.faults.add(server_error("/sendMessage", code=502, reason="Bad Gateway")), TelegramServerError, "Bad Gateway"),
        (lambda t: t.faults.add(Fault(action=Action.DROP, path="/sendMessage")), TelegramNetworkError, "ServerDisconnected"),
        (lambda t: t.block(42), TelegramForbiddenError, "bot was blocked by the user"),
        (lambda t: t.migrate(-5), TelegramMigrateToChat, "-1000000000005"),
        (repr, TelegramBadRequest, "chat not found"),
    ],
)
def test_refusals_are_the_errors_aiogram_knows(telegram, run, prepare, error, says):
    if error is not TelegramBadRequest:
        telegram.text(42, "hi")
        telegram.text(-5, "hi")
    prepare(telegram)

    async def act(bot):
        await bot.send_message(-5 if error is TelegramMigrateToChat else 42, "x")

    with pytest.raises(error, match=says):
        run(act)


def test_a_wrong_token_is_unauthorized(run):
    with pytest.raises(TelegramUnauthorizedError):
        run(Bot.get_me, token="123456:wrong")


def test_equal_text_is_refused(run, person):
    async def act(bot):
        sent = await bot.send_message(person, "x")
        await bot.edit_message_text("x", chat_id=person, message_id=sent.message_id)

    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        run(act)
