"""HTTP to addresses that strangers chose, behind port CallbackSender.

A name is resolved once for each call, all its addresses are checked, and one of those very addresses is connected to: a second lookup
could give another answer (DNS rebinding). The socket is opened here and given to the standard library's HTTP client, which sends the
name as Host, while TLS verifies it; urllib3 and requests connect by name, and know no limit for a whole call. Nothing is repeated,
redirected or sent through a proxy, and of the answer only the status counts.

A look-up has no limit of its own: getaddrinfo waits as long as the system's resolver tries, half a minute and more for a server of names
that never answers. So it runs in a thread that is left behind when its time is up, and so many threads at most are left hanging. A library
that asks for names itself would know limits, but not the names of a machine's own files and networks.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Event, Lock, Thread, Timer
from time import monotonic
from typing import Any

from pisar.domain.destinations import Destination, is_public, refused
from pisar.errors import Busy, Unavailable

SYSTEM = "the callback's receiver"

MAX_LOOKUPS = 16
"""Names that are looked up at a time, the look-ups that nobody waits for any more included: a thread of 8 MB of address space each."""

MAX_CALLS = 4
"""Receivers that are called at a time: half of what a worker of errands does at once, so that receivers who let us wait, by their names or
by themselves, hold up no answer in a chat."""


class HttpCallbackSender:
    """Calls over HTTP/1.1. Safe for threads. Times in seconds; `total_seconds` is for a whole call, looking its name up included.

    `allowed_hosts` may have addresses that are not public, because the owner says so; a host is compared as the URL spells it, in lower
    case. `trust` decides which certificates are good; by default the system's store does, or what SSL_CERT_FILE names.
    """

    def __init__(
        self,
        *,
        allowed_hosts: frozenset[str] = frozenset(),
        lookup_seconds: float = 5.0,
        connect_seconds: float = 5.0,
        total_seconds: float = 10.0,
        resolve: Callable[..., Any] = socket.getaddrinfo,
        connect: Callable[..., socket.socket] = socket.create_connection,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed_hosts = allowed_hosts
        self._lookup_seconds = lookup_seconds
        self._lookups = BoundedSemaphore(MAX_LOOKUPS)
        self._calls = BoundedSemaphore(MAX_CALLS)
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds
        self._resolve = resolve
        self._connect = connect
        self._trust = trust
        self._lock = Lock()

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_CALLBACK) for a URL that can't be called, or whose host is not public or does not resolve in time; Busy."""
        destination = Destination.parse(url)
        try:
            self._addresses(destination, self._lookup_seconds)
        except Unavailable as error:
            raise refused("its host can't be found") from error

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST the body once and return the HTTP status. Raises Rejected as `check` does, Unavailable when nobody answers, Busy."""
        destination = Destination.parse(url)
        if not self._calls.acquire(blocking=False):
            raise Busy("too many receivers are being called")
        try:
            return self._send(destination, body, headers)
        finally:
            self._calls.release()

    def _send(self, destination: Destination, body: bytes, headers: Mapping[str, str]) -> int:
        deadline = monotonic() + self._total_seconds
        addresses = self._addresses(destination, min(self._lookup_seconds, self._total_seconds))
        try:
            with self._connected(addresses, destination.port, deadline) as raw, _cut_off(raw, deadline):
                return self._post(raw, destination, body, headers)
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(f"{SYSTEM} has no valid certificate for its name") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{SYSTEM} did not answer: {type(error).__name__}") from error

    def _addresses(self, destination: Destination, seconds: float) -> list[str]:
        """Return every address of the host, in the system's order. Raises Rejected if one is not public, Unavailable if there is none."""
        try:
            found = self._look_up(destination, seconds)
        except (OSError, UnicodeError) as error:  # UnicodeError: a label longer than DNS can carry
            raise Unavailable(f"{SYSTEM} can't be found: {type(error).__name__}") from error
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        if not addresses:
            raise Unavailable(f"{SYSTEM} has no address")
        if destination.host not in self._allowed_hosts and not all(is_public(ip_address(address)) for address in addresses):
            raise refused("its host has an address that is not public")
        return addresses

    def _look_up(self, destination: Destination, seconds: float) -> Any:
        """Return what the resolver finds within so many seconds; raise what it raises, TimeoutError, or Busy when too many hang."""
        if not self._lookups.acquire(blocking=False):
            raise Busy("too many names are being looked up")
        outcome: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

        def look() -> None:
            try:
                outcome.put((self._resolve(destination.host, destination.port, type=socket.SOCK_STREAM), None))
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                outcome.put((None, error))
            finally:
                self._lookups.release()

        try:
            Thread(target=look, name="looking up", daemon=True).start()
        except RuntimeError as none:  # no thread can be had
            self._lookups.release()
            raise Busy("too much is done here at once") from none
        try:
            found, error = outcome.get(timeout=seconds)
        except Empty:
            raise TimeoutError("no answer in time") from None
        if error is not None:
            raise error
        return found

    def _connected(self, addresses: list[str], port: int, deadline: float) -> socket.socket:
        # Each address in turn, as clients do: of a name with an IPv6 and an IPv4 address one may lead nowhere from here.
        last: OSError = TimeoutError("no time left")
        for address in addresses:
            left = deadline - monotonic()
            if left <= 0:
                break
            try:
                return self._connect((address, port), timeout=min(self._connect_seconds, left))
            except OSError as error:
                last = error
        raise last

    def _post(self, raw: socket.socket, destination: Destination, body: bytes, headers: Mapping[str, str]) -> int:
        raw.settimeout(None)  # from here on the deadline alone ends it
        connection = http.client.HTTPConnection(destination.host, destination.port)
        connection.sock = raw
        if destination.scheme == "https":
            connection.sock = self._trusted().wrap_socket(raw, server_hostname=destination.host)
        try:
            connection.request("POST", destination.target, body, {"Host": destination.authority, "Connection": "close", **headers})
            with connection.getresponse() as answer:
                return answer.status
        finally:
            connection.close()

    def _trusted(self) -> ssl.SSLContext:
        with self._lock:  # made for the first HTTPS call: reading the store takes a while
            if self._trust is None:
                self._trust = ssl.create_default_context()
            return self._trust


@contextmanager
def _cut_off(connected: socket.socket, deadline: float) -> Iterator[None]:
    """Run the block and break the connection at the deadline: a socket's own timeout begins anew with every byte that trickles in.

    Raises TimeoutError where the block took half an answer for a whole one.
    """
    handle = connected.dup()  # TLS takes the first one over
    too_late = Event()

    def cut() -> None:
        too_late.set()
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = Timer(max(0.0, deadline - monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # it must not shut down what gets the handle's number next
        handle.close()
    if too_late.is_set():
        raise TimeoutError("the answer did not end in time")
