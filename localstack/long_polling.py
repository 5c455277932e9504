"""A real bot served from a machine without a public address: updates are fetched from Telegram and posted to the webhook.

An update counts as taken only after the webhook's 2xx, so nothing is lost when the webhook fails: `getUpdates` gives it again.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp

from localstack.failures import CannotStart
from pisar.domain.bots import WANTED_UPDATES

POLL_SECONDS = 50
"""The longest poll the Bot API server allows."""

PAUSE_SECONDS = 2.0
_UNKNOWN_BOT = (401, 404)


class _Refused(Exception):
    """An answer that is no success; its text carries no token."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code = code


# ValueError: an answer that is not JSON, as a proxy's page. Whatever else is wrong, polling goes on.
_PASSING = (_Refused, aiohttp.ClientError, TimeoutError, OSError, ValueError)


class LongPolling:
    """Feeds one bot's updates to a webhook. Its methods belong to the loop's thread; `on_line` gets its log lines."""

    def __init__(self, api_url: str, token: str, webhook_url: str, secret: str, on_line: Callable[[str, str], None]) -> None:
        self._method_url = f"{api_url}/bot{token}"
        self._webhook_url = webhook_url
        self._secret = secret
        self._on_line = on_line
        self._offset = 0
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession

    async def start(self) -> None:
        """Begin to poll. Raises CannotStart when Telegram does not know the bot or can't be reached.

        Also when the bot has a webhook elsewhere, which polling would break.
        """
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POLL_SECONDS + 20))
        try:
            webhook = await self._ask("getWebhookInfo")
        except _Refused as refusal:
            hint = "; check TELEGRAM_BOT_TOKEN" if refusal.code in _UNKNOWN_BOT else ""
            raise CannotStart(f"{refusal}{hint}") from None
        except _PASSING as error:  # its text may hold the URL, and so the token
            raise CannotStart(f"Telegram can't be reached at TELEGRAM_API_URL ({type(error).__name__})") from None
        if webhook["url"]:
            raise CannotStart("this bot has a webhook set elsewhere; call deleteWebhook first, or use another bot here")
        self._task = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Stop polling; the update being delivered is given again by Telegram if it was not answered."""
        self._stopping.set()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._session.close()

    async def _poll(self) -> None:
        while not self._stopping.is_set():
            try:
                updates = await self._ask("getUpdates", offset=self._offset, timeout=POLL_SECONDS, allowed_updates=list(WANTED_UPDATES))
                for update in updates:
                    await self._deliver(update)
                    self._offset = update["update_id"] + 1
            except _PASSING as error:
                # The URL of a foreign error holds the token: only its kind is told.
                why = str(error) if isinstance(error, _Refused) else type(error).__name__
                self._log("polling failed, trying again", why)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), PAUSE_SECONDS)

    async def _deliver(self, update: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret}
        async with self._session.post(self._webhook_url, json=update, headers=headers) as answer:
            if not answer.ok:
                raise _Refused(answer.status, f"the webhook answered {answer.status}")

    async def _ask(self, method: str, **params: Any) -> Any:
        async with self._session.post(f"{self._method_url}/{method}", json=params) as answer:
            reply = await answer.json(content_type=None)
        if not isinstance(reply, dict) or "ok" not in reply:
            raise _Refused(answer.status, f"what is at TELEGRAM_API_URL does not speak the Bot API (status {answer.status})")
        if not reply["ok"]:
            raise _Refused(answer.status, f"Telegram answered {reply.get('error_code')}: {reply.get('description')}")
        return reply["result"]

    def _log(self, message: str, why: str) -> None:
        self._on_line("long_polling", json.dumps({"message": message, "why": why, "level": "WARN"}))
