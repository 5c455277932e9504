"""The Bot API behind ports Chat and ChatFiles, through aiogram.

Texts go out plain: no parse mode, no link preview, and silent where the chat wants it so. No error that leaves here carries the token.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from io import BytesIO
from typing import TypeVar

from pisar.adapters.telegram.connection import Connection
from pisar.adapters.telegram.errors import is_not_modified
from pisar.adapters.telegram.lean_aiogram import Bot, exceptions, types
from pisar.domain.answer_to import Reply
from pisar.domain.audio import TELEGRAM_DOWNLOAD_LIMIT_BYTES, too_big
from pisar.domain.messages import Keyboard
from pisar.errors import MessageGone, Rejected, Rejection

T = TypeVar("T")

ADMINISTRATORS = {"administrator", "creator"}


class AiogramChat:
    """The chats of one bot. Safe for threads; nothing is connected before the first call.

    `timeout_seconds` bounds each request to the Bot API, a download of up to 20 MB being one. A larger file, which only a Bot API server of
    one's own gives, has as much more time for getFile, which there fetches the file from Telegram, and for its download.

    A group that became a supergroup has a new id, with which Telegram refuses the old one. The call is repeated once under
    the new id: without the reply, because the source has another id there. A message of before the change is MessageGone.
    """

    def __init__(self, token: str, *, api_url: str = "https://api.telegram.org", timeout_seconds: float = 20.0) -> None:
        self._timeout_seconds = timeout_seconds
        self._username: str | None = None
        self._connection = Connection(token, api_url=api_url, timeout_seconds=timeout_seconds)
        self._session, self._bot, self._run = self._connection.session, self._connection.bot, self._connection.run

    def send(self, reply: Reply, text: str, keyboard: Keyboard = (), *, must_reply: bool = False) -> int:
        """Send a message as a reply to the source and return its id; without the reply if the source is gone.

        With `must_reply` nothing is sent if the source is gone, and MessageGone is raised. Not safe to repeat: after Unavailable the
        message may or may not be there.
        """

        def send_to(chat_id: int) -> Awaitable[types.Message]:
            there = chat_id == reply.chat_id
            if must_reply and not there:
                raise MessageGone("a message of before the group became a supergroup")
            source = types.ReplyParameters(message_id=reply.message_id, allow_sending_without_reply=not must_reply)
            return self._bot.send_message(
                chat_id,
                text,
                message_thread_id=reply.thread_id if there else None,
                reply_parameters=source if there else None,
                link_preview_options=types.LinkPreviewOptions(is_disabled=True),
                disable_notification=reply.silent,
                reply_markup=_markup(keyboard),
            )

        sent = _or_gone(_following(reply.chat_id, send_to)) if must_reply else _following(reply.chat_id, send_to)
        return self._run(sent).message_id

    def edit(self, reply: Reply, slot: int, text: str, keyboard: Keyboard = ()) -> None:
        """Make message `slot` say `text` (at most 4,096 UTF-16 units), with these buttons or none; the same again is fine.

        Raises MessageGone.
        """
        shown = {"link_preview_options": types.LinkPreviewOptions(is_disabled=True), "reply_markup": _markup(keyboard)}

        def edit_in(chat_id: int) -> Awaitable[object]:
            return self._bot.edit_message_text(text, chat_id=chat_id, message_id=slot, **shown)  # type: ignore[arg-type]

        self._run(_edit(reply.chat_id, edit_in))

    def edit_into_document(self, reply: Reply, slot: int, document: tuple[str, bytes], caption: str, keyboard: Keyboard = ()) -> None:
        """Turn message `slot` into a document with a caption (at most 1,024 UTF-16 units). Raises MessageGone."""
        media = types.InputMediaDocument(media=types.BufferedInputFile(document[1], document[0]), caption=caption)

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
        self._run(_delete(self._bot, reply.chat_id, slot))

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Tell who pressed a button that it was heard, with a text of at most 200 characters if there is one; too late is fine."""
        self._run(_acknowledge(self._bot, press_id, text))

    def show_working(self, reply: Reply) -> None:
        """Show in the chat that something is being done, for a few seconds."""
        self._run(self._bot.send_chat_action(reply.chat_id, "typing", message_thread_id=reply.thread_id))

    def is_admin(self, chat_id: int, user_id: int | None) -> bool:
        """Say whether a person administers a group."""
        return user_id is not None and self._run(_is_admin(self._bot, chat_id, user_id))

    def username(self) -> str:
        """Return the bot's name, without the @; asked for once."""
        if self._username is None:
            self._username = self._run(self._bot.get_me()).username or ""
        return self._username

    def fetch(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return the file; raise Rejected(TOO_BIG) above the limit, Rejected(FILE_UNAVAILABLE) for an unknown id."""
        seconds = self._timeout_seconds * max(1.0, max_bytes / TELEGRAM_DOWNLOAD_LIMIT_BYTES)
        return self._run(self._fetch(file_id, max_bytes, seconds), request_seconds=seconds)

    def close(self) -> None:
        """Close the connections and stop the thread; a later call starts them again."""
        self._connection.close()

    async def _fetch(self, file_id: str, max_bytes: int, seconds: float) -> bytes:
        # aiogram declares whole seconds and passes them on to aiohttp, which takes fractions too.
        file = await self._bot.get_file(file_id, request_timeout=seconds)  # type: ignore[arg-type]
        if file.file_size is not None and file.file_size > max_bytes:
            raise too_big(file.file_size, max_bytes)
        if not file.file_path:
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


def _markup(keyboard: Keyboard) -> types.InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    rows = [[types.InlineKeyboardButton(text=button.label, callback_data=button.data) for button in row] for row in keyboard]
    return types.InlineKeyboardMarkup(inline_keyboard=rows)


async def _delete(bot: Bot, chat_id: int, slot: int) -> None:
    with suppress(exceptions.TelegramBadRequest):
        await bot.delete_message(chat_id, slot)


async def _is_admin(bot: Bot, chat_id: int, user_id: int) -> bool:
    try:
        return (await bot.get_chat_member(chat_id, user_id)).status in ADMINISTRATORS
    except exceptions.TelegramBadRequest:  # nobody Telegram knows there, or the bot may not ask
        return False
    except exceptions.ClientDecodeError as error:  # a server of another version names other rights than aiogram insists on
        found = error.data.get("result") if isinstance(error.data, dict) else None
        if not isinstance(found, dict):
            raise
        return found.get("status") in ADMINISTRATORS


async def _acknowledge(bot: Bot, press_id: str, text: str) -> None:
    try:
        await bot.answer_callback_query(press_id, text=text or None)
    except exceptions.TelegramBadRequest as error:
        if "query is too old" not in error.message.lower() and "query id is invalid" not in error.message.lower():
            raise


async def _following(chat_id: int, call: Callable[[int], Awaitable[T]]) -> T:
    try:
        return await call(chat_id)
    except exceptions.TelegramMigrateToChat as moved:
        new_chat_id = moved.migrate_to_chat_id
    return await call(new_chat_id)


async def _or_gone(sending: Awaitable[T]) -> T:
    """Return what was sent; raise MessageGone if the message that it was to answer is not there."""
    try:
        return await sending
    except exceptions.TelegramBadRequest as error:
        if "message to be replied not found" not in error.message.lower():
            raise
    raise MessageGone("the message to answer is not there")


async def _edit(chat_id: int, call: Callable[[int], Awaitable[object]]) -> None:
    try:
        await _following(chat_id, call)
    except exceptions.TelegramBadRequest as error:
        if not is_not_modified(error):
            raise
