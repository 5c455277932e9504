"""The bot's webhook door: whoever does not show Telegram's secret is answered before a byte of body is asked for."""

import asyncio
import importlib.util
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from localstack.stack import ROOT
from pisar.wiring.bot import Bot
from pisar.wiring.environment import Secret
from pisar.wiring.settings import Server
from pisar.wiring.webhook import Webhook

SECRET = "hush"
UPDATE = b'{"update_id": 1}'


@cache
def door() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bots_door", ROOT / "containers" / "transcriber" / "bot.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def asked(shown: str | None, parts: list[bytes]) -> tuple[int, int, list[bytes]]:
    """Return the status, how many parts of the body were taken, and the updates that were received."""
    received: list[bytes] = []
    taken, statuses = 0, []
    webhook = Webhook(Secret(SECRET), received.append, lambda _: None, lambda: None)
    bot = Bot(webhook, "https://bot.example/telegram", lambda: None, lambda _: None, Server(port=0))
    headers = [] if shown is None else [(b"x-telegram-bot-api-secret-token", shown.encode("latin-1"))]
    scope = {"type": "http", "method": "POST", "path": "/telegram", "query_string": b"", "headers": headers}

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": parts[taken - 1], "more_body": taken < len(parts)}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(door().application(bot)(scope, receive, send))
    (status,) = statuses
    return status, taken, received


@pytest.mark.parametrize("shown", [None, "", "hus", "hush-hush", "\xff"])
def test_without_the_secret_no_body_is_read(shown: str | None):
    assert asked(shown, [UPDATE]) == (403, 0, [])


def test_with_it_the_update_is_received_whole():
    assert asked(SECRET, [UPDATE[:5], UPDATE[5:]]) == (200, 2, [UPDATE])


def test_an_update_is_held_to_its_size_and_no_more_of_it_is_read():
    kilobyte = bytes(1024)
    assert asked(SECRET, [kilobyte] * 256) == (200, 256, [kilobyte * 256])
    assert asked(SECRET, [kilobyte] * 1000) == (413, 257, [])
