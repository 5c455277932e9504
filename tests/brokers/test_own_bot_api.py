"""One's own Bot API server as compose.yaml has it: Caddy serves what getFile names by its path, and files are erased after their use.

Debian's Caddy runs containers/botapi.Caddyfile before a server that answers getFile as tdlib's does with --local (`Client::json_store_file`
of github.com/tdlib/telegram-bot-api); tdlib's own server is in no package index.
"""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from pisar.adapters.telegram import AiogramChat
from pisar.errors import Unavailable
from tests.support.brokers import free_port
from tests.support.caddy import ROOT, running
from tests.support.composed import services

pytestmark = pytest.mark.slow

TOKEN = "123456:AbCsecretsecretsecret"
WORKING = "/var/lib/telegram-bot-api"
RECORDING = os.urandom(2**20) * 25
MINUTES = 60.0


@contextmanager
def bot_api(path: Path) -> Iterator[int]:
    """A server that answers every method with a file at that path."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            result = {"file_id": "f", "file_unique_id": "u", "file_size": len(RECORDING), "file_path": str(path)}
            said = json.dumps({"ok": True, "result": result}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Own:
    """The server's folder, the address at which Pisar asks, and Caddy's log."""

    folder: Path
    url: str
    log: Path

    def get(self, path: str) -> requests.Response:
        """Ask for a path of the disk, as it is written."""
        request = requests.Request("GET", "http://127.0.0.1/").prepare()
        request.url = f"{self.url}/file/bot{TOKEN}{path}"
        with requests.Session() as session:
            return session.send(request, timeout=30)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    folder, port = tmp_path_factory.mktemp("telegram-bot-api"), free_port()
    bot = folder / TOKEN
    for name, content in {"videos/file_0.mp4": RECORDING, "temp/half": b"half", "td.binlog": b"keys"}.items():
        (bot / name).parent.mkdir(parents=True, exist_ok=True)
        (bot / name).write_bytes(content)
    (folder.parent / "secret").write_bytes(b"secret")
    written = (ROOT / "containers" / "botapi.Caddyfile").read_text()
    with bot_api(Path(WORKING) / TOKEN / "videos" / "file_0.mp4") as behind:
        written = written.replace("botapi:8081", f"127.0.0.1:{behind}").replace(":8080", f":{port}")
        written = written.replace(f"root * {WORKING}", f"root * {folder}")
        with running(written, tmp_path_factory.mktemp("caddy"), port, {}) as log:
            yield Own(folder, f"http://127.0.0.1:{port}", log)


def test_a_recording_of_more_than_20_mb_is_fetched(own: Own):
    with closing(AiogramChat(TOKEN, api_url=own.url)) as chat:
        assert chat.fetch("f", max_bytes=30 * 2**20) == RECORDING


@pytest.mark.parametrize(
    "path",
    [
        f"{WORKING}/{TOKEN}/td.binlog",
        f"{WORKING}/{TOKEN}/temp/half",
        f"{WORKING}/{TOKEN}//temp/half",
        f"{WORKING}/{TOKEN}/videos/",
        f"{WORKING}/{TOKEN}/videos/..%2ftd.binlog",
        f"{WORKING}/{TOKEN}/videos/%2e%2e/td.binlog",
        f"{WORKING}/../secret",
        f"{WORKING}/a/b/..%2f..%2f..%2fsecret",
        "/etc/passwd",
        "/",
    ],
)
def test_nothing_else_of_the_disk_is_served(own: Own, path: str):
    assert own.get(f"{WORKING}/{TOKEN}/videos/file_0.mp4").content == RECORDING
    answer = own.get(path)
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_file_that_was_erased_meanwhile_is_asked_for_again(own: Own):
    (own.folder / TOKEN / "videos" / "file_0.mp4").rename(own.folder / "kept")
    try:
        with closing(AiogramChat(TOKEN, api_url=own.url)) as chat, pytest.raises(Unavailable):
            chat.fetch("f", max_bytes=30 * 2**20)
    finally:
        (own.folder / "kept").rename(own.folder / TOKEN / "videos" / "file_0.mp4")


def test_no_address_is_logged_for_the_token_is_in_it(tmp_path: Path):
    port = free_port()
    written = (ROOT / "containers" / "botapi.Caddyfile").read_text()
    written = written.replace("botapi:8081", f"127.0.0.1:{free_port()}").replace(":8080", f":{port}")  # nobody listens there
    with running(written, tmp_path, port, {}) as log:
        assert requests.post(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe", timeout=30).status_code == 502
        assert requests.get(f"http://127.0.0.1:{port}/file/bot{TOKEN}{WORKING}/{TOKEN}/voice/none.oga", timeout=30).status_code == 404
    assert TOKEN.partition(":")[2] not in log.read_text()
    assert "serving initial configuration" in log.read_text()


def test_files_are_erased_once_the_bot_has_had_the_time_to_take_them(tmp_path: Path):
    """The service's own command line is run, with a stand-in for the program that it starts and shorter waits."""
    shell, option, script = services()["botapi"]["entrypoint"]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "telegram-bot-api").write_text('#!/bin/sh\necho "$@" > "$HOME/told"; exec sleep 60\n')
    (tmp_path / "bin" / "telegram-bot-api").chmod(0o755)
    bot, long_ago = tmp_path / "data" / TOKEN, time.time() - 16 * MINUTES
    for name, age in {"voice/old.oga": 16, "voice/new.oga": 1, "temp/half": 16, "td.binlog": 16}.items():
        (bot / name).parent.mkdir(parents=True, exist_ok=True)
        (bot / name).write_bytes(b"x")
        os.utime(bot / name, (time.time() - age * MINUTES,) * 2)
    command = [shell, option, script.replace(WORKING, str(tmp_path / "data")).replace("sleep 60", "sleep 0.1")]
    environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            deadline = time.monotonic() + 30
            while (bot / "voice" / "old.oga").exists() or not (tmp_path / "told").exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)
            (bot / "voice" / "later.oga").write_bytes(b"x")
            os.utime(bot / "voice" / "later.oga", (long_ago, long_ago))
            while (bot / "voice" / "later.oga").exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            os.killpg(process.pid, 15)
    assert sorted(str(path.relative_to(bot)) for path in bot.rglob("*") if path.is_file()) == ["td.binlog", "temp/half", "voice/new.oga"]
    assert re.search(r"--local --dir=\S+ .*--http-stat-ip-address=127\.0\.0\.1", (tmp_path / "told").read_text())
