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
"""The status of a response that nobody receives, as nginx uses it."""

T = TypeVar("T")


Check = Callable[[], None]
"""Called by the working thread; raises CallerGoneError once the client has disconnected."""


class CallerGoneError(Exception):
    """The client disconnected before the response. `Check` raises it in the work, and only the door catches it."""


async def while_connected(request: Request, work: Callable[[Check], T]) -> T:
    """Run the work in a thread and return its result; its Check raises once the client disconnects.

    The request's body must have been read: the next message of the connection is then its end.
    """
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
