"""The Bot API's getUpdates behind port UpdateSource, over aiogram's session.

Each update is parsed by itself: aiogram's own method refuses a whole answer for one update that it does not know.
"""

import json
from collections.abc import Sequence
from typing import Any

from aiohttp import ClientTimeout

from pisar.adapters.telegram.connection import Connection
from pisar.adapters.telegram.updates import parse_update
from pisar.domain.bots import WANTED_UPDATES
from pisar.errors import Misconfigured, Unavailable, Unreadable
from pisar.ports import PolledUpdate

LONGEST_SECONDS = 50
"""The longest poll that the Bot API allows."""

MARGIN_SECONDS = 15.0
_UNKNOWN_BOT = (401, 404)


class AiogramUpdateSource:
    """One bot's updates. For one thread at a time; nothing is connected before the first call."""

    def __init__(self, token: str, *, api_url: str = "https://api.telegram.org") -> None:
        self._connection = Connection(token, api_url=api_url, timeout_seconds=LONGEST_SECONDS + MARGIN_SECONDS)
        self._url = self._connection.session.api.api_url(token, "getUpdates")

    def begin(self) -> None:
        """Take the bot's webhook away, with which the Bot API lets nobody poll; waiting updates stay."""
        self._connection.run(self._connection.bot.delete_webhook(drop_pending_updates=False))

    def fetch(self, offset: int, *, seconds: int) -> list[PolledUpdate]:
        """Return the updates from `offset` on, as the port says."""
        answer = self._connection.run(self._ask(offset, seconds))
        if not isinstance(answer, dict) or "ok" not in answer:
            raise Unavailable("what is at TELEGRAM_API_URL does not speak the Bot API")
        if not answer["ok"]:
            raise _refused(answer)
        return _polled(answer["result"])

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    async def _ask(self, offset: int, seconds: int) -> Any:
        session = await self._connection.session.create_session()
        asked = {"offset": offset, "timeout": seconds, "allowed_updates": list(WANTED_UPDATES)}
        async with session.post(self._url, json=asked, timeout=ClientTimeout(total=seconds + MARGIN_SECONDS)) as answer:
            text = await answer.text()
        try:
            return json.loads(text)
        except ValueError:  # a proxy's page
            return None


def _refused(answer: dict[str, Any]) -> Misconfigured | Unavailable:
    code, described = answer.get("error_code"), str(answer.get("description", ""))
    if code in _UNKNOWN_BOT:
        return Misconfigured("Telegram does not know this bot: correct TELEGRAM_BOT_TOKEN, or TELEGRAM_API_URL")
    after = (answer.get("parameters") or {}).get("retry_after")
    return Unavailable(f"Telegram: {described}", after_seconds=float(after) if after else None)


def _polled(updates: Sequence[dict[str, Any]]) -> list[PolledUpdate]:
    found = []
    for update in updates:
        try:
            parsed = parse_update(json.dumps(update).encode())
        except Unreadable as error:
            found.append(PolledUpdate(update["update_id"], 0, None, str(error)))
        else:
            found.append(PolledUpdate(update["update_id"], parsed.chat_id if parsed else 0, parsed))
    return found
