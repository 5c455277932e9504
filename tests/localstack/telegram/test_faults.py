"""Faults on request and flood limits: what the bot meets, and whether its request had its effect."""

import os
import signal
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import pytest
import requests

from localstack.faults import Action, Fault
from localstack.telegram import api as bot_api
from localstack.telegram import blocked, flood, server_error

DEADLINE = 60
DROPPED = requests.exceptions.ConnectionError


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("action", [Action.DROP, Action.HANG])
def test_a_spoiled_connection_leaves_no_answer_but_maybe_an_effect(pair, person, action, when):
    telegram, api = pair
    telegram.faults.add(Fault(action=action, when=when, path="^/sendMessage$", seconds=0.05))
    with pytest.raises(DROPPED):
        api("sendMessage", chat_id=person, text="x")
    assert [message.text for message in telegram.answers(person)] == (["x"] if when == "after" else [])
    [call] = telegram.calls("sendMessage")
    assert (call.status, call.fault, call.executed) == (None, action.value, when == "after")
    assert api("sendMessage", chat_id=person, text="y")["text"] == "y"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (partial(flood, retry_after=7), (429, "Too Many Requests: retry after 7", {"retry_after": 7}, "7")),
        (server_error, (500, "Internal Server Error", None, None)),
        (blocked, (403, "Forbidden: bot was blocked by the user", None, None)),
    ],
)
def test_faults_speak_as_telegram_does(pair, person, when, fault, answer):
    telegram, api = pair
    telegram.faults.add(fault("/sendMessage", when=when))
    got = api.post("sendMessage", chat_id=person, text="x")
    body = got.json()
    assert (got.status_code, body["description"], body.get("parameters"), got.headers.get("Retry-After")) == answer
    assert (body["ok"], body["error_code"]) == (False, got.status_code)
    assert [message.text for message in telegram.answers(person)] == (["x"] if when == "after" else [])


def test_a_download_can_be_spoiled_too(telegram, api, person):
    path = api("getFile", file_id=telegram.voice(person, b"x", seconds=1)["message"]["voice"]["file_id"])["file_path"]
    telegram.faults.add(Fault(action=Action.STATUS, method="GET", path="^/file/voice/", status=502, body=b"bad gateway"))
    answer = api.download(path)
    assert (answer.status_code, answer.content) == (502, b"bad gateway")
    telegram.faults.add(Fault(action=Action.DROP, path="^/file/"))
    with pytest.raises(DROPPED):
        api.download(path)
    assert api.download(path).content == b"x"


def test_a_kill_takes_the_process_and_the_connection(telegram, api, person):
    victim = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    telegram.faults.add(Fault(action=Action.KILL, when="after", path="/sendMessage", pids=(victim.pid,)))
    with pytest.raises(DROPPED):
        api("sendMessage", chat_id=person, text="x")
    assert victim.wait(DEADLINE) == -signal.SIGKILL
    victim.stdin.close()
    assert [message.text for message in telegram.answers(person)] == ["x"]
    assert os.getpid() != victim.pid


def test_faults_never_see_the_token(telegram, api):
    telegram.faults.add(Fault(action=Action.DROP, path="123456|AAF"))
    assert api("getMe")["id"] == 123456
    assert telegram.faults.fired == []


def test_a_fault_may_be_for_one_caller(telegram, api):
    telegram.faults.add(server_error("/getMe", caller="aiogram"))
    assert api("getMe")["id"] == 123456
    assert (
        api.session.get(f"{api.url}/bot123456:AAF-made_up/getMe", headers={"User-Agent": "x aiogram/3"}, timeout=DEADLINE).status_code
        == 500
    )


def test_hanging_requests_do_not_hold_up_the_end(make, loop):
    telegram, api = make()
    telegram.faults.add(Fault(action=Action.HANG, path="/getMe", seconds=3600))
    with pytest.raises(requests.exceptions.Timeout):
        api.session.post(f"{api.url}/bot123456:AAF-made_up/getMe", timeout=0.2)
    loop.run(telegram.stop())


@pytest.fixture
def clock(monkeypatch):
    """The time that flood control goes by; the test sets it."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(bot_api, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_one_message_a_second_and_chat_when_flood_control_is_on(make, clock):
    telegram, api = make(messages_per_second=1)
    telegram.text(1, "a")
    telegram.text(2, "a")
    sent = api("sendMessage", chat_id=1, text="x")["message_id"]
    answer = api.post("editMessageText", chat_id=1, message_id=sent, text="y")
    assert (answer.status_code, answer.json()["parameters"], answer.headers["Retry-After"]) == (429, {"retry_after": 1}, "1")
    assert api("sendMessage", chat_id=2, text="x")["text"] == "x"
    assert api("sendChatAction", chat_id=1, action="typing") is True
    clock.now += 1
    assert api("editMessageText", chat_id=1, message_id=sent, text="y")["text"] == "y"


def test_twenty_messages_a_minute_in_a_group_when_flood_control_is_on(make, clock):
    telegram, api = make(group_messages_per_minute=20)
    telegram.text(-5, "a")
    telegram.text(1, "a")
    assert [api("sendMessage", chat_id=-5, text="x")["text"] for _ in range(20)] == ["x"] * 20
    clock.now += 10
    assert api.post("sendMessage", chat_id=-5, text="x").json()["parameters"]["retry_after"] == 50
    assert [api("sendMessage", chat_id=1, text="x")["text"] for _ in range(21)] == ["x"] * 21
    clock.now += 50
    assert api("sendMessage", chat_id=-5, text="x")["text"] == "x"


def test_thirty_messages_a_second_in_all_when_flood_control_is_on(make, clock):
    telegram, api = make(messages_per_second_in_all=30)
    for chat in range(1, 33):
        telegram.text(chat, "a")
    sent = [api.post("sendMessage", chat_id=chat, text="x").status_code for chat in range(1, 32)]
    assert sent == [200] * 30 + [429]
    clock.now += 1
    assert api("sendMessage", chat_id=31, text="x")["text"] == "x"


def test_waiting_ends_with_what_was_waited_for_or_an_error(telegram):
    telegram.text(1, "a")
    assert telegram.wait_for(lambda: telegram.messages(1))[0].text == "a"
    with pytest.raises(TimeoutError):
        telegram.wait_for(lambda: telegram.answers(1), timeout=0.01)
