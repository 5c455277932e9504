"""The HTTP server's bounds, by sockets that do what they should not. Times are short here, and each wait has an end."""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_network

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pisar.adapters import http_server
from pisar.adapters.http_server import BoundedServer, Bounds, server
from pisar.web.forms import BodyLimit

SHORT = Bounds(connections=8, head_bytes=2048, head_seconds=0.4, idle_seconds=0.4, linger_seconds=0.4, bytes_per_second=1000)
PATIENCE_SECONDS = 10.0
LARGE = 32 * 2**20
"""Of an answer: more than the system keeps for a socket."""


async def read(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def ignore(_: Request) -> Response:
    return PlainTextResponse("ignored", 401)


async def large(_: Request) -> Response:
    return PlainTextResponse("x" * LARGE)


ROUTES = [Route("/read", read, methods=["POST"]), Route("/ignore", ignore, methods=["POST", "GET"]), Route("/large", large)]
APPLICATION = Starlette(routes=ROUTES, middleware=[Middleware(BodyLimit, max_bytes=2**20)])


class Running:
    """A server on loopback, and connections to it."""

    def __init__(self, this: BoundedServer, opened: ExitStack) -> None:
        self._server = this
        self._opened = opened

    def connect(self, sent: bytes = b"", address: str = "127.0.0.1") -> socket.socket:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        connection = self._opened.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS, (address, 0)))
        connection.sendall(sent)
        return connection

    def requests(self) -> int:
        """Return how many requests are at work."""
        return len(self._server.server_state.tasks)

    def ask(self, sent: bytes) -> tuple[int, bytes]:
        """Return the status and the body of the answer."""
        return answer(self.connect(sent))


@contextmanager
def running(bounds: Bounds) -> Iterator[Running]:
    this = server(APPLICATION, host="127.0.0.1", port=0, bounds=bounds)
    thread = threading.Thread(target=this.run)
    thread.start()
    with ExitStack() as opened:
        eventually(lambda: this.started)
        yield Running(this, opened)
    this.should_exit = True
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Running]:
    monkeypatch.setattr(http_server, "LOOK_SECONDS", 0.05)
    caplog.set_level(logging.INFO)
    with running(SHORT) as door:
        yield door


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of an answer that says its length."""
    came = b""
    while b"\r\n\r\n" not in came:
        came += connection.recv(65536) or pytest.fail(f"the connection ended after {came!r}")
    head, _, body = came.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return int(head.split()[1]), body


def is_ended(connection: socket.socket) -> bool:
    """Wait for the other end to close, whether it had read all that was sent or not."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def drip(connection: socket.socket, each: bytes) -> float:
    """Send again and again, every 50 ms, until the other end has had enough; return after how many seconds that was."""
    began = time.monotonic()
    with suppress(OSError):  # it may be closed already
        connection.settimeout(0.05)
    while time.monotonic() < began + PATIENCE_SECONDS:
        try:
            connection.sendall(each)
            if not connection.recv(65536):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


def waited_for(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.waited_for for record in caplog.records if hasattr(record, "waited_for")]


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, bool]]:
    """Return what was logged of broken requests, and whether with a traceback."""
    loggers = {"pisar.web.forms", "uvicorn.error", "asyncio"}
    return [
        (record.getMessage(), record.exc_info is not None)
        for record in caplog.records
        if record.name in loggers and record.levelno >= (logging.INFO if record.name == "pisar.web.forms" else logging.WARNING)
    ]


def test_a_connection_that_says_nothing_is_ended(door: Running, caplog):
    assert door.connect().recv(1) == b""
    assert waited_for(caplog) == ["the head of a request"]


