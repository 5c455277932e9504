"""One bot's way to the Bot API: aiogram's session on a loop of its own, and errors that become ours. What else is here is built on it."""

import json
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from aiohttp import ClientError

from pisar.adapters.loop_thread import LoopThread
from pisar.adapters.telegram.errors import translate
from pisar.adapters.telegram.lean_aiogram import AiohttpSession, Bot, TelegramAPIServer, TokenValidationError, exceptions, methods
from pisar.errors import Misconfigured, PisarError

KEEPALIVE_SECONDS: Final = 5.0
"""An instance frozen between calls wakes up with dead sockets: a connection is reused within one call, not for the next."""

MARGIN_SECONDS: Final = 10.0
"""The thread waiting for the loop gives up this long after the loop should have."""

READ_AS_THEY_ARE: Final = frozenset(
    {"sendMessage", "editMessageText", "editMessageMedia", "editMessageReplyMarkup", "getChatMember", "getFile", "getMe"}
)
"""Methods of whose result we read plain fields alone.

Their results are not validated: what a method has done is done even if its result is of another version, a message repeats the message that
it answers, and aiogram's model of a message takes 0.1 s of CPU to build.
"""

T = TypeVar("T")


class Plain:
    """A result as it is: its fields, None for those that are absent."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        return self._fields.get(name)


class Connection:
    """The bot and its session. Safe for threads; nothing is connected before the first call.

    `timeout_seconds` bounds each request to the Bot API, a file's download being one. No error that leaves here carries the token.
    """

    def __init__(self, token: str, *, api_url: str, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self.session: Final = _Session(TelegramAPIServer.from_base(api_url), timeout_seconds)
        try:
            self.bot: Final = Bot(token, session=self.session)
        except TokenValidationError:
            raise Misconfigured("TELEGRAM_BOT_TOKEN is not a bot's token; @BotFather gives one like 123456:AbC…") from None
        self._loop = LoopThread("telegram")

    def run(self, work: Coroutine[Any, Any, T], *, request_seconds: float = 0.0) -> T:
        """Return what the coroutine returns, on the loop; raise what `translate` makes of its error.

        `request_seconds`: how long each of its two requests may take, where that is more than `timeout_seconds`.
        """
        try:
            return self._loop.run(work, timeout_seconds=2 * max(self._timeout_seconds, request_seconds) + MARGIN_SECONDS)
        except PisarError:
            raise
        except (exceptions.AiogramError, ClientError, TimeoutError, OSError, UnicodeError) as error:  # UnicodeError: a proxy's page
            failure = translate(error)
        # Outside the block above: an error raised there would carry aiohttp's, and with it the token, into logged tracebacks.
        raise failure

    def close(self) -> None:
        """Close the connections and stop the thread; a later call starts them again."""
        self.run(self.session.close())
        self._loop.close()


class _Session(AiohttpSession):
    def __init__(self, api: TelegramAPIServer, timeout_seconds: float) -> None:
        super().__init__(api=api, timeout=timeout_seconds)
        self._connector_init["keepalive_timeout"] = KEEPALIVE_SECONDS

    def check_response(self, bot: Bot, method: methods.TelegramMethod[T], status_code: int, content: str) -> methods.Response[T]:
        """Return the response, whose result is Plain for the methods READ_AS_THEY_ARE."""
        if method.__api_method__ in READ_AS_THEY_ARE and (result := _result(content)) is not None:
            return methods.Response.model_construct(ok=True, result=Plain(result))
        try:
            return super().check_response(bot, method, status_code, content)
        except TypeError as error:  # aiogram looks into a description that is not there
            raise exceptions.ClientDecodeError("an error without a description", error, content) from error

    async def close(self) -> None:
        # aiogram sleeps a quarter of a second after this for TLS connections to say goodbye; aiohttp 3.12 waits for them itself.
        if self._session is not None:
            await self._session.close()


def _result(content: str) -> dict[str, Any] | None:
    """Return the result of a response that says `ok` and has an object for a result, None for any other."""
    try:
        response = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(response, dict) or response.get("ok") is not True:
        return None
    result = response.get("result")
    return result if isinstance(result, dict) else None
