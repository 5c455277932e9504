"""Telegram, storage and queue failing for a while."""

import pytest

from localstack.faults import Action

from .conftest import Cloud

pytestmark = pytest.mark.slow

SEND, EDIT, GET_FILE, DOWNLOAD = "/sendMessage", "/editMessageText", "/getFile", "/voice"
FLOOD = b'{"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}}'
BROKEN = b'{"ok": false, "error_code": 500, "description": "Internal Server Error"}'


@pytest.mark.parametrize("path", [SEND, EDIT, GET_FILE])
def test_telegram_asks_to_wait(cloud: Cloud, path: str):
    cloud.spoil_telegram(Action.STATUS, path=path, status=429, body=FLOOD, times=2)
    cloud.send()
    cloud.assert_answered_once()
    assert len(cloud.stack.telegram.faults.fired) == 2


@pytest.mark.parametrize("path", [SEND, EDIT, GET_FILE])
def test_telegram_is_broken_for_a_while(cloud: Cloud, path: str):
    cloud.spoil_telegram(Action.STATUS, path=path, status=500, body=BROKEN, times=4)
    cloud.send()
    cloud.assert_answered_once()
    assert len(cloud.stack.telegram.faults.fired) == 4


@pytest.mark.parametrize(("path", "placeholders"), [(SEND, 1), (EDIT, 0)])
@pytest.mark.parametrize("action", [Action.HANG, Action.DROP])
def test_telegram_accepts_and_does_not_answer(cloud: Cloud, action: Action, path: str, placeholders: int):
    cloud.spoil_telegram(action, when="after", path=path, seconds=15.0)  # longer than the bot waits
    cloud.send()
    cloud.assert_answered_once(placeholders=placeholders)
    assert len(cloud.stack.telegram.faults.fired) == 1


@pytest.mark.parametrize("action", [Action.DROP, Action.STATUS])
def test_storage_fails_for_a_while(cloud: Cloud, action: Action):
    cloud.spoil_storage(action, path="/pisar/", caller="app/", status=503, times=20)
    cloud.send()
    cloud.assert_answered_once()
    assert len(cloud.stack.storage.fired()) == 20


def test_storage_loses_the_answers_to_writes_for_a_while(cloud: Cloud):
    cloud.spoil_storage(Action.DROP, when="after", method="PUT", path="/pisar/", caller="app/", times=12)
    cloud.send()
    cloud.assert_answered_once()
    assert len(cloud.stack.storage.fired()) == 12


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_queue_fails_for_a_while(cloud: Cloud, when: str):
    cloud.spoil_storage(Action.DROP, when=when, path="SendMessage", times=3)
    cloud.spoil_storage(Action.STATUS, when=when, path="ReceiveMessage", status=500, times=2)
    cloud.spoil_storage(Action.DROP, when=when, path="DeleteMessage", times=1)
    cloud.send()
    cloud.assert_answered_once()
    assert len(cloud.stack.storage.fired()) == 6


def test_the_status_message_deleted_by_the_person_is_replaced(cloud: Cloud):
    cloud.spoil_telegram(Action.HANG, path=EDIT, seconds=6.0)  # time to delete it
    cloud.send()
    status = cloud.stack.telegram.wait_for(lambda: cloud.stack.telegram.answers(cloud.chat))[0]
    cloud.stack.telegram.delete(cloud.chat, status.message_id)
    cloud.assert_answered_once()
