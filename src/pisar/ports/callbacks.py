"""Callbacks to API clients: their queue, and the sender that makes the calls."""

from collections.abc import Mapping
from typing import Protocol

from pisar.domain.callbacks import CallbackMessage


class CallbackQueue(Protocol):
    """A queue of delayed callbacks; it delivers each at least once and in no promised order."""

    def put(self, message: CallbackMessage, *, delay_seconds: int) -> None:
        """Queue the callback for delivery after so many seconds, at most 900. Repeating queues it again."""


class CallbackSender(Protocol):
    """Calls the URLs that clients gave. It calls only hosts on the public internet, unless the owner named the host."""

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_CALLBACK) for an unusable URL or a host that is not public, and Busy when that can't be told now."""

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST the body once and return the HTTP status; redirects are not followed.

        Raises Rejected and Busy as `check` does, and then nothing was sent. Raises Unavailable when nobody answers; the body may have been
        sent.
        """
