"""`up` with a bot's token: a real Bot API server is polled, and every update goes through the webhook function."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from localstack.cloud.storage import StorageServer
from localstack.faults import Action, Fault
from localstack.telegram import TelegramStandIn
from pisar.adapters.loop_thread import end_loop
from pisar.bot.texts import TEXTS

from .conftest import SPOKEN, eventually, voice
from .processes import READY, Up, plain

pytestmark = pytest.mark.slow

TOKEN = "123456:AAF-made_up_for_tests"
BY_POLLING = "Your bot is served by long polling"
ANSWER_SECONDS = 60
PERSON = 4242
HTML = b"<html>502 Bad Gateway</html>"


class Telegram(TelegramStandIn):
    """Telegram, in a loop of its own and without a webhook; people in it speak Russian."""

    def __init__(self) -> None:
        super().__init__(TOKEN)
        self._own_loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._own_loop.run_forever, daemon=True)
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self.start(), self._own_loop).result(60)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.stop(), self._own_loop).result(60)
        end_loop(self._own_loop, self._thread)

    def say(self) -> None:
        self.voice(PERSON, voice(), seconds=2, language_code="ru")

    def texts(self) -> list[str]:
        return [answer.now.text for answer in self.answers(PERSON)]

    def wait_for_texts(self, *texts: str) -> None:
        self.wait_for(lambda: self.texts() == list(texts), ANSWER_SECONDS)


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    telegram = Telegram()
    yield telegram
    telegram.close()


def serving(folder: Path, telegram: Telegram, *, allowed: str | None = "*") -> Up:
    return Up(folder, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url, **({"TELEGRAM_ALLOWED_IDS": allowed} if allowed else {}))


@pytest.fixture
def up(tmp_path: Path, telegram: Telegram) -> Iterator[Up]:
    up = serving(tmp_path, telegram)
    yield up
    up.close()


def test_a_voice_gets_its_answer_and_the_token_stays_unsaid(telegram: Telegram, up: Up):
    up.wait_for(BY_POLLING)
    telegram.say()
    telegram.wait_for_texts(SPOKEN["ru-1.ogg"])
    assert telegram.calls("setWebhook") == []
    assert up.stop() == 0
    assert telegram.pending_count() <= 1  # the last update is confirmed by the next poll
    assert TOKEN not in up.output + up.logs()
    assert TOKEN.partition(":")[2] not in up.output + up.logs()


def test_what_was_written_while_nobody_polled_is_answered_in_order(telegram: Telegram, tmp_path: Path):
    for name in ("ru-1.ogg", "ru-3.ogg"):
        telegram.voice(PERSON, voice(name), seconds=2, language_code="ru")
    telegram.text(PERSON, "hello")
    up = serving(tmp_path, telegram)
    try:
        up.wait_for(BY_POLLING)
        telegram.wait_for_texts(SPOKEN["ru-1.ogg"], SPOKEN["ru-3.ogg"], TEXTS["ru"]["hint"])
        telegram.wait_for(lambda: not telegram.pending_count())
    finally:
        up.close()


def test_a_real_bot_is_private_until_its_owner_says_otherwise(telegram: Telegram, tmp_path: Path):
    up = serving(tmp_path, telegram, allowed=None)
    try:
        up.wait_for(BY_POLLING)
        telegram.say()
        telegram.wait_for_texts(TEXTS["ru"]["not_allowed"].format(id=PERSON))
    finally:
        up.close()


def test_a_webhook_that_fails_loses_no_update(telegram: Telegram, up: Up):
    up.wait_for(BY_POLLING)
    storage = StorageServer()
    storage.url = up.values()["AWS_ENDPOINT_URL_S3"]
    storage.add_fault(Fault(action=Action.DROP, caller="app/webhook", times=12))
    telegram.say()
    telegram.wait_for_texts(SPOKEN["ru-1.ogg"])
    assert len(storage.fired()) == 12
    assert "the webhook answered 503" in up.logs()


def test_a_bot_stopped_half_way_answers_once_it_runs_again(telegram: Telegram, tmp_path: Path):
    telegram.faults.add(Fault(action=Action.DROP, path="/sendMessage", times=10_000))
    first = serving(tmp_path / "first", telegram)
    try:
        first.wait_for(BY_POLLING)
        telegram.say()
        telegram.wait_for(lambda: telegram.faults.fired, ANSWER_SECONDS)
        assert first.stop() == 0
    finally:
        first.close()
    telegram.faults.clear()
    second = serving(tmp_path / "second", telegram)
    try:
        telegram.wait_for_texts(SPOKEN["ru-1.ogg"])
    finally:
        second.close()


def test_polling_outlives_what_telegram_answers_on_a_bad_day(telegram: Telegram, up: Up):
    up.wait_for(BY_POLLING)
    telegram.say()  # ends the poll in progress
    telegram.wait_for_texts(SPOKEN["ru-1.ogg"])
    telegram.faults.add(Fault(action=Action.STATUS, path="/getUpdates", status=502, body=HTML, headers={"Content-Type": "text/html"}))
    telegram.faults.add(Fault(action=Action.STATUS, path="/getUpdates", status=200, body=b"null"))
    telegram.faults.add(Fault(action=Action.DROP, path="/getUpdates"))
    telegram.say()
    telegram.wait_for(lambda: len(telegram.faults.fired) == 3, ANSWER_SECONDS)
    telegram.say()
    telegram.wait_for_texts(*[SPOKEN["ru-1.ogg"]] * 3)


@pytest.mark.parametrize("token", ["123456:wrong", "nonsense", "12/34:../x"])
def test_a_wrong_token_is_told_and_not_repeated(telegram: Telegram, tmp_path: Path, token: str):
    up = Up(tmp_path, TELEGRAM_BOT_TOKEN=token, TELEGRAM_API_URL=telegram.url)
    try:
        assert up.ended() == 1
        assert "TELEGRAM_BOT_TOKEN" in plain(up.output)
        assert "Traceback" not in up.output
        assert token not in up.output + up.logs()
        assert READY not in up.output
    finally:
        up.close()


def test_a_telegram_that_does_not_answer_is_told(tmp_path: Path):
    up = Up(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9")
    try:
        assert up.ended() == 1
        assert "Telegram can't be reached at TELEGRAM_API_URL" in plain(up.output)
        assert "Traceback" not in up.output
        assert TOKEN not in up.output
    finally:
        up.close()


def test_a_bot_with_a_webhook_elsewhere_is_refused_and_its_webhook_left(telegram: Telegram, tmp_path: Path):
    webhook = {"url": "https://elsewhere.example/hook"}
    assert requests.post(f"{telegram.url}/bot{TOKEN}/setWebhook", json=webhook, timeout=60).json()["ok"]
    up = serving(tmp_path, telegram)
    try:
        assert up.ended() == 1
        assert "this bot has a webhook set elsewhere; call deleteWebhook first, or use another bot here" in plain(up.output)
        assert "Traceback" not in up.output
    finally:
        up.close()
    assert telegram.calls("deleteWebhook") == []
    eventually(lambda: requests.get(f"{telegram.url}/bot{TOKEN}/getWebhookInfo", timeout=60).json()["result"]["url"], "the webhook")
