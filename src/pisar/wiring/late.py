"""Makes a slow part in a background thread, so that the process goes on with its start."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any


class Late:
    """A proxy of the part: its attributes wait until the part is made, and raise the error that making it raised.

    Only for a part that can no longer be misconfigured, since errors come out at its first use.
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
