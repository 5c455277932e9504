"""The health check, run as a container's supervisor runs it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

HEALTH = Path(__file__).parents[2] / "containers" / "transcriber" / "health.py"


def health(*arguments: str, **environment: str) -> tuple[int, str]:
    process = subprocess.run(
        [sys.executable, "-S", HEALTH, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert process.stdout == ""
    return process.returncode, process.stderr


@pytest.fixture(params=[200, 503])
def door(request) -> Iterator[tuple[int, str]]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield request.param, str(server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_door_is_well_while_it_answers_so(door):
    status, port = door
    code, said = health("http", PORT=port)
    assert (code, "503" in said) == ((0, False) if status == 200 else (1, True))


def test_a_door_that_nobody_opens_is_not_well():
    assert health("http", PORT="9")[0] == 1


@pytest.mark.parametrize(("age", "expected"), [(0, 0), (50, 0), (70, 1)])
def test_a_process_is_well_while_its_file_is_new(tmp_path: Path, age: int, expected: int):
    file = tmp_path / "alive"
    file.touch()
    os.utime(file, (time.time() - age,) * 2)
    code, said = health("file", PISAR_HEARTBEAT_FILE=str(file))
    assert (code, "no sign of life for 7" in said) == (expected, bool(expected))


def test_a_process_that_never_touched_its_file_is_not_well(tmp_path: Path):
    code, said = health("file", PISAR_HEARTBEAT_FILE=str(tmp_path / "alive"))
    assert (code, "FileNotFoundError" in said) == (1, True)
    assert health("file")[0] == 1


def test_a_process_that_may_listen_or_not_is_well_by_either(door, tmp_path: Path):
    status, port = door
    file = tmp_path / "alive"
    assert health("any", PORT=port)[0] == (0 if status == 200 else 1)
    file.touch()
    assert health("any", PORT=port, PISAR_HEARTBEAT_FILE=str(file))[0] == 0


def test_a_wrong_call_says_what_is_right():
    assert health() == (2, "usage: health.py http|file|any\n")
