"""Ctrl-C during work that Python can't interrupt."""

from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

LOOK_SECONDS = 0.2
"""A signal that comes just before the wait begins does not end it: so it begins again so often."""


def interruptible(work: Callable[[], T]) -> T:
    """Return what the work returns or raise what it raises; Ctrl-C comes out within LOOK_SECONDS as KeyboardInterrupt.

    Python looks at signals between its own steps only, and a window of speech is one step of whisper.cpp, a minute of work for a
    large model. So the work is done on another thread, which is left behind when the wait is interrupted: the caller has to end the
    process.
    """
    done: Future[T] = Future()
    # A bare thread and a bare lock: Ctrl-C in the midst of `threading`'s own Python code comes out of there as a RuntimeError.
    running = allocate_lock()
    running.acquire()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            done.set_exception(error)
        running.release()

    start_new_thread(run, ())
    while not running.acquire(timeout=LOOK_SECONDS):
        pass
    return done.result()
