"""Updates that a bot asks for: in-memory twin and getUpdates of a Telegram over HTTP."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from localstack.faults import Action, Fault
from localstack.telegram import TelegramStandIn, flood, server_error
from pisar.adapters.telegram import update_source
from pisar.adapters.telegram.update_source import AiogramUpdateSource
from pisar.domain.messages import Incoming
from pisar.errors import Misconfigured, PisarError, Unavailable
from pisar.ports.chat import UPDATES_AT_ONCE, PolledUpdate
from tests.contract.conftest import PERSON, TOKEN
from tests.support.brokers import free_port
from tests.support.twins import MemoryUpdateSource
from tests.support.wrappings import WRAPPINGS, wrapped_voice

GET_UPDATES = "/getUpdates"


@dataclass(frozen=True)
class SourceContestant:
    source: Any
    add: Callable[[int, str], int]  # a person writes into a chat; the update's number


@pytest.fixture
def aiogram_source(telegram: TelegramStandIn) -> Iterator[AiogramUpdateSource]:
    source = AiogramUpdateSource(TOKEN, api_url=telegram.api_url)
    yield source
    source.close()


@pytest.fixture(params=["memory", "aiogram"])
def asking(request: pytest.FixtureRequest) -> SourceContestant:
    if request.param == "aiogram":
        telegram = request.getfixturevalue("telegram")
        return SourceContestant(request.getfixturevalue("aiogram_source"), lambda chat, text: telegram.text(chat, text)["update_id"])
    source = MemoryUpdateSource()

    def add(chat: int, _: str) -> int:
        source.waiting.append(PolledUpdate(len(source.waiting) + 1, chat, None))
        return len(source.waiting)

    return SourceContestant(source, add)


def numbers(updates: list[PolledUpdate]) -> list[int]:
    return [one.update_id for one in updates]


def fetch(source: Any, offset: int = 0) -> list[PolledUpdate]:
    return source.fetch(offset, seconds=0)


def test_without_updates_there_are_none(asking: SourceContestant):
    assert fetch(asking.source) == []


def test_updates_come_in_their_order_with_their_chats(asking: SourceContestant):
    chats = [PERSON, PERSON + 1, PERSON]
    written = [asking.add(chat, "hi") for chat in chats]
    assert [(one.update_id, one.chat_id) for one in fetch(asking.source)] == list(zip(written, chats, strict=True))


def test_what_the_offset_has_not_passed_is_given_again_and_the_rest_forgotten(asking: SourceContestant):
    first, second, third = (asking.add(PERSON, word) for word in "abc")
    assert numbers(fetch(asking.source)) == [first, second, third]
    assert numbers(fetch(asking.source)) == [first, second, third]
    assert numbers(fetch(asking.source, second)) == [second, third]
    assert numbers(fetch(asking.source)) == [second, third], "the first is forgotten"
    assert fetch(asking.source, third + 1) == []


def test_one_answer_has_a_hundred_updates_at_most(asking: SourceContestant):
    written = [asking.add(PERSON, str(number)) for number in range(UPDATES_AT_ONCE + 1)]
    assert numbers(fetch(asking.source)) == written[:-1]
    assert numbers(fetch(asking.source, written[-1])) == written[-1:]


def test_who_is_told_to_stop_gets_nothing_and_loses_nothing(asking: SourceContestant):
    written = asking.add(PERSON, "hi")
    assert asking.source.fetch(0, seconds=30, stopping=lambda: True) == []
    assert numbers(fetch(asking.source)) == [written]


# What only a messenger over HTTP does.


def test_an_update_tells_what_the_person_wrote(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    telegram.voice(PERSON, b"OggS", seconds=3)
    (voice,) = fetch(aiogram_source)
    assert isinstance(voice.update, Incoming)
    assert voice.update.media is not None
    assert (voice.update.media.seconds, voice.unreadable) == (3, "")


def test_one_that_can_not_be_read_comes_beside_the_others(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    good = telegram.text(PERSON, "hi", held=True)
    result = [{"update_id": 1, "message": {"chat": 5}}, {"update_id": 2, "a_kind_of_next_year": {}}, good | {"update_id": 3}]
    telegram.faults.add(answered(200, {"ok": True, "result": result}))
    broken, unknown, read = fetch(aiogram_source)
    assert broken == PolledUpdate(1, 0, None, broken.unreadable)
    assert broken.unreadable.startswith("not a Telegram update")
    assert unknown == PolledUpdate(2, 0, None)
    assert (read.chat_id, read.unreadable) == (PERSON, "")


def test_one_without_a_number_does_not_hold_the_others_back(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    good = telegram.text(PERSON, "hi", held=True)
    result = [5, {"message": good["message"]}, {"update_id": "6"}, {"update_id": 2**64}, good | {"update_id": 3}]
    telegram.faults.add(answered(200, {"ok": True, "result": result}))
    assert numbers(fetch(aiogram_source)) == [3]


def test_a_voice_comes_in_whatever_wrapping(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    telegram.faults.add(answered(200, {"ok": True, "result": [wrapped_voice(name) for name in WRAPPINGS]}))
    polled = dict(zip(WRAPPINGS, fetch(aiogram_source), strict=True))
    assert [name for name, one in polled.items() if not isinstance(one.update, Incoming) or one.update.media is None] == []


def in_thread(do: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(do()))
    thread.start()
    return thread, got


def asked(telegram: TelegramStandIn, count: int = 1) -> None:
    telegram.wait_for(lambda: len(telegram.calls("getUpdates")) >= count)


def test_it_waits_for_the_first_and_no_longer(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    waiting, got = in_thread(lambda: aiogram_source.fetch(0, seconds=50))
    asked(telegram)
    written = telegram.text(PERSON, "hi")["update_id"]
    waiting.join(20)
    assert [numbers(updates) for updates in got] == [[written]]


def test_a_stop_ends_the_wait_at_once_and_what_comes_then_is_for_the_next(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    stop = threading.Event()
    waiting, got = in_thread(lambda: aiogram_source.fetch(0, seconds=50, stopping=stop.is_set))
    asked(telegram)
    stop.set()
    began = time.monotonic()
    waiting.join(20)
    assert (got, time.monotonic() - began < 20) == ([[]], True)
    written = telegram.text(PERSON, "hi")["update_id"]
    assert numbers(fetch(aiogram_source)) == [written]


def test_a_webhook_is_taken_away_and_the_updates_that_wait_are_not(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    told(telegram, "setWebhook", url="http://127.0.0.1:9/")
    written = telegram.text(PERSON, "hi")["update_id"]
    aiogram_source.begin()
    assert written in numbers(fetch(aiogram_source))


def test_a_stop_ends_the_beginning_too(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    telegram.faults.add(Fault(action=Action.HANG, path="/deleteWebhook", seconds=300))
    stop = threading.Event()
    waiting, _ = in_thread(lambda: aiogram_source.begin(stop.is_set))
    telegram.wait_for(lambda: telegram.faults.fired)
    stop.set()
    waiting.join(20)
    assert not waiting.is_alive()


def told(telegram: TelegramStandIn, method: str, **arguments: Any) -> None:
    requests.post(f"{telegram.api_url}/bot{TOKEN}/{method}", json=arguments, timeout=60).raise_for_status()


def refused(source: AiogramUpdateSource, seconds: int = 0) -> PisarError:
    with pytest.raises(PisarError) as error:
        source.fetch(0, seconds=seconds)
    assert TOKEN not in str(error.value)
    assert (error.value.__cause__, error.value.__context__) == (None, None), "a traceback of these would show the token"
    return error.value


def test_a_webhook_set_meanwhile_is_told_with_what_to_do(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    told(telegram, "setWebhook", url="http://127.0.0.1:9/")
    error = refused(aiogram_source)
    assert isinstance(error, Unavailable)
    assert "set TELEGRAM_WEBHOOK_URL" in str(error)


def test_another_who_asks_is_told_with_what_to_do(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    waiting, got = in_thread(lambda: refused(aiogram_source, seconds=50))
    asked(telegram)
    told(telegram, "getUpdates")
    waiting.join(20)
    (error,) = got
    assert isinstance(error, Unavailable)
    assert "another program asks for this bot's updates" in str(error)


def test_too_many_requests_say_for_how_long(telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource):
    telegram.faults.add(flood(GET_UPDATES, retry_after=17))
    error = refused(aiogram_source)
    assert isinstance(error, Unavailable)
    assert error.after_seconds == 17


@pytest.mark.parametrize("token", ["123456:another", "9:" + TOKEN.partition(":")[2]])
def test_a_token_that_nobody_knows_is_the_operators_mistake(telegram: TelegramStandIn, token: str):
    source = AiogramUpdateSource(token, api_url=telegram.api_url)
    try:
        for ask in (source.begin, lambda: fetch(source)):
            with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
                ask()
    finally:
        source.close()


def answered(status: int, body: Any) -> Fault:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Fault(action=Action.STATUS, path=GET_UPDATES, status=status, body=content)


@pytest.mark.parametrize(
    "fault",
    [
        server_error(GET_UPDATES, code=500),
        answered(502, b"<html>Bad Gateway</html>"),
        answered(200, b"\xff\xfe"),
        answered(200, []),
        answered(200, {"ok": True}),
        answered(200, {"ok": True, "result": {"update_id": 1}}),
        answered(200, {"ok": True, "result": [{"message": {}}]}),
        answered(200, {"ok": False}),
        answered(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": "soon"}}),
        Fault(action=Action.DROP, path=GET_UPDATES),
    ],
    ids=["500", "a page", "no text", "a list", "no result", "no list", "no number", "no reason", "no seconds", "hung up"],
)
def test_what_passes_is_unavailable_and_the_next_try_is_as_ever(
    telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource, fault: Fault
):
    written = telegram.text(PERSON, "hi")["update_id"]
    telegram.faults.add(fault)
    assert isinstance(refused(aiogram_source), Unavailable)
    assert written in numbers(fetch(aiogram_source))


def test_a_messenger_that_is_silent_is_given_up(
    telegram: TelegramStandIn, aiogram_source: AiogramUpdateSource, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(update_source, "MARGIN_SECONDS", 0.5)
    telegram.faults.add(Fault(action=Action.HANG, path=GET_UPDATES, seconds=300))
    assert isinstance(refused(aiogram_source), Unavailable)


def test_nobody_at_the_address_is_unavailable():
    source = AiogramUpdateSource(TOKEN, api_url=f"http://127.0.0.1:{free_port()}")
    try:
        assert isinstance(refused(source), Unavailable)
    finally:
        with suppress(PisarError):
            source.close()
