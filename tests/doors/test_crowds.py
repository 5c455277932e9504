"""The API as it stands on a VM, its process and its memory, before crowds who have no key, or no hurry."""

import http.client
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from localstack.stack import ROOT
from pisar.state.api_keys import Keys
from tests.support.brokers import free_port
from tests.support.composed import without_others_secrets
from tests.support.processes import descendants, resident_mb

from .conftest import Surroundings

MB = 2**20
READY_SECONDS = 120
NO_BROKER = "redis://127.0.0.1:9/0"
"""It is asked for nothing here: nobody uploads."""
MAX_RESIDENT_MB = 300


@dataclass(frozen=True)
class Api:
    """A running API, and a key that opens it."""

    port: int
    pid: int
    key: str
    log: Path

    def resident_mb(self) -> float:
        """Return the memory of the process and of its children now."""
        return sum(resident_mb(pid) for pid in (self.pid, *descendants(self.pid)))

    def health_seconds(self) -> float:
        began = time.monotonic()
        assert requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=10).status_code == 200
        return time.monotonic() - began

    def connect(self, sent: bytes, address: str = "127.0.0.1") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), 10, (address, 0))
        connection.sendall(sent)
        connection.setblocking(False)
        return connection

    def head(self, path: str, *headers: str) -> bytes:
        return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


@pytest.fixture(scope="module")
def api(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    port, log = free_port(), tmp_path_factory.mktemp("api") / "log"
    ours = {"PORT": str(port), "PATH": os.environ["PATH"], "PISAR_BROKER_URL": NO_BROKER, "PISAR_PROXIES": "127.0.0.1"}
    # As compose.yaml has it: the API is not told the bot's token.
    environment = without_others_secrets("api", surroundings.settings["transcriber"]) | ours
    assert "TELEGRAM_BOT_TOKEN" not in environment
    command = [sys.executable, str(ROOT / "containers" / "transcriber" / "app.py")]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + READY_SECONDS
    api = Api(port, process.pid, Keys(surroundings.store()).create("crowd", now=time.time()).key, log)
    while True:
        with suppress(requests.ConnectionError):
            api.health_seconds()
            break
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "it did not listen"
        time.sleep(0.05)
    yield api
    process.terminate()
    assert process.wait(60) == 0
    assert b"Traceback" not in log.read_bytes()


def pour(connections: list[socket.socket], most: int) -> dict[socket.socket, bytes]:
    """Send up to `most` bytes into each, at once, until each has an answer; return the answers' beginnings."""
    chunk, sent, answers = memoryview(bytes(256 * 1024)), dict.fromkeys(connections, 0), {}
    deadline = time.monotonic() + 60
    while len(answers) < len(connections):
        assert time.monotonic() < deadline, f"{len(connections) - len(answers)} have no answer"
        waiting = [one for one in connections if one not in answers]
        readable, writable, _ = select.select(waiting, [one for one in waiting if sent[one] < most], [], 1)
        for one in writable:
            with suppress(BlockingIOError, ConnectionResetError, BrokenPipeError):
                sent[one] += one.send(chunk)
        for one in readable:
            with suppress(BlockingIOError):
                answers[one] = one.recv(65536)
    return answers


@pytest.mark.parametrize("path", ["/jobs", "/transcribe"])
def test_bodies_without_a_key_take_no_memory(api: Api, path: str):
    before = api.resident_mb()
    with ExitStack() as opened:
        head = api.head(path, "Content-Type: application/json", f"Content-Length: {20 * MB}")
        crowd = [opened.enter_context(api.connect(head)) for _ in range(60)]
        answers = pour(crowd, 20 * MB)
        assert api.resident_mb() - before < 30
        assert {answer.split()[1] for answer in answers.values()} == {b"401"}
    assert api.health_seconds() < 1


def test_a_key_that_nobody_holds_is_refused_before_a_byte_of_body_is_sent(api: Api):
    refused = dict.fromkeys(("/jobs", "/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"), 401)
    for path, status in {**refused, "/v1/models": 405, "/nothing/there": 404}.items():
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
        connection.putrequest("POST", path)
        for name, value in (("X-API-Key", "wrong"), ("Content-Length", "1000"), ("Expect", "100-continue")):
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def answered(api: Api, method: str, path: str, size: int, *, declared: bool) -> int:
    body = b'{"prompt": "' + b" " * (size - 14) + b'"}'
    given = body if declared else iter([body])
    headers = {"X-API-Key": api.key, "Content-Type": "application/json"}
    return requests.request(method, f"http://127.0.0.1:{api.port}{path}", data=given, headers=headers, timeout=10).status_code


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_beside_uploads_is_held_to_64_kb(api: Api, declared: bool):
    assert answered(api, "POST", "/jobs", 64 * 1024, declared=declared) == 201  # a prompt of so many spaces is none
    assert answered(api, "POST", "/jobs", 64 * 1024 + 1, declared=declared) == 413


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/jobs", 200), ("DELETE", f"/jobs/{'0' * 32}", 404), ("GET", "/v1/models", 200)]
)
def test_a_body_that_means_nothing_is_not_read(api: Api, method: str, path: str, status: int):
    for declared in (True, False):
        assert answered(api, method, path, 20 * MB, declared=declared) == status


