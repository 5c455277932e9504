"""Calls to the clients of the API over HTTP, behind port CallbackSender. Of an answer only the status counts."""

import socket
import ssl
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from pisar.adapters.public_http import PublicHttp
from pisar.domain.destinations import Destination, refused
from pisar.errors import Busy, Unavailable

MAX_CALLS = 4
"""Receivers that are called at a time: half of what a worker of errands does at once, so that receivers who let us wait, by their names or
by themselves, hold up no answer in a chat."""


class HttpCallbackSender:
    """Calls over HTTP/1.1. Safe for threads. Times in seconds; `total_seconds` is for a whole call, looking its name up included.

    `allowed_hosts`, `trust`: as in `PublicHttp`.
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
        self._http = PublicHttp(
            "the callback's receiver",
            allowed_hosts=allowed_hosts,
            lookup_seconds=lookup_seconds,
            connect_seconds=connect_seconds,
            resolve=resolve,
            connect=connect,
            trust=trust,
        )
        self._calls = BoundedSemaphore(MAX_CALLS)
        self._total_seconds = total_seconds

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_CALLBACK) for a URL that can't be called, or whose host is not public or does not resolve in time; Busy."""
        destination = Destination.parse(url)
        try:
            self._http.check(destination)
        except Unavailable as error:
            raise refused("its host can't be found") from error

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST the body once and return the HTTP status. Raises Rejected as `check` does, Unavailable when nobody answers, Busy."""
        destination = Destination.parse(url)
        if not self._calls.acquire(blocking=False):
            raise Busy("too many receivers are being called")
        try:
            deadline = monotonic() + self._total_seconds
            with self._http.exchange("POST", destination, headers, body=body, deadline=deadline) as answer:
                return answer.status
        finally:
            self._calls.release()
