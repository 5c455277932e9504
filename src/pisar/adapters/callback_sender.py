"""Calls to the clients of the API over HTTP, behind port CallbackSender. Of an answer only the status counts."""

from collections.abc import Mapping
from threading import BoundedSemaphore
from time import monotonic
from typing import Unpack

from pisar.adapters.public_http import Connecting, PublicHttp
from pisar.domain.destinations import Destination, refused
from pisar.errors import Busy, Unavailable

MAX_CALLS = 4
"""Receivers that are called at a time: half of what a worker of errands does at once, so that receivers who let us wait, by their names or
by themselves, hold up no answer in a chat."""


class HttpCallbackSender:
    """Calls over HTTP/1.1. Safe for threads. Times in seconds; `total_seconds` is for a whole call, looking its name up included.

    `connecting`: as in `PublicHttp`.
    """

    def __init__(self, *, total_seconds: float = 10.0, **connecting: Unpack[Connecting]) -> None:
        self._http = PublicHttp("the callback's receiver", **connecting)
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
