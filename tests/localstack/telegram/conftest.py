"""A running stand-in, a plain client of its Bot API, and a webhook that answers as a test tells it."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from localstack.telegram import TelegramStandIn
from pisar.adapters.loop_thread import end_loop

TOKEN = "123456:AAF-made_up"
PERSON = 42
DEADLINE = 60.0


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(DEADLINE)

    def close(self):
        end_loop(self.loop, self.thread)


class Client:
    """The Bot API as a program without a library calls it."""

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, method, files=None, token=TOKEN, **arguments):
        return self.session.post(
            f"{self.url}/bot{token}/{method}",
            json=None if files else arguments,
            data=arguments if files else None,
            files=files,
            timeout=DEADLINE,
        )

    def __call__(self, method, files=None, **arguments):
        """Return the result, or (code, description) of a refusal."""
        answer = self.post(method, files, **arguments).json()
        return answer["result"] if answer["ok"] else (answer["error_code"], answer["description"])

    def download(self, file_path):
        return self.session.get(f"{self.url}/file/bot{TOKEN}/{file_path}", timeout=DEADLINE)


class Receiver:
    """A webhook. `answers` are (status, body, headers) or "drop", used in order; when they run out, 200. `gate` holds answers back."""

    def __init__(self):
        self.answers = []
        self.received = []
        self.secrets = []
        self.times = []
        self.busy = 0
        self.most_busy = 0
        self.gate = threading.Event()
        self.gate.set()
        self.lock = threading.Condition()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def handler(receiver):  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with receiver.lock:
                    receiver.received.append(update)
                    receiver.secrets.append(self.headers["X-Telegram-Bot-Api-Secret-Token"])
                    receiver.times.append(time.monotonic())
                    receiver.busy += 1
                    receiver.most_busy = max(receiver.busy, receiver.most_busy)
                    answer = receiver.answers.pop(0) if receiver.answers else (200, b"", {})
                    receiver.lock.notify_all()
                receiver.gate.wait(DEADLINE)
                with receiver.lock:
                    receiver.busy -= 1
                if answer == "drop":
                    self.close_connection = True
                    return
                status, body, headers = answer
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                with suppress(ConnectionError):  # the stand-in has lost patience
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def wait_for(self, count):
        with self.lock:
            assert self.lock.wait_for(lambda: len(self.received) >= count, DEADLINE)
            return list(self.received)

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def make(loop):
    """Start a stand-in with the settings a test wants; return it and a client of it."""
    running = []

    def start(**settings):
        standin = TelegramStandIn(TOKEN, **settings)
        url = loop.run(standin.start())
        running.append(standin)
        return standin, Client(url)

    yield start
    for standin in running:
        loop.run(standin.stop())


@pytest.fixture
def pair(make):
    return make(webhook_first_retry_seconds=0.02)


@pytest.fixture
def telegram(pair):
    return pair[0]


@pytest.fixture
def api(pair):
    return pair[1]


@pytest.fixture
def person(telegram):
    """A person who has written to the bot, so that it may write to them."""
    telegram.text(PERSON, "/start")
    return PERSON


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
