"""The Bot API behind ports Chat and ChatFiles, through aiogram.

Texts go out plain: no parse mode, no link preview, no notification. No error that leaves here carries the token.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

from pisar.adapters.telegram.connection import Connection
from pisar.adapters.telegram.errors import is_not_modified
from pisar.adapters.telegram.lean_aiogram import exceptions, types
from pisar.domain.jobs import Reply
from pisar.errors import Rejected, Rejection

T = TypeVar("T")


class AiogramChat:
    """The chats of one bot. Safe for threads; nothing is connected before the first call.

    `timeout_seconds` bounds each request to the Bot API, a file's download being one.

    A group that became a supergroup has a new id, with which Telegram refuses the old one. The call is repeated once under
    the new id: without the reply, because the source has another id there. A message of before the change is MessageGone.
    """

    def __init__(self, token: str, *, api_url: str = "https://api.telegram.org", timeout_seconds: float = 20.0) -> None:
        self._timeout_seconds = timeout_seconds
        self._connection = Connection(token, api_url=api_url, timeout_seconds=timeout_seconds)
        self._session, self._bot, self._run = self._connection.session, self._connection.bot, self._connection.run

    def send(self, reply: Reply, text: str) -> int:
        """Send a message as a reply to the source and return its id; without the reply if the source is gone.

        Not safe to repeat: after Unavailable the message may or may not be there.
        """

        def send_to(chat_id: int) -> Awaitable[types.Message]:
            there = chat_id == reply.chat_id
            return self._bot.send_message(
                chat_id,
                text,
                message_thread_id=reply.thread_id if there else None,
                reply_parameters=types.ReplyParameters(message_id=reply.message_id, allow_sending_without_reply=True) if there else None,
                link_preview_options=types.LinkPreviewOptions(is_disabled=True),
                disable_notification=True,
            )

        return self._run(_following(reply.chat_id, send_to)).message_id

    def edit(self, reply: Reply, slot: int, text: str) -> None:
        """Make message `slot` say `text` (at most 4,096 UTF-16 units); the same text again is fine. Raises MessageGone."""
        self._run(
            _edit(
                reply.chat_id,
                lambda chat_id: self._bot.edit_message_text(
                    text, chat_id=chat_id, message_id=slot, link_preview_options=types.LinkPreviewOptions(is_disabled=True)
                ),
            )
        )

    def edit_into_document(self, reply: Reply, slot: int, name: str, content: bytes, caption: str) -> None:
        """Turn message `slot` into a document with a caption (at most 1,024 UTF-16 units). Raises MessageGone."""
        media = types.InputMediaDocument(media=types.BufferedInputFile(content, name), caption=caption)
        self._run(_edit(reply.chat_id, lambda chat_id: self._bot.edit_message_media(media, chat_id=chat_id, message_id=slot)))

    def fetch(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return the file; raise Rejected(TOO_BIG) above the limit, Rejected(FILE_UNAVAILABLE) for an unknown id."""
        return self._run(self._fetch(file_id, max_bytes))

    def close(self) -> None:
        """Close the connections and stop the thread; a later call starts them again."""
        self._connection.close()

    async def _fetch(self, file_id: str, max_bytes: int) -> bytes:
        file = await self._bot.get_file(file_id)
        if file.file_size is not None and file.file_size > max_bytes:
            raise _too_big(file.file_size, max_bytes)
        if not file.file_path:
            raise Rejected(Rejection.FILE_UNAVAILABLE)
        # A local Bot API server names files by their absolute path; the web server beside it serves them under the same address.
        url = self._session.api.file_url(self._bot.token, file.file_path.lstrip("/"))
        content = bytearray()
        # aiogram declares whole seconds and passes them on to aiohttp, which takes fractions too.
        async with aclosing(self._session.stream_content(url, timeout=self._timeout_seconds)) as chunks:  # type: ignore[arg-type]
            async for chunk in chunks:
                content += chunk
                if len(content) > max_bytes:  # the declared size is absent or wrong
                    raise _too_big(len(content), max_bytes)
        return bytes(content)


async def _following(chat_id: int, call: Callable[[int], Awaitable[T]]) -> T:
    try:
        return await call(chat_id)
    except exceptions.TelegramMigrateToChat as moved:
        new_chat_id = moved.migrate_to_chat_id
    return await call(new_chat_id)


async def _edit(chat_id: int, call: Callable[[int], Awaitable[object]]) -> None:
    try:
        await _following(chat_id, call)
    except exceptions.TelegramBadRequest as error:
        if not is_not_modified(error):
            raise


def _too_big(size_bytes: int, max_bytes: int) -> Rejected:
    return Rejected(Rejection.TOO_BIG, {"size_mb": round(size_bytes / 2**20, 1), "limit_mb": max_bytes // 2**20})
