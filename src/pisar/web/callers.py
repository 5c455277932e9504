"""Work for a caller who may go away: it is told, so that an engine does not go on for nobody."""

import asyncio
import logging
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

log = logging.getLogger(__name__)

CLIENT_CLOSED_REQUEST = 499
"""The status of an answer that nobody gets, by nginx's custom."""

T = TypeVar("T")


class CallerGoneError(Exception):
    """The connection ended before the answer: raised in the work by `Caller.check`, for the door alone."""


class Caller:
    """Who asked. `check` is for the thread that works: it raises CallerGoneError once the caller has gone."""

    def __init__(self) -> None:
        self._gone = Event()

    def check(self) -> None:
        """Raise CallerGoneError if the answer would reach nobody."""
        if self._gone.is_set():
            raise CallerGoneError

    def leave(self) -> None:
        """Take note that nobody waits any more."""
        self._gone.set()


async def while_connected(request: Request, work: Callable[[Caller], T]) -> T:
    """Return what the work gives that is done in a thread. The request's body must have been read: what comes next is its end."""
    caller = Caller()
    watching = asyncio.create_task(_watch(request, caller))
    try:
        return await run_in_threadpool(work, caller)
    except CallerGoneError:
        log.info("ended, since nobody waits for it")
        raise
    finally:
        watching.cancel()


async def _watch(request: Request, caller: Caller) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    caller.leave()
