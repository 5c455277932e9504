"""POST /transcribe as programs call it."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from localstack.stack import ROOT, Stack

from .conftest import SPOKEN, VOICES, Api, Ffmpeg, voice

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "terraform" / "openapi.yaml").read_text())


def assert_fits(answer: requests.Response, schema: str) -> None:
    """The answer is JSON and as the OpenAPI document says."""
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    strict = OAS30Validator({"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]})
    strict.validate(answer.json())


def test_the_document_is_valid():
    validate(json.loads(json.dumps(DOCUMENT).replace("+}", "}")))  # the cloud's own sign for the rest of a path


@pytest.mark.parametrize("name", ["ru-2.ogg", "en-1.ogg"])
def test_a_voice_becomes_its_text(api: Api, name: str):
    answer = api.transcribe(voice(name))
    assert answer.status_code == 200
    assert_fits(answer, "Transcript")
    said = answer.json()
    assert said.keys() == {"transcription", "language", "duration", "segments"}
    assert said["transcription"] == SPOKEN[name] == " ".join(segment["text"] for segment in said["segments"])
    assert said["language"] == name[:2]
    assert 0 < said["segments"][0]["start"] + 0.01 <= said["segments"][-1]["end"] <= said["duration"] < 5


def test_a_language_may_be_given(api: Api):
    answer = api.transcribe(voice("ru-1.ogg"), data={"language": "ru"})
    assert (answer.status_code, answer.json()["transcription"], answer.json()["language"]) == (200, SPOKEN["ru-1.ogg"], "ru")


def test_times_are_those_of_the_recording(api: Api, ffmpeg: Ffmpeg):
    """A voice that begins after 40 s of silence, which the engine never hears, is told to begin there."""
    late = ffmpeg("-i", VOICES / "ru-1.ogg", "-af", "adelay=40000", "-c:a", "libopus", "late.ogg")
    said = api.transcribe(late).json()
    assert said["transcription"] == SPOKEN["ru-1.ogg"]
    assert 39 < said["segments"][0]["start"] < said["segments"][-1]["end"] <= said["duration"] < 43


def test_silence_is_an_empty_text(api: Api, ffmpeg: Ffmpeg):
    silence = ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "2", "-c:a", "libopus", "silence.ogg")
    answer = api.transcribe(silence)
    assert_fits(answer, "Transcript")
    assert answer.json() | {"duration": 2} == {"transcription": "", "language": "", "duration": 2, "segments": []}


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("", 403), ("wrong", 403), ("pisar_" + "x" * 43, 403)])
def test_without_a_right_key_there_is_no_text(api: Api, key: str | None, status: int):
    answer = api.transcribe(voice(), headers={} if key is None else {"X-API-Key": key})
    assert answer.status_code == status
    assert "transcription" not in answer.json()


def test_the_header_may_be_written_in_any_case(api: Api):
    assert api.transcribe(voice(), headers={"x-api-key": api.key}).status_code == 200


NO_AUDIO = {
    "text": (b"this is a letter\n" * 100, "cannot_decode"),
    "empty": (b"", "no_file"),
    "broken": (b"OggS" + bytes(500), "cannot_decode"),
}


@pytest.mark.parametrize(("content", "code"), NO_AUDIO.values(), ids=NO_AUDIO)
def test_what_is_not_audio_is_refused(api: Api, content: bytes, code: str):
    answer = api.transcribe(content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert_fits(answer, "Error")


NO_FILE = {
    "a form without a file": {"data": {"language": "ru"}},
    "nothing": {},
    "JSON": {"json": {"file": "voice.ogg"}},
    "another field": {"files": {"audio": ("voice.ogg", b"OggS")}},
    "a text field": {"files": {"file": (None, "OggS")}},
    "two files": {"files": [("file", ("a.ogg", b"OggS")), ("file", ("b.ogg", b"OggS"))]},
    "no form": {"data": b"OggS", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    "a form without boundary": {"data": b"OggS", "headers": {"Content-Type": "multipart/form-data"}},
}


NO_FORM = {"a form without a file", "nothing", "JSON"}
"""Their bodies are of another media type than a form with files."""


@pytest.mark.parametrize("what", NO_FILE)
def test_without_a_file_field_the_answer_says_what_to_send(api: Api, what: str):
    how = dict(NO_FILE[what])
    how["headers"] = {"X-API-Key": api.key} | how.get("headers", {})
    answer = api.transcribe(None, **how)
    assert answer.status_code == (415 if what in NO_FORM else 400), answer.text
    assert_fits(answer, "Error")


def test_more_than_the_gateway_takes_is_refused_by_it(api: Api):
    assert api.transcribe(bytes(2_621_440)).status_code == 413


@pytest.mark.parametrize("key", [None, "wrong", "ключ".encode()])
def test_the_container_itself_asks_for_the_key(api: Api, stack: Stack, key: str | bytes | None):
    api.transcribe(None)  # an instance runs
    entries = Path(f"/proc/{stack.transcriber.pids()[0]}/environ").read_bytes().split(b"\0")
    port = next(entry for entry in entries if entry.startswith(b"PORT=")).decode().removeprefix("PORT=")
    with Api(f"http://127.0.0.1:{port}", "") as container:
        answer = container.transcribe(voice(), headers={} if key is None else {"X-API-Key": key})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert_fits(answer, "Error")


def test_an_unknown_path_is_not_found(api: Api, stack: Stack):
    assert api.get(f"{stack.api_url}/queue", timeout=10).status_code == 404
    assert api.get(f"{stack.api_url}/transcribe", headers={"X-API-Key": api.key}, timeout=10).status_code == 405


def test_health_is_told_to_anybody(api: Api, stack: Stack):
    answer = api.get(f"{stack.api_url}/healthz", timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
