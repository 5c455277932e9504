"""Files behind links, from HTTPS servers with real sockets on this machine; what names resolve to is made up."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
import trustme

from pisar.adapters.link_files import MAX_FETCHES, MAX_REDIRECTS, HttpLinkFiles
from pisar.errors import Crowded, LinkRefusal, Rejected, Rejection
from tests.unit.adapters.test_callback_sender import PUBLIC, Names, Wires

HOST = "files.test"
MAX_BYTES = 1000
OGG = b"OggS" + bytes(96)


@dataclass
class Answer:
    body: bytes = OGG
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    length: int | None = -1
    """The declared length; -1 is the body's, None declares none."""
    instead: Callable[[socket.socket], None] | None = None


class Server(ThreadingHTTPServer):
    """Answers by path, and notes what was asked for."""

    daemon_threads = True

    def __init__(self, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST, "xn--80ak6aa92e.test").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def link(self, path: str, host: str = HOST) -> str:
        return f"https://{host}:{self.server_port}{path}"

    def handle_error(self, *_: object) -> None:  # who hangs up is what some tests are about
        pass


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path, Answer(status=404))
        if answer.instead:
            answer.instead(self.connection)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.length is not None:
            self.send_header("Content-Length", str(len(answer.body) if answer.length < 0 else answer.length))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[Server]:
    server = Server(authority)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def files(trust: ssl.SSLContext) -> HttpLinkFiles:
    return HttpLinkFiles(resolve=Names([PUBLIC]), connect=Wires(), trust=trust)


def refusal(files: HttpLinkFiles, link: str) -> Rejected:
    with pytest.raises(Rejected) as caught:
        files.fetch(link, max_bytes=MAX_BYTES)
    return caught.value


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/a", Answer(headers={"Content-Type": "audio/ogg"})),
        ("/a", Answer(headers={"Content-Type": "video/mp4; charset=binary"}, body=b"no head that anybody knows")),
        ("/talk.MP3", Answer(headers={"Content-Type": "application/octet-stream"}, body=b"\0" * 50)),
        ("/%D1%80%D0%B5%D1%87%D1%8C.ogg?key=1", Answer(body=b"\0" * 50)),
        ("/get?id=5", Answer(headers={"Content-Disposition": 'attachment; filename="talk.m4a"'}, body=b"\0" * 50)),
        ("/get?id=5", Answer(headers={"Content-Disposition": "attachment; filename*=\0''talk.m4a"})),
        ("/get?id=5", Answer(headers={"Content-Type": "binary/octet-stream"})),
        ("/get", Answer(headers={"Content-Type": "text/plain"})),
        ("/short", Answer(body=b"OggS")),
        ("/a.ogg", Answer(body=OGG, length=None)),
        ("/a.ogg", Answer(body=b"x" * MAX_BYTES)),
    ],
)
def test_a_recording_is_fetched_by_its_type_its_name_or_its_content(server: Server, files: HttpLinkFiles, path: str, answer: Answer):
    server.answers[path] = answer
    assert files.fetch(server.link(path), max_bytes=MAX_BYTES) == answer.body


def test_nothing_is_told_but_what_is_asked_for(server: Server, files: HttpLinkFiles):
    server.answers["/a.ogg"] = Answer()
    files.fetch(server.link("/a.ogg#t=30"), max_bytes=MAX_BYTES)
    ((path, headers),) = server.asked
    assert path == "/a.ogg"
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_a_link_with_letters_of_any_alphabet_is_followed(server: Server, files: HttpLinkFiles):
    server.answers["/%D1%80%D0%B5%D1%87%D1%8C%201.ogg?q=%C3%A9"] = Answer()
    assert files.fetch(server.link("/речь%201.ogg?q=é", "аррӏе.test"), max_bytes=MAX_BYTES) == OGG


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(headers={"Content-Type": "text/html; charset=utf-8"}), LinkRefusal.PAGE),
        (Answer(headers={"Content-Type": "application/pdf"}, body=b"%PDF-1.7" + bytes(50)), Rejection.UNSUPPORTED),
        (Answer(body=b""), Rejection.UNSUPPORTED),
        (Answer(status=404), LinkRefusal.UNREACHABLE),
        (Answer(status=500), LinkRefusal.UNREACHABLE),
        (Answer(status=401), LinkRefusal.UNREACHABLE),
        (Answer(status=302), LinkRefusal.UNREACHABLE),
        (Answer(body=OGG, length=len(OGG) + 1), LinkRefusal.UNREACHABLE),
        (Answer(instead=lambda connection: connection.close()), LinkRefusal.UNREACHABLE),
    ],
)
def test_anything_else_is_refused_by_what_it_is(server: Server, files: HttpLinkFiles, answer: Answer, code: Rejection | LinkRefusal):
    server.answers["/get"] = answer
    assert refusal(files, server.link("/get")).code == code


def endless(sent: list[int]) -> Callable[[socket.socket], None]:
    """Return what sends a recording of no declared length without end, and notes how much of it was taken."""

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: audio/ogg\r\n\r\n")
        for _ in range(1000):
            connection.sendall(bytes(2**16))
            sent.append(2**16)

    return send


def test_a_file_over_the_limit_is_refused_before_its_body_or_cut_at_the_limit(server: Server, files: HttpLinkFiles):
    sent: list[int] = []
    server.answers |= {
        "/declared": Answer(headers={"Content-Type": "audio/ogg"}, body=b"", length=MAX_BYTES + 1),
        "/undeclared": Answer(headers={"Content-Type": "audio/ogg"}, body=b"x" * (MAX_BYTES + 1), length=None),
        "/endless": Answer(instead=endless(sent)),
    }
    for path in server.answers:
        refused = refusal(files, server.link(path))
        assert (refused.code, refused.details) == (LinkRefusal.TOO_BIG, {"limit_mb": 0})
    assert sum(sent) < 50 * 2**20  # what a connection's buffers take, and not all of 62 MB


