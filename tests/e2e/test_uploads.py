"""A recording that is uploaded in parts over a connection that breaks, as a browser sends it, over the whole local cloud."""

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from localstack.stack import Stack
from tests.faults.conftest import SPOKEN, VOICES

from .conftest import Ffmpeg
from .test_http_api import assert_fits
from .test_jobs import Client, new_key, traces

PAGE = "https://pages.example.org"
PAUSE_SECONDS = 100
"""At 48 kHz, two channels of two bytes each, that makes three parts."""


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.api_url, stack.api_key) as client:
        yield client


@pytest.fixture(scope="module")
def recording(ffmpeg: Ffmpeg) -> bytes:
    pause = ("-af", f"apad=pad_dur={PAUSE_SECONDS}")
    return ffmpeg("-i", VOICES / "ru-2.ogg", *pause, "-ar", "48000", "-ac", "2", "-c:a", "pcm_s16le", "long.wav")


def send(part: dict[str, Any], upload: dict[str, Any], recording: bytes) -> requests.Response:
    at = (part["number"] - 1) * upload["part_bytes"]
    return requests.put(part["url"], data=recording[at : at + part["bytes"]], headers={"Origin": PAGE}, timeout=60)


def send_half(part: dict[str, Any], recording: bytes) -> None:
    """Begin to send the first part, and lose the connection."""
    url = urlsplit(part["url"])
    assert url.hostname
    with socket.create_connection((url.hostname, url.port or 80), 30) as connection:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {part['bytes']}\r\n\r\n"
        connection.sendall(head.encode() + recording[: part["bytes"] // 2])


def test_an_upload_goes_on_after_the_connection_broke(stack: Stack, client: Client, recording: bytes):
    job = client.create(language="ru", name="Планёрка.wav", bytes=len(recording))
    upload, where = job["upload"], f"/jobs/{job['id']}/upload"
    assert [part["number"] for part in upload["parts"]] == [1, 2, 3]
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    preflight = requests.options(upload["parts"][0]["url"], headers=asked, timeout=60)
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (200, PAGE)
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    taken = send(upload["parts"][2], upload, recording)
    assert (taken.status_code, taken.headers["Access-Control-Allow-Origin"]) == (200, PAGE)
    send_half(upload["parts"][0], recording)
    assert requests.put(upload["parts"][1]["url"], data=recording, timeout=60).status_code == 403
    answer = client.call("POST", where)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "upload_incomplete")
    assert "1, 2" in answer.json()["error"]["message"]
    found = client.call("GET", where)
    assert_fits(found, "PartsUpload")
    left = found.json()
    assert (left["done"], [part["number"] for part in left["parts"]], left["expires_at"]) == ([3], [1, 2], upload["expires_at"])
    assert client.show(job)["state"] == "awaiting_upload"
    for part in left["parts"]:
        assert send(part, left, recording).ok
    assert client.call("POST", where).json()["id"] == job["id"]
    assert client.call("POST", where).status_code == 200
    done = client.wait_for(job, "done")
    assert (done["name"], done["duration"] > PAUSE_SECONDS) == ("Планёрка.wav", True)
    assert client.transcript(job).json()["transcription"] == SPOKEN["ru-2.ogg"]
    assert client.call("GET", where).json()["error"]["code"] == "no_upload"
    assert not requests.put(left["parts"][0]["url"], data=b"x", timeout=60).ok
    assert client.call("DELETE", f"/jobs/{job['id']}").status_code == 204
    assert traces(stack, job) == []


def test_a_deleted_job_takes_no_part_any_more_and_is_nobody_elses(stack: Stack, client: Client, recording: bytes):
    job = client.create(bytes=len(recording))
    where, (first, second, _) = f"/jobs/{job['id']}/upload", job["upload"]["parts"]
    assert send(first, job["upload"], recording).ok
    with Client(stack.api_url, new_key(stack, "not theirs").key) as other:
        assert [other.call(method, where).status_code for method in ("GET", "POST")] == [404, 404]
    assert client.call("DELETE", f"/jobs/{job['id']}").status_code == 204
    assert send(second, job["upload"], recording).status_code == 404
    assert [client.call(method, where).status_code for method in ("GET", "POST")] == [404, 404]
    assert (traces(stack, job), [one for one in stack.store().begun_uploads() if one.key == f"incoming/{job['id']}"]) == ([], [])


def test_a_file_above_the_limit_is_refused_before_a_byte_is_sent(client: Client):
    largest = client.call("GET", "/me").json()["max_bytes"]
    answer = client.call("POST", "/jobs", json={"bytes": largest + 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_big")
