"""A part that takes long to make, made in a thread of its own while the process goes on with its start."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any


class Late:
    """Stands for the part: who asks it for anything waits until it is made, and gets what its making raised.

    Only for what can't be misconfigured any more: errors come out at the first use.
    """

    def __init__(self, make: Callable[[], object]) -> None:
        self._future: Future[object] = Future()
        Thread(target=self._make, args=(make,), name="late", daemon=True).start()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._future.result(), name)

    def _make(self, make: Callable[[], object]) -> None:
        try:
            self._future.set_result(make())
        except BaseException as error:  # noqa: BLE001 - whoever uses it gets it
            self._future.set_exception(error)
