"""Callbacks over HTTP and HTTPS, to servers with real sockets on this machine; what names resolve to is made up."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
import trustme

from pisar.adapters.callback_sender import MAX_CALLS, HttpCallbackSender
from pisar.adapters.public_http import MAX_LOOKUPS
from pisar.errors import Busy, Misuse, Rejected, Unavailable
from tests.support.twins import ManualClock

BODY = b'{"id": "0123abcd"}'
HEADERS = {"Content-Type": "application/json", "X-Pisar-Delivery": "0123abcd"}
NOT_PUBLIC = "its host has an address that is not public"
PUBLIC = "93.184.215.14"
PATIENCE_SECONDS = 60


@dataclass
class Receiver:
    """Notes what comes; answers `status`, or does `instead` with the connection."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    instead: Callable[[socket.socket], None] | None = None
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


@contextmanager
def listening(receiver: Receiver, certificate: trustme.LeafCert | None = None) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((self.command, self.path, dict(self.headers), body))
            if receiver.instead:
                receiver.instead(self.connection)
                return
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - a redirect that were followed could come as either

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):  # a caller that hangs up is what some tests are about
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.port = server.server_port
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening(Receiver()) as receiver:
        yield receiver


class Names:
    """What names resolve to: for each lookup the next answer, and the last one for all that follow."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[tuple[str, int]] = []
        self._answers = list(answers)

    def __call__(self, host: str, port: int, **_) -> list[tuple]:
        self.asked.append((host, port))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]


class Wires:
    """Notes which address is connected to; every one leads to this machine, there to `port` if it is given."""

    def __init__(self, port: int | None = None) -> None:
        self.connected: list[tuple[str, int]] = []
        self._port = port

    def __call__(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self._port or address[1]), timeout)


def on_this_machine(**how) -> HttpCallbackSender:
    return HttpCallbackSender(allowed_hosts=frozenset({"127.0.0.1", "localhost"}), **how)


def test_body_and_headers_arrive_as_they_are_and_the_status_comes_back(receiver):
    url = f"http://127.0.0.1:{receiver.port}/hook?token=a%20b"
    assert on_this_machine().send(url, BODY, HEADERS) == 204
    ((method, path, headers, body),) = receiver.got
    assert (method, path, body) == ("POST", "/hook?token=a%20b", BODY)
    assert headers == HEADERS | {
        "Host": f"127.0.0.1:{receiver.port}",
        "Connection": "close",
        "Content-Length": str(len(BODY)),
        "Accept-Encoding": "identity",
    }


@pytest.mark.parametrize("status", [200, 404, 410, 500, 503])
def test_every_status_is_an_answer(receiver, status: int):
    receiver.status = status
    assert on_this_machine().send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS) == status


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver, status: int):
    with listening(Receiver()) as elsewhere:
        receiver.status, receiver.headers = status, {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        assert on_this_machine().send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS) == status
        assert elsewhere.got == []


def test_no_proxy_is_asked(receiver, monkeypatch):
    with listening(Receiver()) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        on_this_machine().send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS)
        assert (len(receiver.got), proxy.got) == (1, [])


def test_a_failure_is_not_repeated(receiver):
    receiver.instead = lambda connection: connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Unavailable, match="the callback's receiver did not answer: RemoteDisconnected"):
        on_this_machine().send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS)
    assert len(receiver.got) == 1


def test_nobody_listening_is_unavailable(receiver):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable, match="did not answer: ConnectionRefusedError"):
            on_this_machine().send(f"http://127.0.0.1:{taken.getsockname()[1]}/", BODY, HEADERS)


def test_what_is_no_http_is_unavailable(receiver):
    receiver.instead = lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    with pytest.raises(Unavailable, match="did not answer: BadStatusLine"):
        on_this_machine().send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS)


def test_an_answer_without_end_is_not_read(receiver):
    over = Event()

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        over.wait(2 * PATIENCE_SECONDS)

    receiver.instead = endless
    patient = on_this_machine(total_seconds=PATIENCE_SECONDS)
    assert patient.send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS) == 200  # who reads on is cut off, and gets nothing
    over.set()


def test_a_silent_receiver_is_given_up_in_time(receiver):
    over = Event()
    receiver.instead = lambda _: over.wait(PATIENCE_SECONDS)
    with in_time(), pytest.raises(Unavailable):
        on_this_machine(total_seconds=0.3).send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS)
    over.set()


@contextmanager
def in_time() -> Iterator[None]:
    """Show that the block did not wait for a receiver that takes PATIENCE_SECONDS."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE_SECONDS / 3


