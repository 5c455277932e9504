"""An event loop in a thread of its own, so that synchronous code can use an asynchronous library.

The thread starts with the first call, and again with the first after `close`. It does not survive a fork: a process that
forks builds its own after it.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")


END_SECONDS = 10.0
"""How long tasks that were cancelled may take to tidy up."""


class LoopThread:
    """Runs coroutines for other threads. Safe for threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    def run(self, work: Coroutine[Any, Any, T], *, timeout_seconds: float) -> T:
        """Return what the coroutine returns; cancel it and raise TimeoutError after the time, which is only the last resort."""
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(timeout_seconds)
        except TimeoutError:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the thread; once more is fine."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            end_loop(loop, thread)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(target=self._loop.run_forever, name=self._name, daemon=True)
                self._thread.start()
            return self._loop


def end_loop(loop: asyncio.AbstractEventLoop, thread: Thread) -> None:
    """Cancel what still runs on a loop, then stop its thread and close it: a task left pending is complained of when it is collected."""
    with suppress(TimeoutError):
        asyncio.run_coroutine_threadsafe(_end_tasks(), loop).result(END_SECONDS)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
