"""A real bot served from a machine without a public address: updates are fetched from Telegram and posted to the webhook.

An update counts as taken only after the webhook's 2xx, so nothing is lost when the webhook fails: `getUpdates` gives it again.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp

POLL_SECONDS = 50
"""The longest poll the Bot API server allows."""

PAUSE_SECONDS = 2.0


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
        """Begin to poll. Raises RuntimeError when the token is wrong or the bot has a webhook elsewhere, which polling would break."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POLL_SECONDS + 20))
        webhook = await self._ask("getWebhookInfo")
        if webhook["url"]:
            raise RuntimeError("this bot has a webhook set elsewhere; call deleteWebhook first, or use another bot here")
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
                updates = await self._ask("getUpdates", offset=self._offset, timeout=POLL_SECONDS, allowed_updates=["message"])
                for update in updates:
                    await self._deliver(update)
                    self._offset = update["update_id"] + 1
            except (aiohttp.ClientError, TimeoutError, RuntimeError, OSError) as error:
                # The URL of the error holds the token: only its kind is told.
                self._log("polling failed, trying again", type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), PAUSE_SECONDS)

    async def _deliver(self, update: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret}
        async with self._session.post(self._webhook_url, json=update, headers=headers) as answer:
            if not answer.ok:
                raise RuntimeError(f"the webhook answered {answer.status}")

    async def _ask(self, method: str, **params: Any) -> Any:
        async with self._session.post(f"{self._method_url}/{method}", json=params) as answer:
            reply = await answer.json(content_type=None)
        if not reply.get("ok"):
            raise RuntimeError(f"Telegram answered {reply.get('error_code')}: {reply.get('description')}")
        return reply["result"]

    def _log(self, message: str, why: str) -> None:
        self._on_line("long_polling", json.dumps({"message": message, "why": why, "level": "WARN"}))
