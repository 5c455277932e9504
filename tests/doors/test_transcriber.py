"""The transcriber container, given recorded events of the queue trigger over HTTP."""

import copy
import json
from itertools import count
from typing import Any

import pytest

from localstack.cloud.exchange import Request
from localstack.faults import Action, Fault
from pisar.domain.jobs import JobMessage, Options, Outcome, State
from pisar.domain.transcripts import Transcript

from .conftest import VOICE, Surroundings, recorded

TEXT = "два хлеб вода вчера белый шесть"
IDS = (f"{number:032x}" for number in count(1))


@pytest.fixture
def job_id(surroundings: Surroundings) -> str:
    """A job with its audio, of nobody in Telegram."""
    new = next(IDS)
    held = surroundings.records().accept(new, lease_seconds=60, answer_to=None, options=Options(language="auto"))
    assert held is not None
    surroundings.store().put(held.job.audio_key, VOICE)
    surroundings.records().enqueued(held)
    return new


def event_of(*bodies: str, attribute: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the trigger's recorded event with these messages."""
    event: dict[str, Any] = recorded("queue_trigger")
    (message,) = event["messages"]
    event["messages"] = [copy.deepcopy(message) for _ in bodies]
    for one, body in zip(event["messages"], bodies, strict=True):
        one["details"]["message"]["body"] = body
        if attribute is not None:
            one["details"]["message"]["message_attributes"] = {"k": attribute}
    return event


def answer_of(transcriber, event: Any) -> tuple[int, Any]:
    answer = transcriber("/queue", json.dumps(event).encode())
    return answer.status, json.loads(answer.body)


def assert_done(surroundings: Surroundings, job_id: str) -> None:
    job = surroundings.records().find(job_id).job
    assert (job.state, job.outcome) == (State.FINISHED, Outcome.TRANSCRIBED)
    assert Transcript.decode(surroundings.store().get(job.transcript_key).body).text == TEXT
    assert list(surroundings.store().keys(job.audio_key)) == []


@pytest.mark.parametrize(
    "attribute",
    [
        {"data_type": "StringValue", "string_value": "v"},
        {"dataType": "StringValue", "stringValue": "v"},
        {"dataType": "BinaryValue", "binaryValue": "AP8="},
    ],
    ids=["old", "new", "binary"],
)
def test_a_job_is_done_whatever_the_style_of_its_attributes(
    surroundings: Surroundings, transcriber, job_id: str, attribute: dict[str, str]
):
    assert answer_of(transcriber, event_of(JobMessage(job_id).encode(), attribute=attribute)) == (200, {"done": 1})
    assert_done(surroundings, job_id)


def test_a_job_delivered_again_is_done_once(surroundings: Surroundings, transcriber, job_id: str):
    event = event_of(JobMessage(job_id).encode())
    assert [answer_of(transcriber, event) for _ in range(2)] == [(200, {"done": 1})] * 2
    assert_done(surroundings, job_id)
    assert surroundings.records().find(job_id).job.deliveries == 1


def test_a_batch_of_the_same_job_twice_is_done_once(surroundings: Surroundings, transcriber, job_id: str):
    body = JobMessage(job_id).encode()
    assert answer_of(transcriber, event_of(body, body)) == (200, {"done": 2})
    assert_done(surroundings, job_id)


def test_in_a_batch_with_an_unreadable_message_the_first_is_done_and_all_come_again(surroundings: Surroundings, transcriber, job_id: str):
    status, body = answer_of(transcriber, event_of(JobMessage(job_id).encode(), "не JSON"))
    assert (status, body["error"]["code"]) == (500, "unreadable")
    assert_done(surroundings, job_id)


UNREADABLE = {
    "not JSON": b"{not json",
    "nothing": b"",
    "not UTF-8": b"\xff\xfe",
    "a list": b"[]",
    "null": b"null",
    "no messages": b"{}",
    "empty messages": b'{"messages": []}',
    "a message without details": b'{"messages": [{"event_metadata": {}}]}',
    "a body that is a number": json.dumps(event_of("1") | {}).encode(),
    "a job that does not exist": json.dumps(event_of(JobMessage("f" * 32).encode())).encode(),
    "a job's name that is a path": json.dumps(event_of('{"job_id": "../clients/x"}')).encode(),
    "a deep event": b"[" * 50_000,
    "a deep message": json.dumps(event_of("[" * 50_000)).encode(),
    "a message that no UTF-8 can carry": json.dumps(event_of("\ud800")).encode(),
    "a job's name of 5000 digits": json.dumps(event_of(f'{{"job_id": {"1" * 5000}}}')).encode(),
    "another service's event": json.dumps(recorded("storage_trigger")).encode(),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_nobody_can_read_is_left_to_the_dead_letter_queue(transcriber, what: str):
    answer = transcriber("/queue", UNREADABLE[what])
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (500, "unreadable")


def test_a_job_that_another_works_on_comes_again_and_says_so_on_a_line_with_its_id(surroundings: Surroundings, transcriber, job_id: str):
    held = surroundings.records().claim(job_id, lease_seconds=60)
    assert held is not None
    status, body = answer_of(transcriber, event_of(JobMessage(job_id).encode()))
    assert (status, body["error"]["code"]) == (503, "try_again")
    line = surroundings.logs.wait_for(lambda: surroundings.logs.lines(message="not done", job_id=job_id))
    assert [one["level"] for one in line] == ["WARN"]
    surroundings.records().release(held)
    assert answer_of(transcriber, event_of(JobMessage(job_id).encode())) == (200, {"done": 1})


def test_storage_that_fails_is_told_to_come_again(surroundings: Surroundings, transcriber):
    surroundings.storage.add_fault(Fault(action=Action.STATUS, path="/pisar/clients/", status=503, times=10_000))
    container = surroundings.container()
    try:
        request = Request("POST", "/transcribe", (("X-API-Key", "pisar_x"),), b"")
        answer = surroundings.run(container.call_http(request))
    finally:
        surroundings.storage.clear_faults()
        surroundings.run(container.stop())
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (503, "try_again")


def test_another_method_or_path_is_refused_in_the_documented_form(transcriber):
    answer = transcriber("/nowhere", b"")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, "not_found")
