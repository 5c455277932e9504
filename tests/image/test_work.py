"""The image at work on the local cloud: called by the queue's trigger and by the gateway, and asked directly."""

import json
from pathlib import Path

import pytest
import requests

from localstack.cloud.exchange import Request, Response
from localstack.stack import Stack
from tests.faults.conftest import SPOKEN, VOICES, Cloud

from .images import Image

SECONDS = 60


def asked(stack: Stack, request: Request) -> Response:
    """Return the container's own answer: no gateway and no authorizer stand before it."""
    return stack._run(stack.transcriber.call_http(request), SECONDS)


def transcribe(stack: Stack, key: str) -> requests.Response:
    files = {"file": ("voice.ogg", (VOICES / "ru-2.ogg").read_bytes())}
    return requests.post(f"{stack.api_url}/transcribe", headers={"X-API-Key": key}, files=files, timeout=SECONDS)


def test_it_is_well(stack: Stack):
    answer = asked(stack, Request("GET", "/healthz", (), b""))
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("name", ["ru-1.ogg", "en-1.ogg"])
def test_a_voice_message_is_answered_with_its_text(stack: Stack, name: str):
    cloud = Cloud(stack)
    cloud.send(name)
    cloud.assert_answered_once(SPOKEN[name])


def test_a_voice_in_a_request_is_answered_with_its_text(stack: Stack):
    answer = transcribe(stack, stack.api_key)
    assert (answer.status_code, answer.json()["transcription"]) == (200, SPOKEN["ru-2.ogg"])


def test_a_wrong_key_is_refused_by_the_image_itself(stack: Stack):
    answer = asked(stack, Request("POST", "/transcribe", (("X-API-Key", "pisar_wrong"),), b""))
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (401, "unauthorized")


def test_a_wrong_key_is_refused_by_the_gateway(stack: Stack):
    assert transcribe(stack, "pisar_wrong").status_code in {401, 403}


def test_without_its_settings_it_ends_and_names_them(image: Image, tmp_path: Path):
    ended = image.run(tmp_path)
    assert ended.returncode != 0
    assert "PISAR_BUCKET" in ended.stdout + ended.stderr


def test_its_user_has_no_rights(image: Image, tmp_path: Path):
    code = "import os, pwd; print(pwd.getpwuid(os.getuid()).pw_name, os.getuid() == os.geteuid() != 0, os.access('/opt/pisar', os.W_OK))"
    assert image.run(tmp_path, "/opt/pisar/bin/python", "-c", code).stdout.strip() == "pisar True False"