def trickling(beginning: bytes) -> Callable[[socket.socket], None]:
    """Return what sends a line that never ends, a byte at a time; each byte would begin a socket's timeout anew."""

    def trickle(connection: socket.socket) -> None:
        connection.sendall(beginning)
        for _ in range(int(PATIENCE_SECONDS / 0.02)):
            connection.sendall(b"x")
            time.sleep(0.02)

    return trickle


def hung_up(ended: Event) -> Callable[[socket.socket], None]:
    """Return what answers 200, and notes that the caller hangs up, which it does when the last handle of its socket is closed."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        if connection.recv(1) == b"":
            ended.set()

    return answer


def test_the_connection_is_closed_as_soon_as_the_status_is_known(receiver):
    ended = Event()
    receiver.instead = hung_up(ended)
    assert on_this_machine().send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS) == 200
    assert ended.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize("beginning", [b"HTTP", b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_receiver_that_trickles_is_given_up_in_time(receiver, beginning: bytes):
    receiver.instead = trickling(beginning)
    with in_time(), pytest.raises(Unavailable):
        on_this_machine(total_seconds=0.5).send(f"http://127.0.0.1:{receiver.port}/", BODY, HEADERS)


def test_a_handshake_that_stalls_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as mute, in_time(), pytest.raises(Unavailable):
        on_this_machine(total_seconds=0.3).send(f"https://127.0.0.1:{mute.getsockname()[1]}/", BODY, HEADERS)


# --- which addresses are called ---


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://localhost/", NOT_PUBLIC),
        ("http://LOCALHOST:8080/", NOT_PUBLIC),
        ("http://127.0.0.1/", NOT_PUBLIC),
        ("http://127.1/", NOT_PUBLIC),
        ("http://0x7f.1/", NOT_PUBLIC),
        ("http://0177.0.0.1/", NOT_PUBLIC),
        ("http://2130706433/", NOT_PUBLIC),
        ("http://0/", NOT_PUBLIC),
        ("http://0.0.0.0/", NOT_PUBLIC),
        ("http://[::]/", NOT_PUBLIC),
        ("http://[::1]/", NOT_PUBLIC),
        ("http://[::ffff:127.0.0.1]/", NOT_PUBLIC),
        ("http://[::ffff:7f00:1]/", NOT_PUBLIC),
        ("http://[64:ff9b::a9fe:a9fe]/", NOT_PUBLIC),
        ("http://[2002:7f00:1::]/", NOT_PUBLIC),
        ("http://[fe80::1]/", NOT_PUBLIC),
        ("http://169.254.169.254/latest", NOT_PUBLIC),
        ("http://2852039166/latest", NOT_PUBLIC),
        ("https://10.0.0.1/", NOT_PUBLIC),
        ("https://192.168.0.1:8443/", NOT_PUBLIC),
        ("https://100.64.0.1/", NOT_PUBLIC),
        ("file:///etc/passwd", "it does not begin with http:// or https://"),
        ("ftp://example.com/", "it does not begin with http:// or https://"),
        ("http://user:pw@example.com/", "it carries a user name or a password"),
        (f"http://{'a' * 64}.example/", "its host can't be found"),
        ("http://a..example/", "its host can't be found"),
    ],
)
def test_urls_of_this_machine_and_its_network_are_refused(url: str, why: str):
    wires = Wires()
    sender = HttpCallbackSender(connect=wires)
    with pytest.raises(Rejected) as caught:
        sender.check(url)
    assert (caught.value.code, caught.value.details) == (Misuse.BAD_CALLBACK, {"why": why})
    with pytest.raises((Rejected, Unavailable)):
        sender.send(url, BODY, HEADERS)
    assert wires.connected == []


@pytest.mark.parametrize("addresses", [[PUBLIC], [PUBLIC, "2606:4700::1111"]])
def test_a_name_with_public_addresses_alone_is_taken(addresses: list[str]):
    names = Names(addresses)
    HttpCallbackSender(resolve=names).check("https://Receiver.test:8443/hook")
    assert names.asked == [("receiver.test", 8443)]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["fd00::1", PUBLIC], ["fe80::1%eth0"]])
def test_a_name_with_any_other_address_is_refused(addresses: list[str]):
    wires = Wires()
    sender = HttpCallbackSender(resolve=Names(addresses), connect=wires)
    for call in (lambda: sender.check("https://receiver.test/"), lambda: sender.send("https://receiver.test/", BODY, HEADERS)):
        with pytest.raises(Rejected) as caught:
            call()
        assert caught.value.details == {"why": NOT_PUBLIC}
    assert wires.connected == []


def unknown(*_, **__):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize("resolve", [unknown, Names([])])
def test_a_name_nobody_knows_is_refused_first_and_unavailable_later(resolve):
    sender = HttpCallbackSender(resolve=resolve)
    with pytest.raises(Rejected) as caught:
        sender.check("https://receiver.test/")
    assert caught.value.details == {"why": "its host can't be found"}
    with pytest.raises(Unavailable):
        sender.send("https://receiver.test/", BODY, HEADERS)


def test_the_address_that_was_checked_is_the_one_that_is_called_whatever_the_name_means_next(receiver):
    names, wires = Names([PUBLIC], ["127.0.0.1"]), Wires()
    sender = HttpCallbackSender(resolve=names, connect=wires)
    url = f"http://receiver.test:{receiver.port}/"
    assert sender.send(url, BODY, HEADERS) == 204
    assert (names.asked, wires.connected) == ([("receiver.test", receiver.port)], [(PUBLIC, receiver.port)])
    assert receiver.got[0][2]["Host"] == f"receiver.test:{receiver.port}"
    with pytest.raises(Rejected):
        sender.send(url, BODY, HEADERS)
    assert wires.connected == [(PUBLIC, receiver.port)]


def test_a_name_that_was_public_when_it_was_checked_is_not_called_once_it_is_private(receiver):
    wires = Wires()
    sender = HttpCallbackSender(resolve=Names([PUBLIC], ["127.0.0.1"]), connect=wires)
    url = f"http://receiver.test:{receiver.port}/"
    sender.check(url)
    with pytest.raises(Rejected):
        sender.send(url, BODY, HEADERS)
    assert (wires.connected, receiver.got) == ([], [])


def test_a_host_the_owner_named_may_be_private_and_no_other(receiver):
    sender = HttpCallbackSender(allowed_hosts=frozenset({"localhost"}))
    sender.check("http://LocalHost/")
    assert sender.send(f"http://localhost:{receiver.port}/", BODY, HEADERS) == 204
    local = HttpCallbackSender(allowed_hosts=frozenset({"localhost"}), resolve=Names(["127.0.0.1"]))
    for other in ("http://127.0.0.1/", "http://localhost./", "http://x.localhost/", "http://xlocalhost/", "http://localhost.test/"):
        with pytest.raises(Rejected):
            local.check(other)


def test_an_address_that_leads_nowhere_is_passed_over_for_the_next(receiver):
    names = Names(["127.0.0.2", "127.0.0.1"])  # the server listens on the second alone
    sender = HttpCallbackSender(allowed_hosts=frozenset({"receiver.test"}), resolve=names)
    assert sender.send(f"http://receiver.test:{receiver.port}/", BODY, HEADERS) == 204


def test_connecting_has_a_limit_of_its_own_within_the_whole(monkeypatch):
    limits, clock = [], ManualClock()
    monkeypatch.setattr("pisar.adapters.callback_sender.monotonic", clock.now)
    monkeypatch.setattr("pisar.adapters.public_http.monotonic", clock.now)

    def connect(address, timeout):
        limits.append(timeout)
        clock.advance(0.25)
        raise TimeoutError

    names = Names([PUBLIC, "1.1.1.1"])
    with pytest.raises(Unavailable):
        HttpCallbackSender(resolve=names, connect=connect).send("http://receiver.test/", BODY, HEADERS)
    assert limits == [5.0, 5.0]
    limits.clear()
    with pytest.raises(Unavailable):
        HttpCallbackSender(resolve=names, connect=connect, total_seconds=1.0).send("http://receiver.test/", BODY, HEADERS)
    assert limits == [1.0, 0.75]


# --- HTTPS ---


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_tls_is_verified_against_the_name_while_the_call_goes_to_the_address(authority, trust):
    wires = Wires()
    with listening(Receiver(), authority.issue_cert("receiver.test")) as receiver:
        sender = HttpCallbackSender(resolve=Names([PUBLIC]), connect=wires, trust=trust)
        assert sender.send(f"https://receiver.test:{receiver.port}/hook", BODY, HEADERS) == 204
    assert wires.connected == [(PUBLIC, receiver.port)]
    ((method, path, headers, body),) = receiver.got
    assert (method, path, headers["Host"], body) == ("POST", "/hook", f"receiver.test:{receiver.port}", BODY)


def test_the_port_a_scheme_has_by_itself_is_not_in_the_host_header(authority, trust):
    with listening(Receiver(), authority.issue_cert("receiver.test")) as receiver:
        wires = Wires(receiver.port)
        HttpCallbackSender(resolve=Names([PUBLIC]), connect=wires, trust=trust).send("https://receiver.test/", BODY, HEADERS)
    assert (wires.connected, receiver.got[0][2]["Host"]) == ([(PUBLIC, 443)], "receiver.test")


@pytest.mark.parametrize("certified", ["another.test", PUBLIC, "127.0.0.1"])
def test_a_certificate_for_another_name_gets_nothing(authority, trust, certified: str):
    with listening(Receiver(), authority.issue_cert(certified)) as receiver:
        sender = HttpCallbackSender(resolve=Names([PUBLIC]), connect=Wires(), trust=trust)
        with pytest.raises(Unavailable, match="the callback's receiver has no valid certificate for its name"):
            sender.send(f"https://receiver.test:{receiver.port}/", BODY, HEADERS)
    assert receiver.got == []


def test_a_certificate_of_an_authority_nobody_trusts_gets_nothing(authority):
    with listening(Receiver(), authority.issue_cert("receiver.test")) as receiver:
        sender = HttpCallbackSender(resolve=Names([PUBLIC]), connect=Wires())
        with pytest.raises(Unavailable, match="no valid certificate"):
            sender.send(f"https://receiver.test:{receiver.port}/", BODY, HEADERS)
    assert receiver.got == []


def test_plain_http_where_tls_should_be_is_unavailable(receiver):
    with pytest.raises(Unavailable):
        on_this_machine().send(f"https://127.0.0.1:{receiver.port}/", BODY, HEADERS)


def test_a_tls_receiver_that_trickles_is_given_up_in_time(authority, trust):
    with listening(Receiver(instead=trickling(b"HTTP/1.1 200 ")), authority.issue_cert("receiver.test")) as receiver:
        for seconds in (0.5, 2, 8):  # a busy machine may not have shaken hands by then: the trickling comes after that
            sender = HttpCallbackSender(resolve=Names([PUBLIC]), connect=Wires(), trust=trust, total_seconds=seconds)
            with in_time(), pytest.raises(Unavailable):
                sender.send(f"https://receiver.test:{receiver.port}/", BODY, HEADERS)
            if receiver.got:
                break
    assert len(receiver.got) == 1


class Hanging:
    """A resolver that answers nothing until it is let go."""

    def __init__(self) -> None:
        self.let_go = Event()
        self.asked = 0

    def __call__(self, *_args: object, **_how: object) -> list[object]:
        self.asked += 1
        self.let_go.wait(PATIENCE_SECONDS)
        raise socket.gaierror("no answer")


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    resolver = Hanging()
    yield resolver
    resolver.let_go.set()


def test_a_name_whose_server_never_answers_is_given_up_in_time(hanging: Hanging):
    sender = HttpCallbackSender(resolve=hanging, lookup_seconds=0.1)
    with in_time():
        with pytest.raises(Rejected) as refused:
            sender.check("http://receiver.test/")
        with pytest.raises(Unavailable):
            sender.send("http://receiver.test/", BODY, HEADERS)
    assert refused.value.details == {"why": "its host can't be found"}


def test_looking_a_name_up_is_part_of_a_calls_whole_time(hanging: Hanging):
    with in_time(), pytest.raises(Unavailable):
        HttpCallbackSender(resolve=hanging, total_seconds=0.1).send("http://receiver.test/", BODY, HEADERS)


def test_receivers_who_let_us_wait_hold_up_a_few_calls_and_no_more(hanging: Hanging):
    sender = HttpCallbackSender(resolve=hanging, lookup_seconds=PATIENCE_SECONDS, total_seconds=PATIENCE_SECONDS)
    with ThreadPoolExecutor(MAX_CALLS) as pool:
        calls = [pool.submit(sender.send, "http://receiver.test/", BODY, HEADERS) for _ in range(MAX_CALLS)]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while hanging.asked < MAX_CALLS and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(Busy):
            sender.send("http://receiver.test/", BODY, HEADERS)
        hanging.let_go.set()
        assert {type(call.exception(PATIENCE_SECONDS)) for call in calls} == {Unavailable}
    with pytest.raises(Unavailable):
        sender.send("http://receiver.test/", BODY, HEADERS)


def test_look_ups_that_hang_are_bounded_and_their_places_come_back(hanging: Hanging):
    sender = HttpCallbackSender(resolve=hanging, lookup_seconds=0.01)
    for _ in range(MAX_LOOKUPS):
        with pytest.raises(Rejected):
            sender.check("http://receiver.test/")
    with pytest.raises(Busy):
        sender.check("http://receiver.test/")
    with pytest.raises(Busy):
        sender.send("http://receiver.test/", BODY, HEADERS)
    assert hanging.asked == MAX_LOOKUPS
    hanging.let_go.set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            sender.check("http://receiver.test/")
        except Busy:
            time.sleep(0.01)
        except Rejected:
            break
    assert hanging.asked > MAX_LOOKUPS
