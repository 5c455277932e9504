"""A real bot's updates on their way to the webhook of the local cloud."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from localstack.long_polling import LongPolling
from localstack.telegram import TelegramStandIn
from pisar.adapters.loop_thread import end_loop

TOKEN = "123456:AAF-made_up_for_tests"
DEADLINE_SECONDS = 60.0


class Webhook(ThreadingHTTPServer):
    """Takes updates, and what it answers to each chat's; 200 unless told otherwise."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[int, int] = {}
        self.seen: list[int] = []
        self.secrets: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/telegram"


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        chat = update["message"]["chat"]["id"]
        self.server.secrets.add(self.headers["X-Telegram-Bot-Api-Secret-Token"])
        self.server.seen.append(chat)
        self.send_response(self.server.answers.get(chat, 200))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    telegram = TelegramStandIn(TOKEN)
    telegram.url = asyncio.run_coroutine_threadsafe(telegram.start(), loop).result(60)  # type: ignore[attr-defined]
    yield telegram
    asyncio.run_coroutine_threadsafe(telegram.stop(), loop).result(60)
    end_loop(loop, thread)


def until(done, what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.mark.parametrize("status", [500, 503])
def test_an_update_that_is_never_taken_holds_nobody_elses_up(telegram: TelegramStandIn, webhook: Webhook, status: int):
    webhook.answers[1] = status
    lines: list[tuple[str, str]] = []
    polling = LongPolling(telegram.url, TOKEN, webhook.url, "hush", lambda *line: lines.append(line))  # type: ignore[attr-defined]
    for chat in (1, 2, 3):
        telegram.text(chat, "hello")
    polling.start()
    try:
        until(lambda: {2, 3} <= set(webhook.seen), "those of the others")
        until(lambda: webhook.seen.count(1) > 1, "another try")
        webhook.answers.clear()
        until(lambda: telegram.pending_count() == 0, "all taken")
    finally:
        polling.stop()
    assert sorted(set(webhook.seen)) == [1, 2, 3]
    assert (webhook.seen.count(2), webhook.seen.count(3)) == (1, 1)
    assert webhook.secrets == {"hush"}
    assert any(f"the webhook answered {status}" in line for _, line in lines)
    assert not [line for _, line in lines if TOKEN in line or "hush" in line]
