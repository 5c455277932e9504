"""Cancels the transcription of an HTTP request when its client disconnects."""

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


Check = Callable[[], None]
"""For the thread that works: raises CallerGoneError once the answer would reach nobody."""


class CallerGoneError(Exception):
    """The connection ended before the answer: raised in the work by its Check, for the door alone."""


async def while_connected(request: Request, work: Callable[[Check], T]) -> T:
    """Return what the work gives that is done in a thread. The request's body must have been read: what comes next is its end."""
    gone = Event()

    def check() -> None:
        if gone.is_set():
            raise CallerGoneError

    watching = asyncio.create_task(_watch(request, gone))
    try:
        return await run_in_threadpool(work, check)
    except CallerGoneError:
        log.info("ended, since nobody waits for it")
        raise
    finally:
        watching.cancel()


async def _watch(request: Request, gone: Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()