def test_redirects_are_followed_a_few_times_and_each_address_is_checked_anew(server: Server, trust: ssl.SSLContext):
    for number in range(MAX_REDIRECTS + 1):
        server.answers[f"/{number}"] = Answer(status=302, headers={"Location": f"/{number + 1}"})
    last = f"/{MAX_REDIRECTS + 1}"
    server.answers[last] = Answer(headers={"Content-Type": "audio/ogg"})
    names = Names([PUBLIC])
    files = HttpLinkFiles(resolve=names, connect=Wires(), trust=trust)
    assert files.fetch(server.link("/1"), max_bytes=MAX_BYTES) == OGG
    assert len(names.asked) == MAX_REDIRECTS + 1
    assert refusal(files, server.link("/0")).code is LinkRefusal.UNREACHABLE


@pytest.mark.parametrize(
    "location",
    [
        "http://files.test/a.ogg",
        "https://127.0.0.1/a.ogg",
        "https://[::1]/",
        "ftp://files.test/",
        "file:///etc/passwd",
        "https://[::1",
        "//[files",
    ],
)
def test_a_redirect_leads_nowhere_that_a_link_may_not(server: Server, trust: ssl.SSLContext, location: str):
    def resolve(host: str, port: int, **_: object) -> list[tuple]:
        return Names([PUBLIC] if host == HOST else [host])(host, port)

    server.answers["/a"] = Answer(status=302, headers={"Location": location})
    wires = Wires()
    refused = refusal(HttpLinkFiles(resolve=resolve, connect=wires, trust=trust), server.link("/a"))
    assert (refused.code, len(wires.connected)) == (LinkRefusal.REFUSED, 1)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["10.0.0.1"], [PUBLIC, "169.254.169.254"], ["fd00::1"]])
def test_a_host_with_an_address_that_is_not_public_is_never_connected_to(trust: ssl.SSLContext, addresses: list[str]):
    wires = Wires()
    files = HttpLinkFiles(resolve=Names(addresses), connect=wires, trust=trust)
    assert (refusal(files, f"https://{HOST}/a.ogg").code, wires.connected) == (LinkRefusal.REFUSED, [])


def test_a_redirect_to_a_name_that_has_become_private_is_not_followed(server: Server, trust: ssl.SSLContext):
    server.answers |= {"/a": Answer(status=307, headers={"Location": "/b"}), "/b": Answer()}
    files = HttpLinkFiles(resolve=Names([PUBLIC], ["127.0.0.1"]), connect=Wires(), trust=trust)
    assert refusal(files, server.link("/a")).code is LinkRefusal.REFUSED
    assert [path for path, _ in server.asked] == ["/a"]


def test_a_host_that_the_owner_named_may_be_private(server: Server, trust: ssl.SSLContext):
    server.answers["/a.ogg"] = Answer()
    files = HttpLinkFiles(allowed_hosts=frozenset({HOST}), resolve=Names(["127.0.0.1"]), trust=trust)
    assert files.fetch(server.link("/a.ogg"), max_bytes=MAX_BYTES) == OGG


@pytest.mark.parametrize(
    "link", ["http://files.test/a.ogg", "https://user:pw@files.test/a.ogg", "https://", "ftp://files.test/a.ogg", "a.ogg"]
)
def test_what_is_no_plain_https_link_is_refused(files: HttpLinkFiles, link: str):
    assert refusal(files, link).code is LinkRefusal.REFUSED


def test_a_name_that_nobody_knows_and_a_certificate_that_nobody_trusts_are_unreachable(server: Server):
    server.answers["/a.ogg"] = Answer()
    unknown = HttpLinkFiles(resolve=Names([]))
    untrusted = HttpLinkFiles(resolve=Names([PUBLIC]), connect=Wires())
    for files in (unknown, untrusted):
        assert refusal(files, server.link("/a.ogg")).code is LinkRefusal.UNREACHABLE
    assert server.asked == []


def test_a_file_that_trickles_is_given_up_in_time(server: Server, trust: ssl.SSLContext):
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: audio/ogg\r\nContent-Length: 900\r\n\r\n")
        for _ in range(900):
            connection.sendall(b"x")
            time.sleep(0.02)

    server.answers["/a.ogg"] = Answer(instead=trickle)
    began = time.monotonic()
    for seconds in (1, 4):  # a busy machine may not have shaken hands by then
        files = HttpLinkFiles(resolve=Names([PUBLIC]), connect=Wires(), trust=trust, total_seconds=seconds)
        assert refusal(files, server.link("/a.ogg")).code is LinkRefusal.UNREACHABLE
        if server.asked:
            break
    assert server.asked
    assert time.monotonic() - began < 15


def test_only_so_many_are_fetched_at_a_time(server: Server, files: HttpLinkFiles):
    let_go = Event()
    server.answers["/slow"] = Answer(instead=lambda _: let_go.wait(60))
    server.answers["/a.ogg"] = Answer()
    with ThreadPoolExecutor(MAX_FETCHES) as pool:
        slow = [pool.submit(refusal, files, server.link("/slow")) for _ in range(MAX_FETCHES)]
        while len(server.asked) < MAX_FETCHES:
            time.sleep(0.01)
        with pytest.raises(Crowded):
            files.fetch(server.link("/a.ogg"), max_bytes=MAX_BYTES)
        let_go.set()
        assert {one.result(60).code for one in slow} == {LinkRefusal.UNREACHABLE}
    assert files.fetch(server.link("/a.ogg"), max_bytes=MAX_BYTES) == OGG
