"""Runs a callable in a background thread, so that two waits overlap. Use it only where the order of the two does not matter."""

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """Work in a thread of its own, which the end of the block waits for: nothing goes on behind an answer, where an instance is frozen."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._future: Future[T] = Future()
        context = copy_context()  # the job's id on its log lines
        self._thread = Thread(target=lambda: context.run(self._run, work), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.join()

    def result(self) -> T:
        """Return what the work gave, or raise what it raised."""
        return self._future.result()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            self._future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            self._future.set_exception(error)
