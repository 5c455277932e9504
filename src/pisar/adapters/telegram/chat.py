"""The Bot API behind ports Chat and ChatFiles, through aiogram.

Texts go out plain: no parse mode, no link preview, and silent where the chat wants it so. No error that leaves here carries the token.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from io import BytesIO
from typing import TypeVar

from pisar.adapters.telegram.connection import Connection
from pisar.adapters.telegram.errors import consequence_of
from pisar.adapters.telegram.lean_aiogram import Bot, exceptions, types
from pisar.adapters.telegram.refusals import Consequence
from pisar.domain.answer_to import Reply
from pisar.domain.audio import TELEGRAM_DOWNLOAD_LIMIT_BYTES, too_big
from pisar.domain.bots import OwnRights
from pisar.domain.messages import BusinessConnection, Keyboard, Mark
from pisar.errors import MessageGone, Rejected, Rejection, Unavailable

T = TypeVar("T")

ENTITIES = {"bold": "bold", "quote": "expandable_blockquote"}
"""The types of entities (core.telegram.org/bots/api#messageentity) that marks become: entities mark a text that stays plain."""

ADMINISTRATORS = {"administrator", "creator"}
REFUSED = (exceptions.TelegramBadRequest, exceptions.TelegramForbiddenError)


class AiogramChat:
    """The chats of one bot. Safe for threads; nothing is connected before the first call.

    `timeout_seconds` bounds each request to the Bot API, a download of up to 20 MB being one. A larger file, which only a Bot API server of
    one's own gives, has as much more time for getFile, which there fetches the file from Telegram, and for its download.

    A group that became a supergroup has a new id, with which Telegram refuses the old one. The call is repeated once under
    the new id: without the reply, because the source has another id there. A message of before the change is MessageGone.
    """

    def __init__(self, token: str, *, api_url: str = "https://api.telegram.org", timeout_seconds: float = 20.0) -> None:
        self._timeout_seconds = timeout_seconds
        self._me: types.User | None = None
        self._connection = Connection(token, api_url=api_url, timeout_seconds=timeout_seconds)
        self._session, self._bot, self._run = self._connection.session, self._connection.bot, self._connection.run

    def send(self, reply: Reply, text: str, keyboard: Keyboard = (), *, must_reply: bool = False) -> int:
        """Send a message as a reply to the source and return its id.

        Where the topic or the source can't be had, it is sent without the one, then without the other; with `must_reply` it is not sent
        without the source, and MessageGone is raised. Not safe to repeat: after Unavailable the message may or may not be there; after
        Refused it is not.
        """
        if reply.guest_query is not None:
            self.answer_guest(reply, text)
            return 0
        sent = self._run(self._send(reply, text, keyboard, must_reply=must_reply))
        if not isinstance(sent.message_id, int):
            raise Unavailable("Telegram: a sent message without an id")
        return sent.message_id

    def answer_guest(self, reply: Reply, text: str) -> str:
        """Send the one message with which a guest answers, and return its id (`Reply.inline_id`). Not safe to repeat, as `send`."""
        said = types.InputTextMessageContent(message_text=text, link_preview_options=types.LinkPreviewOptions(is_disabled=True))
        result = types.InlineQueryResultArticle(id="0", title="…", input_message_content=said)
        return self._run(self._bot.answer_guest_query(reply.guest_query or "", result)).inline_message_id

    def edit(self, reply: Reply, slot: int, text: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()) -> None:
        """Make message `slot` say `text` (at most 4,096 UTF-16 units), with these marks and buttons or none; the same again is fine.

        Raises MessageGone.
        """

        def edit_in(chat_id: int) -> Awaitable[object]:
            return self._bot.edit_message_text(
                text,
                chat_id=None if reply.inline_id else chat_id,
                message_id=None if reply.inline_id else slot,
                inline_message_id=reply.inline_id,
                entities=_entities(marks),
                link_preview_options=types.LinkPreviewOptions(is_disabled=True),
                reply_markup=_markup(keyboard),
            )

        self._run(_edit(reply.chat_id, edit_in))

    def edit_into_document(
        self, reply: Reply, slot: int, document: tuple[str, bytes], caption: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()
    ) -> None:
        """Turn message `slot` into a document with a caption (at most 1,024 UTF-16 units). Raises MessageGone, NoDocuments."""
        file = types.BufferedInputFile(document[1], document[0])
        media = types.InputMediaDocument(media=file, caption=caption, caption_entities=_entities(marks))

        def edit_in(chat_id: int) -> Awaitable[object]:
            return self._bot.edit_message_media(media, chat_id=chat_id, message_id=slot, reply_markup=_markup(keyboard))

        self._run(_edit(reply.chat_id, edit_in))

    def show_buttons(self, reply: Reply, slot: int, keyboard: Keyboard) -> None:
        """Put other buttons under message `slot`; the same again is fine. Raises MessageGone."""
        markup = _markup(keyboard)

        def edit_in(chat_id: int) -> Awaitable[object]:
            return self._bot.edit_message_reply_markup(chat_id=chat_id, message_id=slot, reply_markup=markup)

        self._run(_edit(reply.chat_id, edit_in))

    def delete(self, reply: Reply, slot: int) -> None:
        """Take message `slot` out of the chat; one that is gone, or too old to be taken, is fine."""
        if reply.inline_id is None:  # nobody can take a guest's answer out of a chat that the bot isn't in
            self._run(_settle(self._bot.delete_message(reply.chat_id, slot)))

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Tell who pressed a button that it was heard, with a text of at most 200 characters if there is one; too late is fine."""
        self._run(_settle(self._bot.answer_callback_query(press_id, text=text or None)))

    def show_working(self, reply: Reply) -> None:
        """Show in the chat that something is being done, for a few seconds; where it can't be shown is fine."""
        if reply.guest_query is not None:
            return
        self._run(_settle(self._bot.send_chat_action(reply.chat_id, "typing", message_thread_id=reply.thread_id)))

    def is_admin(self, chat_id: int, user_id: int | None) -> bool | None:
        """Say whether a person administers a group; None if the bot may not see who does."""
        return False if user_id is None else self._run(_is_admin(self._bot, chat_id, user_id))

    def username(self) -> str:
        """Return the bot's name, without the @; asked for once."""
        return (self._me or self._ask_me()).username or ""

    def business_connection(self, business_id: str) -> BusinessConnection | None:
        """Return the connection to a person's account with that id; None if there is none."""
        return self._run(_connection(self._bot, business_id))

    def reads_all_messages(self) -> bool:
        """Say whether the bot's privacy mode is off; asked for anew each time, since its owner may change it."""
        return bool(self._ask_me().can_read_all_group_messages)

    def own_rights(self, chat_id: int) -> OwnRights | None:
        """Return what the bot may do in a group; None if Telegram does not tell."""
        return self._run(_own_rights(self._bot, chat_id, (self._me or self._ask_me()).id))

    def fetch(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return the file; raise Rejected(TOO_BIG) above the limit, Rejected(FILE_UNAVAILABLE) for an unknown id."""
        seconds = self._timeout_seconds * max(1.0, max_bytes / TELEGRAM_DOWNLOAD_LIMIT_BYTES)
        return self._run(self._fetch(file_id, max_bytes, seconds), request_seconds=seconds)

    def close(self) -> None:
        """Close the connections and stop the thread; a later call starts them again."""
        self._connection.close()

    def _ask_me(self) -> types.User:
        self._me = self._run(self._bot.get_me())
        return self._me

    async def _send(self, reply: Reply, text: str, keyboard: Keyboard, *, must_reply: bool) -> types.Message:
        topics, replies = (reply.thread_id, reply.topic_id), bool(reply.message_id)

        def send_to(chat_id: int) -> Awaitable[types.Message]:
            there = chat_id == reply.chat_id
            if must_reply and not (there and replies):
                raise MessageGone("the message to answer is gone")
            thread_id, topic_id = topics if there else (None, None)
            source = types.ReplyParameters(message_id=reply.message_id, allow_sending_without_reply=not must_reply)
            return self._bot.send_message(
                chat_id,
                text,
                message_thread_id=thread_id,
                direct_messages_topic_id=topic_id,
                reply_parameters=source if there and replies else None,
                link_preview_options=types.LinkPreviewOptions(is_disabled=True),
                disable_notification=reply.silent,
                reply_markup=_markup(keyboard),
            )

        while True:
            try:
                return await _following(reply.chat_id, send_to)
            except REFUSED as refusal:
                found = consequence_of(refusal)
                if found is Consequence.WITHOUT_THREAD and any(topics):
                    topics = (None, None)
                elif found in {Consequence.WITHOUT_THREAD, Consequence.WITHOUT_REPLY} and replies:
                    replies = False  # a message that answers one in a topic goes there too
                else:
                    raise

    async def _fetch(self, file_id: str, max_bytes: int, seconds: float) -> bytes:
        # aiogram declares whole seconds and passes them on to aiohttp, which takes fractions too.
        file = await self._bot.get_file(file_id, request_timeout=seconds)  # type: ignore[arg-type]
        if isinstance(file.file_size, int) and file.file_size > max_bytes:
            raise too_big(file.file_size, max_bytes)
        if not isinstance(file.file_path, str) or not file.file_path:
            raise Rejected(Rejection.FILE_UNAVAILABLE)
        # A local Bot API server names files by their absolute path; the web server beside it serves them under the same address.
        url = self._session.api.file_url(self._bot.token, file.file_path.lstrip("/"))
        content = BytesIO()  # its value is not copied, as a bytearray's would be: a file may have 2,000 MB
        async with aclosing(self._session.stream_content(url, timeout=seconds)) as chunks:  # type: ignore[arg-type]
            async for chunk in chunks:
                content.write(chunk)
                if content.tell() > max_bytes:  # the declared size is absent or wrong
                    raise too_big(content.tell(), max_bytes)
        return content.getvalue()


def _entities(marks: Sequence[Mark]) -> list[types.MessageEntity] | None:
    return [types.MessageEntity(type=ENTITIES[mark.kind], offset=mark.offset, length=mark.length) for mark in marks] or None


def _markup(keyboard: Keyboard) -> types.InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    rows = [[types.InlineKeyboardButton(text=button.label, callback_data=button.data) for button in row] for row in keyboard]
    return types.InlineKeyboardMarkup(inline_keyboard=rows)


async def _is_admin(bot: Bot, chat_id: int, user_id: int) -> bool | None:
    try:
        return (await bot.get_chat_member(chat_id, user_id)).status in ADMINISTRATORS
    except REFUSED as refusal:
        match consequence_of(refusal):
            case Consequence.ABSENT:
                return False
            case Consequence.UNSEEN:
                return None
        raise


async def _own_rights(bot: Bot, chat_id: int, bot_id: int) -> OwnRights | None:
    try:
        told = await bot.get_chat_member(chat_id, bot_id)
    except REFUSED as refusal:
        if consequence_of(refusal) in {Consequence.ABSENT, Consequence.UNSEEN}:
            return None
        raise
    if told.status not in {*ADMINISTRATORS, "member", "restricted", "left", "kicked"}:
        return None
    # Of the kinds of members, only a restricted one has this field (core.telegram.org/bots/api#chatmemberrestricted).
    can_write = told.status in {*ADMINISTRATORS, "member"} or bool(getattr(told, "can_send_messages", False))
    return OwnRights(administrator=told.status in ADMINISTRATORS, can_write=can_write)


async def _connection(bot: Bot, business_id: str) -> BusinessConnection | None:
    try:
        told = await bot.get_business_connection(business_id)
    except REFUSED as refusal:
        if consequence_of(refusal) is Consequence.ABSENT:
            return None
        raise
    return BusinessConnection(
        business_id=told.id,
        owner_id=told.user.id,
        chat_id=told.user_chat_id,
        enabled=told.is_enabled,
        language_code=told.user.language_code,
    )


async def _settle(call: Awaitable[object]) -> None:
    """Make a call whose refusal may leave nothing to do."""
    try:
        await call
    except REFUSED as refusal:
        if consequence_of(refusal) is not Consequence.DONE:
            raise


async def _following(chat_id: int, call: Callable[[int], Awaitable[T]]) -> T:
    try:
        return await call(chat_id)
    except exceptions.TelegramMigrateToChat as moved:
        new_chat_id = moved.migrate_to_chat_id
    return await call(new_chat_id)


async def _edit(chat_id: int, call: Callable[[int], Awaitable[object]]) -> None:
    await _settle(_following(chat_id, call))
