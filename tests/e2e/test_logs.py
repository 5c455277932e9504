"""What the processes write down: one entry a line, the job's id on each, nothing that was said and no secret; and what they are given."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from localstack.stack import Stack

from .conftest import Api, Person, assert_clean_logs, leaks, log_lines, voice

LANGUAGES = ["ru", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_from_received_to_erased_carries_the_jobs_id(person: Person, language: str):
    person.answer_to(person.stack.telegram.voice(person.chat, voice(f"{language}-3.ogg"), seconds=2, language_code=language))
    lines = person.stack.logs.lines()
    first = next(index for index, line in enumerate(lines) if line.get("job_id") == person.job_id)
    last = next(index for index, line in enumerate(lines) if line["message"] == "erased" and line["job_id"] == person.job_id)
    assert lines[first]["message"] == "received"
    assert [line for line in lines[first : last + 1] if line["job_id"] != person.job_id] == []
    assert last - first > 10


def test_a_call_without_a_job_does_not_carry_the_one_before(person: Person):
    person.answer_to(person.stack.telegram.voice(person.chat, voice(), seconds=2))
    seen = len(person.stack.logs.lines())
    person.in_passing(person.stack.telegram.text(-person.chat, "hello"))
    new = person.stack.logs.wait_for(lambda: person.stack.logs.lines()[seen:])
    assert [(line["message"], line["job_id"]) for line in new] == [("ignored", None)]


def test_no_line_of_any_process_holds_speech_or_a_secret(person: Person, api: Api, stack: Stack, log_folder: Path):
    for name in ("ru-1.ogg", "en-1.ogg"):
        person.answer_to(person.stack.telegram.voice(person.chat, voice(name), seconds=2, caption=f"Подпись {name}"))
    person.answer_to(person.stack.telegram.document(person.chat, "broken.ogg", "audio/ogg", b"OggS" + bytes(1000)))
    assert api.transcribe(voice("ru-2.ogg")).status_code == 200
    assert api.transcribe(None, headers={"X-API-Key": "wrong"}).status_code == 403
    assert_clean_logs(stack, log_folder)
    assert [line for _, line in log_lines(log_folder) if "Подпись" in line or "broken.ogg" in line] == []
    assert {process for process, _ in log_lines(log_folder)} >= {"webhook", "transcriber"}


def test_a_leak_would_be_seen():
    lines = ['{"message": "завтра"}', '{"message": "the secret is hush"}', '{"message": "status sent"}']
    assert leaks(lines, ["hush"]) == lines[:2]


def environment(pids: list[int]) -> Mapping[str, str]:
    """Return what the first of the processes was given."""
    entries = Path(f"/proc/{pids[0]}/environ").read_bytes().decode().split("\0")
    return dict(entry.split("=", 1) for entry in entries if entry)


def test_every_deployable_is_given_only_what_it_needs(person: Person, stack: Stack):
    person.answer_to(person.stack.telegram.voice(person.chat, voice(), seconds=2))
    given = {name: environment(function.pids()) for name, function in stack.functions.items() if function.pids()}
    given["transcriber"] = environment(stack.transcriber.pids())
    holders = {
        secret: {name for name, values in given.items() if secret in json.dumps(values)}
        for secret in (stack.bot_token, stack.webhook_secret, stack.api_key)
    }
    assert given.keys() >= {"webhook", "authorizer", "transcriber"}
    assert holders == {stack.bot_token: {"webhook", "transcriber"}, stack.webhook_secret: {"webhook"}, stack.api_key: set()}


def test_the_dead_letter_function_is_given_no_webhook_secret(stack: Stack):
    given = stack.functions["dead_letters"].environment
    assert stack.webhook_secret not in given.values()
    assert stack.bot_token in given.values()
