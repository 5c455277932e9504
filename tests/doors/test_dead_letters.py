"""The dead-letter function, given recorded events."""

import json
import re
from itertools import count

import pytest

from pisar.bot.texts import TEXTS
from pisar.domain.answer_to import Reply
from pisar.domain.jobs import JobMessage, Options, Outcome, State

from .conftest import VOICE, Surroundings, recorded

IDS = (f"{number:032x}" for number in count(1_000_000))
CHAT = 909


def event_of(*messages: tuple[str, str]):
    """Return the trigger's recorded event with these (id, body)."""
    event = recorded("queue_trigger")
    text = json.dumps(event["messages"][0])
    event["messages"] = [json.loads(text) for _ in messages]
    for one, (message_id, body) in zip(event["messages"], messages, strict=True):
        one["details"]["message"] |= {"message_id": message_id, "body": body}
    return event


def failed_job(surroundings: Surroundings) -> str:
    """Make a job of a person whose deliveries are used up; return its id."""
    sent = surroundings.telegram.voice(CHAT, VOICE, seconds=2, language_code="ru", held=True)["message"]["message_id"]
    new = next(IDS)
    reply = Reply(chat_id=CHAT, message_id=sent, language="ru")
    held = surroundings.records().accept(new, lease_seconds=60, answer_to=reply, options=Options())
    assert held is not None
    surroundings.store().put(held.job.audio_key, VOICE)
    surroundings.records().enqueued(held)
    return new


def test_a_failed_job_is_told_to_its_person_and_an_unreadable_one_kept(surroundings: Surroundings, dead_letters):
    job_id = failed_job(surroundings)
    assert dead_letters(event_of(("m-1", "не JSON"), ("m-2", JobMessage(job_id).encode()))) is None
    assert surroundings.store().get("dead-letters/m-1").body == "не JSON".encode()
    job = surroundings.records().find(job_id).job
    assert (job.state, job.outcome) == (State.FINISHED, Outcome.FAILED)
    assert isinstance(job.answer_to, Reply)
    assert [one.now.text for one in surroundings.telegram.answers(CHAT) if one.reply_to == job.answer_to.message_id] == [
        TEXTS["ru"]["failed"].format(job=job_id[:8])
    ]
    assert list(surroundings.store().keys(job.audio_key)) == []


def test_the_line_of_an_unreadable_message_carries_no_other_jobs_id(surroundings: Surroundings, dead_letters):
    dead_letters(event_of(("m-3", JobMessage(failed_job(surroundings)).encode())))
    dead_letters(event_of(("m-4", "{}")))
    (line,) = surroundings.logs.wait_for(lambda: surroundings.logs.lines(message="unreadable message kept", message_id="m-4"))
    assert line["job_id"] is None


def test_a_message_of_no_job_is_kept(surroundings: Surroundings, dead_letters):
    body = JobMessage("f" * 32).encode()
    dead_letters(event_of(("m-5", body)))
    assert surroundings.store().get("dead-letters/m-5").body == body.encode()


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("[" * 50_000, b"[" * 50_000),
        ('{"job_id": "\\ud800"}', b'{"job_id": "\\ud800"}'),
        (f'{{"job_id": {"1" * 5000}}}', b'{"job_id": ' + b"1" * 5000 + b"}"),
        ('{"job_id": "../clients/x"}', b'{"job_id": "../clients/x"}'),
        (f'{{"job_id": "{"a" * 5000}"}}', b'{"job_id": "' + b"a" * 5000 + b'"}'),
    ],
    ids=["deep", "half of a pair as a name", "5000 digits", "a path", "a name without end"],
)
@pytest.mark.parametrize("message_id", ["m-8", "../../clients/x", "a" * 2000, ".."], ids=["usual", "a path", "2000 characters", "dots"])
def test_whatever_its_id_and_body_an_unreadable_message_is_kept(
    surroundings: Surroundings, dead_letters, message_id: str, body: str, kept: bytes
):
    store = surroundings.store()
    before = {*store.keys("dead-letters/")} - {"dead-letters/m-8"}
    assert dead_letters(event_of((message_id, body))) is None
    (new,) = {*store.keys("dead-letters/")} - before
    assert store.get(new).body == kept
    assert re.fullmatch(r"dead-letters/(m-8|[0-9a-f]{32})", new)
    store.delete(new)


def test_a_second_delivery_changes_nothing(surroundings: Surroundings, dead_letters):
    event = event_of(("m-6", JobMessage(failed_job(surroundings)).encode()), ("m-7", "{}"))
    before = len(surroundings.telegram.answers(CHAT))
    assert [dead_letters(event), dead_letters(event)] == [None, None]
    assert len(surroundings.telegram.answers(CHAT)) == before + 1
