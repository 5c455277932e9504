"""What every door of the API answers alike: the gateway of the cloud on a laptop, and the self-hosted container, which its callers reach.

Both let in pages of one other origin.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from localstack.stack import ROOT, Stack, StackConfig
from pisar.ports.storage import ObjectStore
from pisar.state.api_keys import Keys
from pisar.web.cors import METHODS, REQUEST_HEADERS, RESPONSE_HEADERS
from tests.support.brokers import free_port
from tests.support.composed import without_others_secrets

from .conftest import Surroundings

READY_SECONDS = 120
NO_BROKER = "redis://127.0.0.1:9/0"
PAGE = "https://app.example"
OURS = {"PISAR_CORS_ORIGINS": f"https://other.example, {PAGE}", "PISAR_THREADS": "1"}
VOICE = (ROOT / "demo" / "voices" / "ru-1.ogg").read_bytes()
NOTHING = "0" * 32
PREFLIGHT = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key,content-type"}
READ = [
    "/",
    "/me",
    "/jobs",
    "/v1/models",
    "/v1/models/whisper-1",
    "/openapi.json",
    "/docs",
    "/docs/start.js",
    "/healthz",
    f"/jobs/{NOTHING}",
]
KEYED = [
    ("GET", "/me", 200),
    ("GET", "/jobs", 200),
    ("POST", "/jobs", 201),
    ("GET", f"/jobs/{NOTHING}", 404),
    ("GET", f"/jobs/{NOTHING}/transcript", 404),
    ("DELETE", f"/jobs/{NOTHING}", 404),
    ("DELETE", f"/transcripts/{NOTHING}", 204),
    ("GET", "/v1/models", 200),
    ("POST", "/transcribe", 415),
    ("POST", "/v1/audio/transcriptions", 415),
    ("POST", "/v1/audio/translations", 415),
]


@dataclass(frozen=True)
class Door:
    """A door of the API, and the key that opens it. `refused`: the status of a wrong key where OpenAI's clients do not come.

    `new_key` makes another key, of which the gateway remembers nothing.
    """

    url: str
    key: str
    refused: int
    new_key: Callable[[], str]

    def ask(self, method: str, path: str, *, keyed: bool = True, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        key = {"X-API-Key": self.key} if keyed else {}
        prepared = requests.Request(method, self.url, headers=key | named).prepare()
        prepared.url = self.url + path  # as it is written: requests would tidy it up
        with requests.Session() as session:
            return session.send(prepared, timeout=60, allow_redirects=False)


def key_maker(store: ObjectStore) -> Callable[[], str]:
    return lambda: Keys(store).create("doors", now=time.time()).key


@pytest.fixture(scope="module")
def container(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    port, log = free_port(), tmp_path_factory.mktemp("api") / "log"
    ours = OURS | {"PORT": str(port), "PATH": os.environ["PATH"], "PISAR_BROKER_URL": NO_BROKER}
    environment = without_others_secrets("api", surroundings.settings["transcriber"]) | ours
    with log.open("wb") as output, ExitStack() as stack:
        command = [sys.executable, str(ROOT / "containers" / "transcriber" / "app.py")]
        process = stack.enter_context(subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT))
        stack.callback(process.kill)
        new_key = key_maker(surroundings.store())
        door = Door(f"http://127.0.0.1:{port}", new_key(), 401, new_key)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with suppress(requests.ConnectionError):
                door.ask("GET", "/healthz")
                break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "it did not listen"
            time.sleep(0.05)
        yield door


@pytest.fixture(scope="module")
def gateway() -> Iterator[Door]:
    with Stack(StackConfig(settings=OURS)) as stack:
        stack.warm_up()
        yield Door(stack.api_url, stack.api_key, 403, key_maker(stack.store()))


@pytest.fixture(params=["container", "gateway"])
def door(request: pytest.FixtureRequest) -> Door:
    found: Door = request.getfixturevalue(request.param)
    return found


def seen(answer: requests.Response) -> dict[str, Any]:
    """Return the headers that a browser goes by."""
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


@pytest.mark.parametrize("path", READ)
def test_head_has_the_headers_of_get_and_no_body(door: Door, path: str):
    get, head = (door.ask(method, path) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (get.status_code, b"")
    same = ("Content-Type", "ETag", "Cache-Control", "Content-Security-Policy")
    assert [head.headers.get(name) for name in same] == [get.headers.get(name) for name in same]
    assert head.headers.get("Content-Length") in (None, str(len(get.content)))


@pytest.mark.parametrize(
    ("path", "allowed"), [("/jobs", "GET, HEAD, POST"), (f"/jobs/{NOTHING}", "GET, HEAD, DELETE"), ("/docs", "GET, HEAD")]
)
def test_a_method_that_an_address_does_not_take_is_told_those_that_it_takes(door: Door, path: str, allowed: str):
    answer = door.ask("PUT", path)
    assert (answer.status_code, answer.headers["Allow"], answer.json()["error"]["code"]) == (405, allowed, "method_not_allowed")
    plain = door.ask("OPTIONS", path)
    assert (plain.status_code, plain.headers["Allow"], plain.content) == (204, allowed, b"")


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"])
def test_where_audio_goes_in_nothing_is_read(door: Door, path: str):
    answer = door.ask("GET", path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.json()["error"].keys() == ({"message", "type", "param", "code"} if "/v1/" in path else {"code", "message"})


@pytest.mark.parametrize("path", ["/nowhere", "/jobs/a/b/c", "//jobs", "/job%73x", "/v1/chat/completions", "/wp-login.php"])
@pytest.mark.parametrize("keyed", [True, False])
def test_an_address_that_nobody_has_says_where_to_look(door: Door, path: str, keyed: bool):
    answer = door.ask("GET", path, keyed=keyed)
    assert answer.status_code == 404
    assert "/docs" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/jobs/", "/jobs//", "/v1/models/", "/docs/", "/healthz/"])
def test_ways_to_write_an_address(door: Door, path: str):
    assert door.ask("GET", path).status_code == 200


@pytest.mark.parametrize("path", ["/transcribe/", "/v1/audio/transcriptions//"])
def test_slashes_at_the_end_of_where_audio_goes_in_are_none(door: Door, path: str):
    answer = requests.post(door.url + path, headers={"X-API-Key": door.key}, files={"file": ("a.ogg", VOICE)}, timeout=60)
    assert (answer.status_code, "text" in answer.json() or "transcription" in answer.json()) == (200, True)


@pytest.mark.parametrize(("method", "path", "status"), KEYED)
def test_a_key_opens_every_address_from_either_header(door: Door, method: str, path: str, status: int):
    bearer = {"Authorization": f"bearer   {door.key} "}
    assert door.ask(method, path).status_code == status
    assert door.ask(method, path, keyed=False, **bearer).status_code == status
    assert door.ask(method, path, **bearer).status_code == status


@pytest.mark.parametrize(("method", "path", "status"), KEYED)
def test_two_keys_that_differ_open_none(door: Door, method: str, path: str, status: int):
    refused, new = door.refused, door.new_key()
    assert door.ask(method, path, keyed=False, X_API_Key=new, Authorization="Bearer pisar_other").status_code == refused
    assert door.ask(method, path, keyed=False, X_API_Key="pisar_other", Authorization=f"Bearer {new}").status_code == refused
    # Nothing that was said of both is said to who sends one alone: the wrong key stays nobody's, though the gateway remembers answers.
    assert door.ask(method, path, keyed=False, Authorization="Bearer pisar_other").status_code == refused
    assert door.ask(method, path, keyed=False, X_API_Key="pisar_other").status_code == refused


@pytest.mark.parametrize("path", ["/transcribe", "/jobs", f"/jobs/{NOTHING}", "/v1/audio/transcriptions", "/healthz", "/nowhere"])
def test_a_preflight_request_of_a_page_that_was_named_is_answered(door: Door, path: str):
    answer = door.ask("OPTIONS", path, keyed=False, **PREFLIGHT)
    told = seen(answer)
    told.pop("access-control-expose-headers", None)  # of no use here, and the gateway's own
    assert (answer.status_code, answer.content, told) == (
        204,
        b"",
        {
            "access-control-allow-origin": PAGE,
            "access-control-allow-methods": METHODS,
            "access-control-allow-headers": REQUEST_HEADERS,
            "access-control-max-age": "600",
        },
    )


def test_such_a_page_sees_answers_and_errors_alike(door: Door):
    fits = {"X_API_Key": door.key}
    answers = {
        200: door.ask("GET", "/jobs", Origin=PAGE),
        201: door.ask("POST", "/jobs", Origin=PAGE),
        401: door.ask("GET", "/jobs", keyed=False, Origin=PAGE),
        404: door.ask("GET", "/nowhere", keyed=False, Origin=PAGE),
        405: door.ask("PUT", "/jobs", Origin=PAGE),
        415: door.ask("POST", "/transcribe", Origin=PAGE, **fits),
        413: requests.post(
            f"{door.url}/jobs",
            data=bytes(3 * 2**20),
            headers={"X-API-Key": door.key, "Origin": PAGE, "Content-Type": "application/json"},
            timeout=60,
        ),
    }
    expected = {"access-control-allow-origin": PAGE, "access-control-expose-headers": RESPONSE_HEADERS}
    assert {status: (answer.status_code, seen(answer)) for status, answer in answers.items()} == {
        status: (status, expected) for status in answers
    }
    assert "Origin" in answers[200].headers["Vary"]


def test_other_pages_see_nothing(door: Door):
    assert seen(door.ask("GET", "/jobs", Origin="https://evil.example")) == {}
    asked = door.ask("OPTIONS", "/jobs", keyed=False, **(PREFLIGHT | {"Origin": "https://evil.example"}))
    assert "access-control-allow-origin" not in seen(asked)


def test_programs_see_no_difference(door: Door):
    assert seen(door.ask("GET", "/jobs")) == {}
