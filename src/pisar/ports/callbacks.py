"""Callbacks to clients of the API: their queue, and who sends them."""

from collections.abc import Mapping
from typing import Protocol

from pisar.domain.callbacks import CallbackMessage


class CallbackQueue(Protocol):
    """Where callbacks wait for their time, at least once and in no promised order."""

    def put(self, message: CallbackMessage, *, delay_seconds: int) -> None:
        """Queue the callback, to be received after so many seconds, at most 900. Repeating queues it again."""


class CallbackSender(Protocol):
    """Calls to addresses that clients gave us. Nothing but the public internet is ever called, unless the owner named the host."""

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_CALLBACK) for a URL that can't be called, or whose host is not public; Busy: ask again later."""

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST the body once and return the HTTP status; redirects are not followed.

        Raises Rejected and Busy as `check` does, and then nothing was sent; Unavailable when nobody answers, and then it may have been.
        """
