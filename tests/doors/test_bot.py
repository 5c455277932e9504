"""The bot's own process, as on a VM: asking Telegram for updates, and told of them at its webhook."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from localstack.faults import Action, Fault
from localstack.stack import ROOT
from localstack.telegram import TelegramStandIn, flood
from pisar.domain.jobs import job_id
from tests.support.brokers import free_port

from .conftest import SECRET, VOICE, Surroundings

pytestmark = pytest.mark.slow

TOKEN = "654321:AAF-of_the_bot_by_itself"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CHATS = count(81_001)
DEADLINE_SECONDS = 60
AT_ONCE_SECONDS = 6
"""Far below the eight seconds of a poll that waits, and far above what a process takes to end on a busy machine."""


class Process:
    """A bot that runs; `log` is what it has written."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.file = folder / f"bot-{next(CHATS)}.log"
        with self.file.open("wb") as output:
            command = [sys.executable, str(ROOT / "containers" / "transcriber" / "bot.py")]
            self._process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)

    @property
    def log(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def lines(self, message: str) -> list[dict[str, Any]]:
        read = [json.loads(line) for line in self.log.splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in read if line["message"] == message]

    def says(self, message: str) -> dict[str, Any]:
        """Wait for a line with this message, and return it."""
        (line, *_) = self.wait_for(lambda: self.lines(message), message)
        return line

    def wait_for(self, predicate: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (found := predicate()):
            assert self._process.poll() is None, f"the bot ended:\n{self.log}"
            assert time.monotonic() < deadline, f"no {what}:\n{self.log}"
            time.sleep(0.02)
        return found

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Tell it to stop; return how many seconds it took to end well."""
        began = time.monotonic()
        self._process.send_signal(how)
        assert self._process.wait(DEADLINE_SECONDS) == 0, self.log
        assert [line for line in self.log.splitlines() if not line.startswith("{") or '"ERROR"' in line] == []
        return time.monotonic() - began

    def ended(self) -> int:
        return self._process.wait(DEADLINE_SECONDS)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def telegram(surroundings: Surroundings) -> Iterator[TelegramStandIn]:
    telegram = TelegramStandIn(TOKEN)
    telegram.api_url = surroundings.run(telegram.start())  # type: ignore[attr-defined]
    yield telegram
    surroundings.run(telegram.stop())


@pytest.fixture
def start(surroundings: Surroundings, telegram: TelegramStandIn, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    processes: list[Process] = []

    def start(**settings: str) -> Process:
        ours = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.api_url, "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}  # type: ignore[attr-defined]
        needed = {name: value for name, value in surroundings.settings["webhook"].items() if name != "TELEGRAM_WEBHOOK_SECRET"}
        processes.append(Process(needed | ours | settings, tmp_path))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
    surroundings.storage.clear_faults()
    surroundings.taken_jobs()


@pytest.fixture
def chat() -> int:
    return next(CHATS)


def polls(telegram: TelegramStandIn) -> int:
    return len(telegram.calls("getUpdates"))


def test_an_update_that_was_asked_for_is_a_job_and_telegram_is_told_so(
    surroundings: Surroundings, telegram: TelegramStandIn, start: Callable[..., Process], chat: int
):
    bot = start()
    update = telegram.voice(chat, VOICE, seconds=2)
    bot.wait_for(lambda: telegram.pending_count() == 0, "an update that is done")
    expected = job_id("telegram", chat, update["message"]["message_id"])
    assert [json.loads(body) for body in surroundings.taken_jobs()] == [{"job_id": expected}]
    assert {json.loads(line)["source"] for line in bot.log.splitlines()} == {"bot"}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_bot_that_waits_for_updates_ends_at_once(telegram: TelegramStandIn, start: Callable[..., Process], how: signal.Signals):
    bot = start()
    bot.wait_for(lambda: polls(telegram), "poll")
    bot.says("the bot is set up")
    assert bot.stop(how) < AT_ONCE_SECONDS


def test_a_bot_whose_telegram_is_silent_ends_at_once(telegram: TelegramStandIn, start: Callable[..., Process]):
    telegram.faults.add(Fault(action=Action.HANG, path="/", seconds=300, times=100))
    bot = start()
    bot.says("polling")
    bot.wait_for(lambda: len(telegram.faults.fired) >= 2, "two calls: its face, and the webhook to be taken away")
    assert bot.stop() < AT_ONCE_SECONDS


def test_an_update_that_a_stop_cut_short_comes_again_and_is_answered_once(
    surroundings: Surroundings, telegram: TelegramStandIn, start: Callable[..., Process], chat: int
):
    telegram.faults.add(Fault(action=Action.HANG, path="/getFile", seconds=1.5))
    bot = start()
    update = telegram.voice(chat, VOICE, seconds=2)
    bot.wait_for(lambda: telegram.faults.fired, "an update in hand")
    bot.stop()
    assert (telegram.pending_count(), surroundings.taken_jobs()) == (1, [])
    again = start()
    again.wait_for(lambda: telegram.pending_count() == 0, "an update that is done")
    again.stop()
    assert len(surroundings.taken_jobs()) == 1
    assert len(telegram.answers(chat)) == 1
    third = start()
    third.wait_for(lambda: third.lines("polling") and telegram.calls("getUpdates")[-1].params["offset"] == 0, "poll")
    third.stop()
    assert surroundings.taken_jobs() == []
    assert update["update_id"] not in [call.params["offset"] for call in telegram.calls("getUpdates")]


def test_what_was_done_before_a_stop_is_told_although_the_next_of_the_chat_was_not(
    telegram: TelegramStandIn, start: Callable[..., Process], chat: int
):
    telegram.text(chat, "/start")
    telegram.faults.add(Fault(action=Action.HANG, path="/getFile", seconds=1.5))
    voice = telegram.voice(chat, VOICE, seconds=2)
    bot = start()
    bot.wait_for(lambda: telegram.faults.fired, "the second update in hand")
    bot.stop()
    assert telegram.calls("getUpdates")[-1].params["offset"] == voice["update_id"]
    assert telegram.pending_count() == 1


def test_a_token_that_nobody_knows_ends_it_with_a_reason(start: Callable[..., Process]):
    bot = start(TELEGRAM_BOT_TOKEN="654321:another")
    assert bot.ended() == 1
    assert "Telegram does not know this bot: correct TELEGRAM_BOT_TOKEN, or TELEGRAM_API_URL" in bot.log
    assert "Traceback" not in bot.log
    assert "654321:another" not in bot.log


def test_who_else_asks_is_told_in_the_log_and_it_goes_on(telegram: TelegramStandIn, start: Callable[..., Process], chat: int):
    bot = start()
    bot.wait_for(lambda: polls(telegram), "poll")
    requests.post(f"{telegram.api_url}/bot{TOKEN}/getUpdates", json={}, timeout=60)  # type: ignore[attr-defined]
    assert "another program asks for this bot's updates too" in bot.says("no updates")["why"]
    telegram.text(chat, "/start")
    bot.wait_for(lambda: telegram.answers(chat), "answer")


def test_a_webhook_set_meanwhile_is_told_in_the_log(telegram: TelegramStandIn, start: Callable[..., Process]):
    bot = start()
    bot.wait_for(lambda: polls(telegram), "poll")
    requests.post(f"{telegram.api_url}/bot{TOKEN}/setWebhook", json={"url": "http://127.0.0.1:9/"}, timeout=60)  # type: ignore[attr-defined]
    assert "set TELEGRAM_WEBHOOK_URL" in bot.says("no updates")["why"]


def test_a_telegram_that_has_enough_is_left_alone_for_as_long_as_it_says(
    telegram: TelegramStandIn, start: Callable[..., Process], chat: int
):
    telegram.faults.add(flood("/getUpdates", retry_after=5))
    bot = start()
    refused = bot.says("no updates")
    assert "Too Many Requests" in refused["why"]
    telegram.text(chat, "/start")
    bot.wait_for(lambda: telegram.answers(chat), "answer")
    first, second, *_ = telegram.calls("getUpdates")
    assert second.started_at - first.started_at >= 5


def test_a_telegram_that_is_not_there_is_waited_for(start: Callable[..., Process]):
    bot = start(TELEGRAM_API_URL=f"http://127.0.0.1:{free_port()}")
    bot.says("not polling yet")
    bot.says("the bot is not set up yet")
    assert bot.stop() < AT_ONCE_SECONDS


# Told at a webhook. tests/brokers/test_doors.py has what each update is answered.


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as held:  # bound, so that no other program is given the port before the bot listens on it
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def listening(start: Callable[..., Process], port: int) -> Process:
    bot = start(TELEGRAM_WEBHOOK_URL="https://bot.example/telegram", TELEGRAM_WEBHOOK_SECRET=SECRET, PORT=str(port))

    def answers() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).json() == {"status": "ok"}
        except requests.ConnectionError:
            return False

    bot.wait_for(answers, "bot that listens")
    return bot


def told(port: int, update: Any) -> requests.Response:
    return requests.post(f"http://127.0.0.1:{port}/telegram", json=update, headers={HEADER: SECRET}, timeout=60)


def test_an_update_told_three_times_at_the_webhook_is_one_job(
    surroundings: Surroundings, telegram: TelegramStandIn, listening: Process, port: int, chat: int
):
    update = telegram.voice(chat, VOICE, seconds=2, held=True)
    assert [told(port, update).status_code for _ in range(3)] == [200] * 3
    assert len(surroundings.taken_jobs()) == 1
    assert len(telegram.answers(chat)) == 1


def test_an_update_that_fails_for_now_is_asked_for_again(
    surroundings: Surroundings, telegram: TelegramStandIn, listening: Process, port: int, chat: int
):
    telegram.faults.add(flood("/getFile", retry_after=30))
    update = telegram.voice(chat, VOICE, seconds=2, held=True)
    answer = told(port, update)
    assert (answer.status_code, answer.headers["Retry-After"], surroundings.taken_jobs()) == (503, "30", [])
    assert told(port, update).status_code == 200
    assert len(surroundings.taken_jobs()) == 1


def test_an_endless_body_is_cut_off_at_a_megabyte(listening: Process, port: int):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/telegram")
    connection.putheader(HEADER, SECRET)
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders(b"")
    for _ in range(17):
        connection.send(b"10000\r\n%b\r\n" % bytes(2**16))
    assert connection.getresponse().status == 413  # the last part never comes
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/telegram", 405), ("PUT", "/telegram", 405), ("POST", "/healthz", 405), ("GET", "/", 404)],
)
def test_other_calls_are_refused(listening: Process, port: int, method: str, path: str, status: int):
    answer = requests.request(method, f"http://127.0.0.1:{port}{path}", headers={HEADER: SECRET}, timeout=60)
    assert answer.status_code == status


def test_the_update_in_hand_is_received_before_a_bot_that_listens_ends(
    surroundings: Surroundings, telegram: TelegramStandIn, listening: Process, port: int, chat: int
):
    listening.says("the bot is set up")
    telegram.faults.add(Fault(action=Action.HANG, path="/sendChatAction|/getFile", seconds=1.0))
    update = telegram.voice(chat, VOICE, seconds=2, held=True)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("POST", "/telegram", json.dumps(update), {HEADER: SECRET, "Content-Type": "application/json"})
    listening.wait_for(lambda: telegram.faults.fired, "an update in hand")
    listening.stop()
    assert line.getresponse().status in {200, 503}
    line.close()
