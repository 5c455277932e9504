"""The Bot API's getUpdates behind port UpdateSource, over aiogram's session.

Each update is parsed by itself: aiogram's own method refuses a whole answer for one update that it can't read.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from aiohttp import ClientTimeout

from pisar.adapters.telegram.connection import Connection
from pisar.adapters.telegram.update_fields import whole
from pisar.adapters.telegram.updates import parse_update
from pisar.domain.bots import WANTED_UPDATES
from pisar.errors import Misconfigured, Unavailable, Unreadable
from pisar.ports.chat import PolledUpdate

LONGEST_SECONDS = 50
"""The longest poll that the Bot API allows."""

MARGIN_SECONDS = 15.0
LOOK_SECONDS = 0.1
"""How soon a stop is heeded while the messenger has nothing to tell."""

_UNKNOWN_BOT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_TWO_WAYS = "the bot has a webhook again, and Telegram tells updates to the one or to who asks: empty it, or set TELEGRAM_WEBHOOK_URL"
_TWO_ASK = "another program asks for this bot's updates too, and each gets some of them: stop it, or give each a bot of its own"


def _never() -> bool:
    return False


class AiogramUpdateSource:
    """One bot's updates. For one thread at a time; nothing is connected before the first call."""

    def __init__(self, token: str, *, api_url: str = "https://api.telegram.org") -> None:
        self._connection = Connection(token, api_url=api_url, timeout_seconds=LONGEST_SECONDS + MARGIN_SECONDS)
        self._url = self._connection.session.api.api_url(token, "getUpdates")

    def begin(self, stopping: Callable[[], bool] = _never) -> None:
        """Take the bot's webhook away, with which the Bot API lets nobody poll; waiting updates stay."""
        self._connection.run(_until_told(self._connection.bot.delete_webhook(drop_pending_updates=False), stopping))

    def fetch(self, offset: int, *, seconds: int, stopping: Callable[[], bool] = _never) -> list[PolledUpdate]:
        """Return the updates from `offset` on, as the port says."""
        answered = self._connection.run(_until_told(self._ask(offset, seconds), stopping))
        if answered is None:
            return []
        status, answer = answered
        if not isinstance(answer, dict) or "ok" not in answer:  # a proxy's page
            raise Unavailable(f"what is at TELEGRAM_API_URL does not speak the Bot API: status {status}")
        if not answer["ok"]:
            raise _refused(answer)
        return _polled(answer.get("result"))

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    async def _ask(self, offset: int, seconds: int) -> tuple[int, Any]:
        session = await self._connection.session.create_session()
        asked = {"offset": offset, "timeout": seconds, "allowed_updates": list(WANTED_UPDATES)}
        async with session.post(self._url, json=asked, timeout=ClientTimeout(total=seconds + MARGIN_SECONDS)) as answer:
            body = await answer.read()
        try:
            return answer.status, json.loads(body)
        except (ValueError, RecursionError):
            return answer.status, None


async def _until_told(work: Coroutine[Any, Any, Any], stopping: Callable[[], bool]) -> Any:
    """Return what the work returns, or give it up and return None once told to stop."""
    task = asyncio.create_task(work)
    try:
        while not task.done():
            if stopping():
                return None
            await asyncio.wait({task}, timeout=LOOK_SECONDS)
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _refused(answer: dict[str, Any]) -> Misconfigured | Unavailable:
    code, described = answer.get("error_code"), str(answer.get("description", ""))
    if code in _UNKNOWN_BOT:
        return Misconfigured("Telegram does not know this bot: correct TELEGRAM_BOT_TOKEN, or TELEGRAM_API_URL")
    if code == HTTPStatus.CONFLICT:
        return Unavailable(_TWO_WAYS if "webhook" in described.lower() else _TWO_ASK)
    parameters = answer.get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return Unavailable(f"Telegram: {described}", after_seconds=float(after) if isinstance(after, int | float) else None)


def _polled(updates: Any) -> list[PolledUpdate]:
    # One without a number is passed over: it can't be confirmed, and must not hold the others back.
    given = updates if isinstance(updates, list) else [None]
    numbered = [one for one in given if isinstance(one, dict) and whole(one, "update_id") is not None]
    if given and not numbered:
        raise Unavailable("what is at TELEGRAM_API_URL does not speak the Bot API: it gives no updates")
    found = []
    for update in numbered:
        raw = json.dumps(update).encode()
        try:
            parsed = parse_update(raw)
        except Unreadable as error:
            found.append(PolledUpdate(update["update_id"], 0, None, str(error), raw))
        else:
            found.append(PolledUpdate(update["update_id"], parsed.chat_id if parsed else 0, parsed, raw=raw))
    return found
