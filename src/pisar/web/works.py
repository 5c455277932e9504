"""Runs the transcription of an HTTP request in a thread, and decides what becomes of it when its caller hangs up or its time is up.

A transcription that has begun is not thrown away where its text is kept: whoever asks again joins it, or finds the text. It is the caller's
who began it, who pays for it. `pisar.speech.turns` bounds how many have begun, so no more than that go on for nobody. One that still waits
for its turn ends with its caller.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from threading import Event, Lock
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

log = logging.getLogger(__name__)

CLIENT_CLOSED_REQUEST = 499
"""The status of a response that nobody receives, as nginx uses it."""

T = TypeVar("T")

_going_on: set["asyncio.Task[Any]"] = set()
"""Works whose callers have been answered; asyncio itself keeps no task."""


class CallerGoneError(Exception):
    """The client disconnected before the response. `Hold.check` raises it in the work, and only the door catches it."""


class LateError(Exception):
    """The caller's time is up."""


class Hold:
    """What holds a work: its caller, and its caller's time. `kept`: whether its result is of use without the caller."""

    def __init__(self, *, kept: bool) -> None:
        self._kept = kept
        self._begun, self._gone, self._late = Event(), Event(), Event()
        self._lock, self._answered = Lock(), False

    @property
    def goes_on(self) -> bool:
        """Whether the work is to go on to its end without its caller."""
        return self._kept and self._begun.is_set()

    @property
    def is_alone(self) -> bool:
        """Whether the caller has gone."""
        return self._gone.is_set()

    def begin(self) -> None:
        """Note that the work has begun, which until then has waited for others."""
        self._begun.set()

    def let_go(self) -> None:
        """Note that the caller has gone."""
        self._gone.set()

    def end(self) -> None:
        """Note that the caller's time is up, and that the work is to end."""
        self._late.set()

    def take_answer(self) -> bool:
        """Return True to the first who asks, who answers the caller: the work with what it has made, or the door for lack of time."""
        with self._lock:
            free, self._answered = not self._answered, True
            return free

    def defer(self) -> None:
        """Return if the caller waits for a job to be made. Called by the work's thread; raises LateError or CallerGoneError."""
        if self._gone.is_set():
            raise CallerGoneError
        if not self.take_answer():
            raise LateError

    def check(self) -> None:
        """Return while the work is wanted. Called by its thread; raises LateError or CallerGoneError."""
        if self._late.is_set():
            raise LateError
        if self._gone.is_set() and not self.goes_on:
            raise CallerGoneError


async def run_apart(work: Callable[[], T]) -> T:
    """Run work that lasts in a thread of its own, so that it holds up nothing else: of the others there are only so many."""
    return await to_thread.run_sync(work, limiter=CapacityLimiter(math.inf))


async def while_wanted(
    request: Request, work: Callable[[Hold], T], *, kept: bool, wait_seconds: float | None = None, ends_late: bool = False
) -> T:
    """Run the work in a thread and return its result.

    `kept`: it goes on to its end, once it has begun, though the client disconnects. After `wait_seconds` LateError is raised: a work that
    is kept and has begun goes on, unless it `ends_late`, and any other ends first. The request's body must have been read: the next
    message of the connection is then its end. Raises CallerGoneError where the client disconnected and the work ended before its time.
    """
    hold = Hold(kept=kept)
    task = asyncio.create_task(run_apart(lambda: work(hold)))
    watching = asyncio.create_task(_watch(request, hold))
    try:
        done, _ = await asyncio.wait({task}, timeout=wait_seconds)
        if not done and not hold.is_alone:
            if not hold.goes_on or ends_late:
                hold.end()
            elif hold.take_answer():
                keep(task)
                raise LateError
        return await task
    except CallerGoneError:
        log.info("ended, since nobody waits for it")
        raise
    finally:
        watching.cancel()


async def _watch(request: Request, hold: Hold) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    hold.let_go()
    if hold.goes_on:
        log.info("the caller hung up; the transcription goes on, and its text is kept")


def keep(task: "asyncio.Task[Any]") -> None:
    """Keep a task until it ends, which asyncio itself does not, and let it fail though nobody looks at how."""
    _going_on.add(task)
    task.add_done_callback(_ended)


def _ended(task: "asyncio.Task[Any]") -> None:
    _going_on.discard(task)
    if not task.cancelled():
        task.exception()
