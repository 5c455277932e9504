"""Updates on their way to the bot's webhook.

Those of one chat go in order, one at a time; those of different chats at the same time, up to `max_connections`. Any 2xx
answer settles an update. Anything else is sent again: after `first_retry_seconds`, then after twice that and so on up to
a minute, or when the answer's `Retry-After` says, until `give_up_seconds` have passed since the first attempt.
"""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from localstack.telegram.params import Params, understood
from localstack.telegram.views import Attempt, Delivery
from localstack.telegram.world import Webhook, World

MAX_RETRY_SECONDS = 60.0
MAX_RETRY_AFTER_SECONDS = 3600.0
_NOT_IN_ANSWERS = ("setwebhook", "deletewebhook", "close", "logout")


@dataclass(slots=True, kw_only=True)
class Patience:
    """How long the stand-in waits for a webhook, and how long it keeps trying. Seconds."""

    timeout_seconds: float
    first_retry_seconds: float
    give_up_seconds: float


class Courier:
    """Takes pending updates to the webhook. Lives in one event loop; `look` and `close` are called there."""

    def __init__(self, world: World, patience: Patience, execute: Callable[[str, Params], None]) -> None:
        self._world = world
        self._patience = patience
        self._execute = execute
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
        self._lanes: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._generation = -1
        self._slots = asyncio.Semaphore(1)

    def look(self) -> None:
        """See to it that every pending update has someone to carry it, under the webhook set now."""
        world = self._world
        with world.condition:
            if world.webhook_generation != self._generation:
                self._generation = world.webhook_generation
                self._cancel()
                self._slots = asyncio.Semaphore(world.webhook.max_connections if world.webhook else 1)
            if world.webhook is None:
                return
            for lane in {_lane(update) for update in world.pending}:
                if lane not in self._lanes or self._lanes[lane].done():
                    self._lanes[lane] = asyncio.get_running_loop().create_task(self._run(lane, world.webhook, self._slots))

    async def close(self) -> None:
        """Stop carrying."""
        lanes = list(self._lanes.values())
        self._cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        await self._session.close()

    async def push(self, update: dict[str, Any], times: int, *, at_once: bool) -> list[Attempt]:
        """POST an update so many times, at the same time or one after another, whatever the answers; nothing is re-sent."""
        hook = self._world.webhook
        if hook is None:
            raise LookupError("no webhook is set")
        if at_once:
            attempts = list(await asyncio.gather(*(self._attempt(update, hook) for _ in range(times))))
        else:
            attempts = [await self._attempt(update, hook) for _ in range(times)]
        if any(_settles(attempt.status) for attempt in attempts):
            with self._world.change():
                self._delivery(update).state = "delivered"
        return attempts

    def _cancel(self) -> None:
        for task in self._lanes.values():
            task.cancel()
        self._lanes = {}

    async def _run(self, lane: tuple[str, int], hook: Webhook, slots: asyncio.Semaphore) -> None:
        while True:
            with self._world.condition:
                update = next((one for one in self._world.pending if _lane(one) == lane), None)
            if update is None:
                return
            state = await self._carry(update, hook, slots)
            with self._world.change():
                self._delivery(update).state = state
                with suppress(ValueError):  # dropped meanwhile by drop_pending_updates
                    self._world.pending.remove(update)

    async def _carry(self, update: dict[str, Any], hook: Webhook, slots: asyncio.Semaphore) -> str:
        give_up_at = time.monotonic() + self._patience.give_up_seconds
        delay = self._patience.first_retry_seconds
        while True:
            async with slots:
                attempt = await self._attempt(update, hook)
            if _settles(attempt.status):
                return "delivered"
            wait = attempt.retry_after or delay
            delay = min(delay * 2, MAX_RETRY_SECONDS)
            if time.monotonic() + wait > give_up_at:
                return "dropped"
            await asyncio.sleep(wait)

    async def _attempt(self, update: dict[str, Any], hook: Webhook) -> Attempt:
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        started_at, started_unix = time.monotonic(), time.time()
        status = error = retry_after = reply = None
        try:
            async with self._session.post(
                hook.url,
                json=update,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self._patience.timeout_seconds),
            ) as answer:
                body = await answer.read()
                status = answer.status
                if _settles(status):
                    reply = _method_in(answer.headers.get("Content-Type", ""), body)
                else:
                    error = f"Wrong response from the webhook: {status} {answer.reason}"
                    retry_after = _seconds(answer.headers.get("Retry-After", ""))
        except TimeoutError:
            error = "Read timeout expired"
        except aiohttp.ClientConnectorError:
            error = "Connection refused"
        except aiohttp.ClientError:
            error = "Connection closed by the webhook"
        seconds = time.monotonic() - started_at
        attempt = Attempt(
            started_at=started_at, started_unix=started_unix, seconds=seconds, status=status, error=error, retry_after=retry_after
        )
        with self._world.change():
            self._delivery(update).attempts.append(attempt)
            if error:
                self._world.webhook_error = (int(time.time()), error)
        if reply:
            self._execute(*reply)
        return attempt

    def _delivery(self, update: dict[str, Any]) -> Delivery:
        return self._world.deliveries.setdefault(update["update_id"], Delivery(update_id=update["update_id"]))


def _lane(update: dict[str, Any]) -> tuple[str, int]:
    """Return what an update waits its turn behind: presses by person, all else by chat, each sort by itself.

    So does the reference server number its queues (Client.cpp, webhook_queue_id).
    """
    kind = next(name for name in update if name != "update_id")
    body = update[kind]
    if kind == "callback_query":
        return kind, body["from"]["id"]
    return kind, body.get("chat", body.get("user", {})).get("id", 0)


def _method_in(content_type: str, body: bytes) -> tuple[str, Params] | None:
    """Return the method a webhook asks for in its answer; those that read something or change the webhook are not allowed."""
    if not body or "json" not in content_type:
        return None
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    name = str(fields.pop("method", ""))
    if not name or name.lower().startswith("get") or name.lower() in _NOT_IN_ANSWERS:
        return None
    return name, Params({key: understood(key, value) for key, value in fields.items()})


def _settles(status: int | None) -> bool:
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _seconds(retry_after: str) -> float | None:
    return min(float(retry_after), MAX_RETRY_AFTER_SECONDS) if retry_after.isdigit() else None
