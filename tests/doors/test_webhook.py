"""The webhook function, given recorded events."""

import base64
import json
from itertools import count
from typing import Any

import pytest

from localstack.cloud.functions import FunctionFailed
from localstack.telegram import flood
from pisar.bot.texts import TEXTS
from pisar.domain.answer_to import Reply
from pisar.domain.bucket import LINE
from pisar.domain.jobs import State, job_id
from tests.support.wrappings import WRAPPINGS, wrapped_voice

from .conftest import EVENTS, SECRET, VOICE, Surroundings, recorded

MESSAGES = count(5001)
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SHAPES = ["gateway_1_0", "gateway_1_0_base64", "gateway_0_1", "function_direct", "gateway_decoded_body"]
TAKEN = [
    "voice",
    "audio",
    "video",
    "video_note",
    "document",
    "forwarded_voice",
]
IN_GROUPS = ["group_reply_voice", "topic_voice", "anonymous_admin_voice"]
ANSWERED = {"text": "sendMessage", "animation": "sendMessage", "callback_query": "answerCallbackQuery"}
IGNORED = ["channel_post", "edited_message", "my_chat_member", "unknown_kind"]


@pytest.fixture(autouse=True)
def nobody_waits(surroundings: Surroundings) -> None:
    """Empty the line: the tests share one storage, nobody works there, and a person is told how many jobs wait before theirs."""
    store = surroundings.store()
    for key in list(store.keys(LINE)):
        store.delete(key)


def update_of(kind: str) -> dict[str, Any]:
    """Return a recorded update about a message that no other test has sent."""
    update: dict[str, Any] = recorded(f"telegram/{kind}")
    if "message" in update:
        update["message"]["message_id"] = next(MESSAGES)
    return update


def event_of(shape: str, update: bytes, *, encoded: bool = False) -> dict[str, Any]:
    """Return a recorded event with another method, secret and body."""
    event: dict[str, Any] = recorded(shape)
    event["httpMethod"] = "POST"
    event["headers"] = {"Content-Type": "application/json", HEADER: SECRET}
    event["body"] = base64.b64encode(update).decode() if encoded else update.decode()
    event["isBase64Encoded"] = encoded
    return event


def assert_queued(surroundings: Surroundings, update: dict[str, Any]) -> None:
    """The audio is stored, the job queued, its record says so, and the person has been told."""
    message = update["message"]
    expected = job_id("telegram", message["chat"]["id"], message["message_id"])
    assert [json.loads(body) for body in surroundings.taken_jobs()] == [{"job_id": expected}]
    job = surroundings.records().find(expected).job
    assert job.state is State.QUEUED
    assert isinstance(job.answer_to, Reply)
    assert surroundings.store().get(job.audio_key).body == VOICE
    told = [one.now.text for one in surroundings.telegram.answers(message["chat"]["id"]) if one.message_id in job.answer_to.slots]
    assert told in ([TEXTS["ru"]["accepted"]], [TEXTS["en"]["accepted"]])


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_voice_is_taken_from_an_event_of_every_shape(surroundings: Surroundings, webhook, shape: str, encoded: bool):
    update = update_of("voice")
    surroundings.know(update)
    answer = webhook(event_of(shape, json.dumps(update).encode(), encoded=encoded))
    assert (answer["statusCode"], answer["body"]) == (200, "{}")
    assert_queued(surroundings, update)


def test_a_body_that_the_gateway_has_decoded_is_taken(surroundings: Surroundings, webhook):
    update = update_of("voice")
    surroundings.know(update)
    event = event_of("gateway_decoded_body", b"{}") | {"body": update}
    assert webhook(event)["statusCode"] == 200
    assert_queued(surroundings, update)


@pytest.mark.parametrize("kind", TAKEN)
def test_every_recorded_message_with_sound_is_taken(surroundings: Surroundings, webhook, kind: str):
    update = update_of(kind)
    surroundings.know(update)
    assert webhook(event_of("gateway_1_0", json.dumps(update).encode()))["statusCode"] == 200
    assert_queued(surroundings, update)


@pytest.mark.parametrize("kind", IN_GROUPS)
def test_every_recorded_message_with_sound_in_a_group_is_taken_when_asked_for(surroundings: Surroundings, webhook, kind: str):
    update = update_of(kind)
    update["message"]["caption"] = "/transcribe"
    surroundings.know(update)
    assert webhook(event_of("gateway_1_0", json.dumps(update).encode()))["statusCode"] == 200
    assert_queued(surroundings, update)