@pytest.mark.parametrize(
    ("head", "each", "what"),
    [
        (b"GET /ignore HTTP/1.1\r\nHost: x\r\nX: ", b"x", "the head of a request"),
        (b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", b"x", "the body of a request"),
        (b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", "the body of a request"),
        (b"POST /ignore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", "the rest of a body that was answered"),
    ],
    ids=["a head", "a body of a known length", "a body of any length", "a body that was refused"],
)
def test_what_drips_is_ended_although_a_byte_comes_every_now_and_then(door: Running, caplog, head: bytes, each: bytes, what: str):
    assert 0.3 < drip(door.connect(head), each) < 3
    assert waited_for(caplog) == [what]


def test_a_body_that_comes_fast_enough_may_take_its_time(door: Running):
    """Two seconds at five times the least speed."""
    connection = door.connect(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n")
    for _ in range(20):
        connection.sendall(bytes(500))
        time.sleep(0.1)
    assert answer(connection) == (200, b"10000")


def test_a_connection_that_asks_again_and_again_stays(door: Running):
    connection = door.connect()
    for _ in range(10):
        connection.sendall(b"GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer(connection) == (401, b"ignored")
        time.sleep(0.1)


def test_an_answer_that_nobody_reads_ends_its_connection(door: Running, caplog):
    door.connect(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    eventually(lambda: waited_for(caplog) == ["an answer that is not read"])


def test_a_head_that_is_too_long_is_refused(door: Running, caplog):
    assert door.ask(b"GET /ignore HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 4096)[0] == 400
    assert lines(caplog) == [("Invalid HTTP request received.", False)]


def test_who_waits_longest_for_nothing_makes_room_for_who_comes():
    with running(Bounds(connections=8)) as door:
        held = [door.connect(b"GET / HTTP/1.1\r\n") for _ in range(20)]
        assert [is_ended(one) for one in held[:12]] == [True] * 12
        assert door.ask(b"GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n") == (401, b"ignored")
        held[-1].sendall(b"Host: x\r\n\r\n")
        assert answer(held[-1]) == (404, b"Not Found")


def test_a_request_at_work_is_not_ended_for_who_comes():
    with running(Bounds(connections=8)) as door:
        held = [door.connect(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx") for _ in range(8)]
        eventually(lambda: door.requests() == 8)
        assert answer(door.connect())[0] == 429
        for one in held:
            one.sendall(b"x")
            assert answer(one) == (200, b"2")


def test_one_address_can_not_take_the_connections_of_all():
    with running(Bounds(connections=8, connections_per_address=3)) as door:
        held = [door.connect(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx", "127.0.0.2") for _ in range(3)]
        eventually(lambda: door.requests() == 3)
        for _ in range(10):
            status, body = answer(door.connect(b"GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n", "127.0.0.2"))
            assert (status, json.loads(body)["error"]["code"]) == (429, "too_many_connections")
        began = time.monotonic()
        assert answer(door.connect(b"GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n", "127.0.0.3")) == (401, b"ignored")
        assert time.monotonic() - began < 1
        for one in held:
            one.sendall(b"x")
            assert answer(one) == (200, b"2")


def test_an_address_that_has_all_it_may_makes_room_by_its_own_connections():
    with running(Bounds(connections=8, connections_per_address=3)) as door:
        other = door.connect(b"GET /ignore HTTP/1.1\r\n", "127.0.0.3")
        held = [door.connect(b"GET /ignore HTTP/1.1\r\n", "127.0.0.2") for _ in range(9)]
        assert [is_ended(one) for one in held[:6]] == [True] * 6
        for one in (other, *held[6:]):
            one.sendall(b"Host: x\r\n\r\n")
            assert answer(one) == (401, b"ignored")


def test_a_proxy_has_as_many_connections_as_there_are():
    with running(Bounds(connections=8, connections_per_address=3, proxies=(ip_network("127.0.0.2"),))) as door:
        held = [door.connect(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx", "127.0.0.2") for _ in range(8)]
        eventually(lambda: door.requests() == 8)
        for one in held:
            one.sendall(b"x")
            assert answer(one) == (200, b"2")


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        (("192.0.2.1", 5), ip_network("192.0.2.1")),
        (("2001:db8:0:1:2:3:4:5", 5, 0, 0), ip_network("2001:db8:0:1::/64")),
        (("fe80::1%eth0", 5, 0, 2), ip_network("fe80::/64")),
        (("::ffff:192.0.2.1", 5, 0, 0), ip_network("192.0.2.1")),
        (("10.0.0.1", 5), None),
        (("::ffff:10.0.0.1", 5, 0, 0), None),
        ("", None),
    ],
)
def test_what_a_connection_counts_for(peer: object, counted: object):
    assert http_server.counted(peer, (ip_network("10.0.0.0/8"), ip_network("::1"))) == counted


BROKEN = {
    "hangs up": (b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx", "the caller hung up before the end of the request"),
    "a chunk that is none": (
        b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "Invalid HTTP request received.",
    ),
    "two lengths": (b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "Invalid HTTP request received."),
    "a length below nothing": (b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nx", "Invalid HTTP request received."),
    "a length of 400 digits": (
        b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\nx",
        "Invalid HTTP request received.",
    ),
    "more than was said": (b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nxxx\0\r\n\r\n", "Invalid HTTP request received."),
    "a chunk that is none, after the answer": (
        b"POST /ignore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
        "Invalid HTTP request received.",
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_body_is_a_line_of_log_without_a_traceback(door: Running, caplog, how: str):
    sent, said = BROKEN[how]
    connection = door.connect(sent)
    if "after the answer" in how:
        assert answer(connection) == (401, b"ignored")
        connection.sendall(b"zz\r\n")
    if how == "hangs up":
        connection.close()
    eventually(lambda: said in [line for line, _ in lines(caplog)])
    assert door.ask(b"GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n") == (401, b"ignored")
    hung_up = ("the caller hung up before the end of the request", False)
    assert [line for line in lines(caplog) if line != hung_up or line[0] == said] == [(said, False)]


def test_a_body_that_is_declared_too_long_is_refused_before_it_comes(door: Running):
    assert door.ask(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n")[0] == 413


@pytest.mark.parametrize(("path", "status"), [("read", 400), ("ignore", 401)])
def test_a_body_of_very_many_chunks_is_broken_off(path: str, status: int):
    """Read to its end, a megabyte of it would keep the server busy for ten seconds."""
    with running(Bounds()) as door:
        connection = door.connect(f"POST /{path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        if status == 401:
            assert answer(connection) == (401, b"ignored")
        sent, began = 0, time.monotonic()
        with suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(1000):
                sent += connection.send(b"1\r\nx\r\n" * 1000)
        assert (sent < 6_000_000, time.monotonic() - began < 5) == (True, True)
        assert door.ask(b"GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n") == (401, b"ignored")


def test_a_body_of_a_few_small_chunks_is_read(door: Running):
    head = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert door.ask(head + b"1\r\nx\r\n" * 4000 + b"0\r\n\r\n") == (200, b"4000")
    assert door.ask(head + (b"50\r\n" + b"x" * 80 + b"\r\n") * 10_000 + b"0\r\n\r\n") == (200, b"800000")


def test_the_server_ends_although_somebody_drips(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_server, "LOOK_SECONDS", 0.05)
    with running(SHORT) as door:
        slow = door.connect(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n")
        thread = threading.Thread(target=drip, args=(slow, b"x"))
        thread.start()
        eventually(lambda: door.requests() == 1)
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
