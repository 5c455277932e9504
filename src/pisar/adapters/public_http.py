"""HTTP to addresses that strangers chose: callbacks' receivers and links to recordings.

A name is resolved once for each exchange, all its addresses are checked, and one of those very addresses is connected to: a second lookup
could give another answer (DNS rebinding). The socket is opened here and given to the standard library's HTTP client, which sends the
name as Host, while TLS verifies it; urllib3 and requests connect by name, and know no limit for a whole call. Nothing is repeated,
redirected or sent through a proxy.

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
from typing import Any, TypedDict

from pisar.domain.destinations import Destination, is_public, refused
from pisar.errors import Busy, Unavailable

MAX_LOOKUPS = 16
"""Names that are looked up at a time, the look-ups that nobody waits for any more included: a thread of 8 MB of address space each."""


class Connecting(TypedDict, total=False):
    """How hosts are found and connected to; `PublicHttp` has the defaults."""

    allowed_hosts: frozenset[str]
    lookup_seconds: float
    connect_seconds: float
    resolve: Callable[..., Any]
    connect: Callable[..., socket.socket]
    trust: ssl.SSLContext | None


class PublicHttp:
    """Exchanges over HTTP/1.1 with hosts on the public internet. Safe for threads. Times in seconds.

    `system`: what is at the other end, for messages. `allowed_hosts` may have addresses that are not public, because the owner says so; a
    host is compared as the URL spells it, in lower case. `trust` decides which certificates are good; by default the system's store does,
    or what SSL_CERT_FILE names.
    """

    def __init__(
        self,
        system: str,
        *,
        allowed_hosts: frozenset[str] = frozenset(),
        lookup_seconds: float = 5.0,
        connect_seconds: float = 5.0,
        resolve: Callable[..., Any] = socket.getaddrinfo,
        connect: Callable[..., socket.socket] = socket.create_connection,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._system = system
        self._allowed_hosts = allowed_hosts
        self._lookup_seconds = lookup_seconds
        self._lookups = BoundedSemaphore(MAX_LOOKUPS)
        self._connect_seconds = connect_seconds
        self._resolve = resolve
        self._connect = connect
        self._trust = trust
        self._lock = Lock()

    def check(self, destination: Destination) -> None:
        """Raise Rejected(BAD_CALLBACK) for a host with an address that is not public, Unavailable where none is found in time, and Busy."""
        self._addresses(destination, self._lookup_seconds)

    @contextmanager
    def exchange(
        self, method: str, destination: Destination, headers: Mapping[str, str], *, body: bytes | None = None, deadline: float
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request and give its answer; the body is read in the block or not at all. `deadline`: of the monotonic clock.

        Raises as `check` does, and then nothing was sent; Unavailable when nobody answers, or the block is not left before the deadline.
        """
        addresses = self._addresses(destination, min(self._lookup_seconds, deadline - monotonic()))
        try:
            with self._connected(addresses, destination.port, deadline) as raw, _cut_off(raw, deadline):
                raw.settimeout(None)  # from here on the deadline alone ends it
                connection = http.client.HTTPConnection(destination.host, destination.port)
                connection.sock = raw
                if destination.scheme == "https":
                    connection.sock = self._trusted().wrap_socket(raw, server_hostname=destination.host)
                try:
                    connection.request(method, destination.target, body, {"Host": destination.authority, "Connection": "close", **headers})
                    with connection.getresponse() as answer:
                        yield answer
                finally:
                    connection.close()
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(f"{self._system} has no valid certificate for its name") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{self._system} did not answer: {type(error).__name__}") from error

    def _addresses(self, destination: Destination, seconds: float) -> list[str]:
        """Return every address of the host, in the system's order. Raises Rejected if one is not public, Unavailable if there is none."""
        try:
            found = self._look_up(destination, seconds)
        except (OSError, UnicodeError) as error:  # UnicodeError: a label longer than DNS can carry
            raise Unavailable(f"{self._system} can't be found: {type(error).__name__}") from error
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        if not addresses:
            raise Unavailable(f"{self._system} has no address")
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
