"""Caddy with containers/Caddyfile, before servers that say what reached them: Debian's Caddy, without a certificate, on loopback."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from tests.support.brokers import free_port
from tests.support.caddy import ROOT, running

pytestmark = pytest.mark.slow

KB, MB = 1024, 2**20
ENVIRONMENT = {"PISAR_BUCKET": "pisar", "PISAR_MAX_UPLOAD_MB": "3"}


@contextmanager
def behind() -> Iterator[int]:
    """A server that answers with how many bytes of body it got."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            said = str(len(self.rfile.read(int(self.headers["Content-Length"])))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Behind", str(self.server.server_port))
            self.end_headers()
            with suppress(BrokenPipeError):  # a caller refused meanwhile
                self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    folder = tmp_path_factory.mktemp("caddy")
    with ExitStack() as stack:
        ports = {name: stack.enter_context(behind()) for name in ("api:8080", "bot:8080", "store:8333")} | {"proxy": free_port()}
        written = (ROOT / "containers" / "Caddyfile").read_text()
        for name in ("api:8080", "bot:8080", "store:8333"):
            written = written.replace(name, f"127.0.0.1:{ports[name]}")
        # No port of the administrator's, and a time that can be waited for.
        written = written.replace("{\n\tservers", "{\n\tadmin off\n\tservers", 1).replace("read_header 10s", "read_header 1s")
        environment = {**ENVIRONMENT, "DOMAIN": f"http://127.0.0.1:{ports['proxy']}"}
        stack.enter_context(running(written, folder, ports["proxy"], environment))
        yield ports


@pytest.mark.parametrize(
    ("path", "server", "limit"),
    [
        ("/jobs", "api:8080", 64 * KB),
        ("/anything/else", "api:8080", 64 * KB),
        ("/telegram", "bot:8080", 256 * KB),
        ("/transcribe", "api:8080", 3 * MB + MB // 10),
        ("/v1/audio/transcriptions", "api:8080", 3 * MB + MB // 10),
        ("/v1/audio/translations", "api:8080", 3 * MB + MB // 10),
        ("/pisar", "store:8333", 3 * MB + MB // 10),
    ],
)
def test_each_way_in_takes_what_its_server_takes_and_no_more(proxy: dict[str, int], path: str, server: str, limit: int):
    def asked(size: int) -> requests.Response:
        return requests.post(f"http://127.0.0.1:{proxy['proxy']}{path}", data=bytes(size), timeout=30)

    taken = asked(limit)
    assert (taken.status_code, taken.text, taken.headers["Behind"]) == (200, str(limit), str(proxy[server]))
    assert asked(limit + 1).status_code in {413, 502}  # Caddy of Debian 12 calls it a bad gateway


@pytest.mark.parametrize(
    ("path", "server"),
    [
        ("/pisar/incoming/1?partNumber=1&uploadId=u", "store:8333"),
        ("/pisar/incoming/1", "api:8080"),
        ("/pisar/jobs/1.json?partNumber=1&uploadId=u", "api:8080"),
        ("/other/incoming/1?partNumber=1&uploadId=u", "api:8080"),
    ],
)
def test_of_what_is_put_the_store_gets_parts_of_uploads_alone(proxy: dict[str, int], path: str, server: str):
    answer = requests.put(f"http://127.0.0.1:{proxy['proxy']}{path}", data=b"part", timeout=30)
    assert (answer.text, answer.headers["Behind"]) == ("4", str(proxy[server]))


def test_a_head_is_held_to_its_size_and_time(proxy: dict[str, int]):
    with socket.create_connection(("127.0.0.1", proxy["proxy"]), 30) as connection:
        connection.sendall(b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        began = time.monotonic()
        assert connection.recv(100) == b""
        assert 0.5 < time.monotonic() - began < 30
    with socket.create_connection(("127.0.0.1", proxy["proxy"]), 30) as connection:
        connection.sendall(b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 24 * KB + b"\r\n\r\n")
        assert re.match(rb"HTTP/1.1 431 ", connection.recv(100))
