"""Runs uvicorn with limits: on the time of each request, and on connections, in all and for each client address.

uvicorn bounds the size of a request's head and the pause between two requests. It has no time for a head that does not end, for a body
that drips, or for an answer that nobody reads, and its `limit_concurrency` would turn the health check away with everybody else. Servers
that have such times (hypercorn: one for each read, which a byte a second defeats; granian: one for the head) lack the rest. So a protocol
notes when what it waits for began, and one task looks at all connections once a second.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0

_WORDS = b'{"error": {"code": "too_many_connections", "message": "There are too many connections at once; try again in a second."}}'
REFUSAL = (
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(_WORDS), _WORDS)
)
"""Sent without having read the request: who has sent much of it already may see a connection that was reset instead."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a caller may take. The values are those that Apache's mod_reqtimeout and nginx come with, or stricter.

    `connections`: below 1,024, the files that a process may open on most systems, with room for the store's and its own.
    `connections_per_address`: of these, but those from `proxies` are not counted, for all of a proxy's callers have its address.
    `head_bytes`: of the request line and the headers together. `head_seconds`: until they are whole, from the connection or the answer
    before. `idle_seconds`: between two bytes of a body, or of an answer that its caller does not read. `bytes_per_second`: of a body
    after its first `idle_seconds`; a voice message of a minute is 250 kB. `linger_seconds`: how long a body that was answered before
    its end is still read, so that its caller sees the answer and no reset. `chunks`: of any size, in one body; there may be one more for
    each `chunk_bytes` of it. A chunk costs 10 us to read however small it is, and a form by chunks of 64 KB has some hundred.
    """

    connections: int = 512
    connections_per_address: int = 128
    proxies: tuple[Network, ...] = ()
    head_bytes: int = 16 * 1024
    head_seconds: float = 15.0
    idle_seconds: float = 30.0
    bytes_per_second: float = 4096.0
    linger_seconds: float = 30.0
    chunks: int = 4096
    chunk_bytes: int = 64


class Phase(StrEnum):
    """What a connection waits for, as the log names it."""

    HEAD = "the head of a request"
    BODY = "the body of a request"
    ANSWER = "the answer"
    UNREAD = "an answer that is not read"
    REST = "the rest of a body that was answered"
    END = "the end of a connection"


class BoundedConnection(h11.Connection):
    """The reading of one connection's requests; a body of too many chunks is a broken one."""

    def __init__(self, bounds: Bounds) -> None:
        super().__init__(h11.SERVER, bounds.head_bytes)
        self._bounds = bounds
        self._chunks = self._bytes = 0

    def next_event(self) -> Any:
        """Return what comes next; raise RemoteProtocolError."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._chunks = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._chunks += event.chunk_start
            self._bytes += len(event.data)
            if self._chunks > self._bounds.chunks + self._bytes / self._bounds.chunk_bytes:
                raise h11.RemoteProtocolError("the body is cut into too many chunks")
        return event


class BoundedProtocol(H11Protocol):
    """One connection, which knows for how long it has been waiting for what. `address`: what it counts for, None for a proxy's."""

    def __init__(self, *args: Any, bounds: Bounds, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address: Network | None = None
        self._bounds = bounds
        self.conn = BoundedConnection(bounds)
        self._phase = Phase.HEAD
        self._begin()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself
        """Take the connection; where there are too many, the one that waits longest for a request makes room, or else this one goes."""
        super().connection_made(transport)
        self.address = counted(transport.get_extra_info("peername"), self._bounds.proxies)
        every = [one for one in self.connections if isinstance(one, BoundedProtocol)]
        if self.address is not None:
            self._make_room([one for one in every if one.address == self.address], self._bounds.connections_per_address)
        if self in self.connections:
            self._make_room(every, self._bounds.connections)

    def _make_room(self, connections: list["BoundedProtocol"], most: int) -> None:
        connections = [one for one in connections if one in self.connections]
        if len(connections) > most:
            spare = min((one for one in connections if one is not self and one.is_spare), key=lambda one: one.since, default=None)
            if spare is None:
                self.refuse()
            else:
                spare.drop()

    def data_received(self, data: bytes) -> None:
        """Take note of what came, and hand it on."""
        self._heard = self.loop.time()
        self._received += len(data)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._begin()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, where no answer has begun; whoever reads the body is told that there is no more of it."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self.transport.abort()
        if self.cycle is not None:  # uvicorn says so only when the connection is lost, and until then an answer to it would raise
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    @property
    def since(self) -> float:
        """When what it waits for began, in the loop's seconds."""
        return self._since

    @property
    def is_spare(self) -> bool:
        """Say whether nothing is done for this connection: its request is yet to come, or has its answer."""
        return self.cycle is None or self.cycle.response_complete

    def drop(self) -> None:
        """End the connection at once."""
        self.connections.discard(self)  # uvicorn does it later, when the loop has got round to it
        self.transport.abort()

    def refuse(self) -> None:
        """End a connection that has just begun, in words."""
        self.connections.discard(self)
        self.transport.write(REFUSAL)
        self.transport.close()

    def overdue(self) -> Phase | None:
        """Return what the connection has been waiting for too long; None while its caller has time."""
        phase, now = self._waits_for(), self.loop.time()
        if phase is not self._phase:
            self._phase = phase
            self._begin()
        waited, bounds = now - self._since, self._bounds
        late = {
            Phase.HEAD: waited > bounds.head_seconds,
            Phase.BODY: now - self._heard > bounds.idle_seconds or waited > bounds.idle_seconds + self._received / bounds.bytes_per_second,
            Phase.ANSWER: False,
            Phase.UNREAD: waited > bounds.idle_seconds,
            Phase.REST: waited > bounds.linger_seconds,
            Phase.END: waited > bounds.linger_seconds,
        }
        return phase if late[phase] else None

    def _waits_for(self) -> Phase:
        if self.transport.is_closing():
            return Phase.END
        if self.flow.write_paused:
            return Phase.UNREAD
        if self.is_spare:
            return Phase.REST if self.conn.their_state is h11.SEND_BODY else Phase.HEAD
        # While reading is paused it is for us to go on, not for the caller.
        return Phase.BODY if self.cycle.more_body and not self.flow.read_paused else Phase.ANSWER

    def _begin(self) -> None:
        self._since = self._heard = self.loop.time()
        self._received = 0


def counted(peer: Any, proxies: tuple[Network, ...]) -> Network | None:
    """Return what a connection counts for: an IPv4 address, or a network of IPv6, of which one customer has 2^64; None for a proxy's."""
    if not isinstance(peer, tuple):  # no address: a socket of this machine
        return None
    address = ip_address(peer[0].partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # a socket for both kinds shows IPv4's so, and all of them lie in one /64
    if any(address in proxy for proxy in proxies):
        return None
    return IPv4Network(address) if isinstance(address, IPv4Address) else IPv6Network((address, 64), strict=False)


class BoundedServer(uvicorn.Server):
    """uvicorn's server with a look at all connections once a second, also while it ends."""

    async def startup(self, sockets: Any = None) -> None:
        """Listen, and begin to look."""
        await super().startup(sockets)
        self._looking = asyncio.create_task(self._look_on())  # kept, or it might be collected

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            drop_overdue(one for one in self.server_state.connections if isinstance(one, BoundedProtocol))


def drop_overdue(connections: Iterable[BoundedProtocol]) -> None:
    """End the connections that have waited too long, with one line of log however many there are."""
    found = [(one, phase) for one in list(connections) if (phase := one.overdue())]
    for one, _ in found:
        one.drop()
    for phase, count in Counter(phase for _, phase in found).items():
        log.info("connections ended, for they waited too long", extra={"waited_for": phase.value, "connections": count})


def server(app: Any, *, host: str, port: int, bounds: Bounds) -> BoundedServer:
    """Return a server of an ASGI application."""
    return BoundedServer(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=cast("type[asyncio.Protocol]", partial(BoundedProtocol, bounds=bounds)),
            ws="none",
            backlog=128,  # as many are accepted at once, before any of them can make room for another
            log_config=None,
            access_log=False,
        )
    )


def serve(app: Any, *, host: str, port: int, bounds: Bounds) -> None:
    """Serve an ASGI application until SIGTERM or SIGINT, which let running requests end."""
    with suppress(KeyboardInterrupt):  # raised again once all requests have ended
        server(app, host=host, port=port, bounds=bounds).run()