def test_a_caller_who_hangs_up_is_a_line_of_log(api: Api):
    since = api.log.stat().st_size
    for path in ("/jobs", "/transcribe"):
        kind = "multipart/form-data; boundary=x" if path == "/transcribe" else "application/json"
        with api.connect(api.head(path, f"X-API-Key: {api.key}", f"Content-Type: {kind}", "Content-Length: 100")) as connection:
            connection.sendall(b"--x")
            time.sleep(0.2)  # the key is looked up, the body awaited
    deadline = time.monotonic() + 10
    while len(lines := api.log.read_text()[since:].splitlines()) < 2:
        assert time.monotonic() < deadline, lines
        time.sleep(0.02)
    assert [json.loads(line)["message"] for line in lines] == ["the caller hung up before the end of the request"] * 2


@pytest.mark.slow
def test_five_hundred_who_send_a_byte_a_second_keep_nobody_from_the_health_check(api: Api):
    form = ("Content-Type: multipart/form-data; boundary=x", "Transfer-Encoding: chunked")
    kinds = [
        (b"POST /jobs HTTP/1.1\r\nX: ", b"x"),
        (api.head("/jobs", "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        (api.head("/transcribe", *form), b"1\r\nx\r\n"),
        (api.head("/jobs", f"X-API-Key: {api.key}", "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        (api.head("/v1/audio/transcriptions", f"X-API-Key: {api.key}", *form), b"1\r\nx\r\n"),
    ]
    with ExitStack() as opened:
        crowd = [(opened.enter_context(api.connect(kinds[number % 5][0])), kinds[number % 5][1]) for number in range(500)]
        health, resident, gone = [], [], set()
        began = time.monotonic()
        for second in range(1, 21):
            for connection, each in crowd:
                try:
                    connection.sendall(each)
                except OSError:
                    gone.add(connection)
            health.append(api.health_seconds())
            resident.append(api.resident_mb())
            time.sleep(max(0.0, began + second - time.monotonic()))
        assert max(health) < 1
        assert max(resident) < MAX_RESIDENT_MB
        # Whose head is not there after 15 s is gone; bodies have 30.
        assert {connection for connection, each in crowd if each == b"x"} <= gone


def test_one_address_with_a_key_shuts_nobody_out(api: Api):
    """Its requests are at work, each with a body that does not end: nothing ends them for somebody else's sake."""
    head = api.head("/transcribe", f"X-API-Key: {api.key}", "Content-Type: multipart/form-data; boundary=x", "Content-Length: 9999")
    with ExitStack() as opened:
        crowd = [opened.enter_context(api.connect(head, "127.0.0.2")) for _ in range(600)]
        held, deadline = crowd, time.monotonic() + 20  # after 30 s they are overdue
        while len(held) > 128:
            assert time.monotonic() < deadline, f"it holds {len(held)}"
            ended, _, _ = select.select(held, [], [], 1)
            held = [one for one in held if one not in ended]
        assert api.health_seconds() < 1
        assert select.select(held, [], [], 0)[0] == []