def test_a_voice_in_whatever_wrapping_is_taken(surroundings: Surroundings, webhook):
    store, taken = surroundings.store(), {}
    for name in WRAPPINGS:
        update = wrapped_voice(name)
        surroundings.know(update)
        assert webhook(event_of("gateway_1_0", json.dumps(update).encode()))["statusCode"] == 200
        chat_id = update["message"]["chat"]["id"]
        taken[name] = (job_id("telegram", chat_id, 42), len(surroundings.telegram.answers(chat_id)))
        for key in list(store.keys(LINE)):  # nobody works here, and those before are not to fill the line
            store.delete(key)
    queued = {json.loads(body)["job_id"] for body in surroundings.taken_jobs()}
    assert [name for name, (this, told) in taken.items() if this not in queued or told != 1] == []


@pytest.mark.parametrize(("kind", "method"), ANSWERED.items())
def test_every_recorded_command_and_press_is_answered(surroundings: Surroundings, webhook, kind: str, method: str):
    calls = len(surroundings.telegram.calls(method))
    assert webhook(event_of("gateway_1_0", json.dumps(update_of(kind)).encode()))["statusCode"] == 200
    assert surroundings.taken_jobs() == []
    assert len(surroundings.telegram.calls(method)) == calls + 1


@pytest.mark.parametrize("kind", [*IGNORED, *IN_GROUPS])
def test_every_other_recorded_update_is_let_go(surroundings: Surroundings, webhook, kind: str):
    calls = [call.method for call in surroundings.telegram.calls()]
    assert webhook(event_of("gateway_1_0", json.dumps(update_of(kind)).encode()))["statusCode"] == 200
    assert surroundings.taken_jobs() == []
    assert set([call.method for call in surroundings.telegram.calls()][len(calls) :]) <= {"getMe"}  # once, to know its own name


def test_every_recorded_update_is_tested():
    assert {path.stem for path in (EVENTS / "telegram").glob("*.json")} == {*TAKEN, *IN_GROUPS, *ANSWERED, *IGNORED}


@pytest.mark.parametrize("name", [HEADER, HEADER.lower(), HEADER.upper()])
def test_the_secrets_header_may_be_written_in_any_case(webhook, name: str):
    event = event_of("gateway_1_0", b'{"update_id": 1}')
    event["headers"] = {name: SECRET}
    assert webhook(event)["statusCode"] == 200


@pytest.mark.parametrize("secret", [None, "", "hus", "hush ", "Hush", "секрет"])
def test_without_the_secret_the_answer_is_403(surroundings: Surroundings, webhook, secret: str | None):
    event = event_of("gateway_1_0", json.dumps(update_of("voice")).encode())
    event["headers"] = {} if secret is None else {HEADER: secret}
    answer = webhook(event)
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (403, "forbidden")
    assert surroundings.taken_jobs() == []


def test_an_event_that_is_not_the_clouds_fails(surroundings: Surroundings, webhook):
    event = event_of("gateway_1_0", b"{}") | {"body": "not base64!", "isBase64Encoded": True}
    with pytest.raises(FunctionFailed) as failure:
        webhook(event)
    assert failure.value.error["errorType"] == "Unreadable"
    assert surroundings.taken_jobs() == []


def test_the_same_update_twice_is_one_job(surroundings: Surroundings, webhook):
    update = update_of("voice")
    surroundings.know(update)
    event = event_of("gateway_1_0", json.dumps(update).encode())
    assert [webhook(event)["statusCode"] for _ in range(2)] == [200, 200]
    assert_queued(surroundings, update)


@pytest.mark.parametrize(("asked", "told"), [(1, "5"), (30, "30")])
def test_telegram_is_asked_to_come_again_when_it_has_time_for_the_answer(surroundings: Surroundings, webhook, asked: int, told: str):
    update = update_of("voice")
    surroundings.know(update)
    surroundings.telegram.faults.add(flood("/sendMessage", retry_after=asked, times=20))
    answer = webhook(event_of("gateway_1_0", json.dumps(update).encode()))
    surroundings.telegram.faults.clear()
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, told)
    assert webhook(event_of("gateway_1_0", json.dumps(update).encode()))["statusCode"] == 200
    assert_queued(surroundings, update)
