"""Lets a few transcriptions at a time have the decoder and the engine, in the order in which they were asked for.

Whoever waits for a turn holds no decoded sound and no lease, and can be told to go at any time.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition
from time import monotonic
from types import TracebackType
from typing import Self

from pisar.errors import Busy

AT_ONCE = 2
"""One is transcribed while the next is decoded; two short ones share the engine piece by piece."""

LOOK_SECONDS = 0.2
"""How often whoever waits asks whether it is still wanted."""


class Turns:
    """The turns of one process. Safe for threads."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.changed = Condition()
        self.free = at_once
        self.waiting: deque[Turn] = deque()

    def new(self) -> "Turn":
        """Return a turn that is not taken yet; leaving it as a context manager gives it back."""
        return Turn(self)


class Turn:
    """One caller's turn."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._taken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        turns = self._turns
        with turns.changed:
            if self._taken:
                self._taken = False
                turns.free += 1
                turns.changed.notify_all()

    def take_if_free(self) -> bool:
        """Take the turn if nobody waits for one; return whether it is taken."""
        turns = self._turns
        with turns.changed:
            if not self._taken and turns.free and not turns.waiting:
                self._take()
            return self._taken

    def take(self, *, patience_seconds: float, check: Callable[[], None] | None = None) -> None:
        """Wait for the turn, unless it is taken already. Raises Busy after `patience_seconds`, and whatever `check` raises meanwhile."""
        turns, ends = self._turns, monotonic() + patience_seconds
        with turns.changed:
            if self._taken:
                return
            turns.waiting.append(self)
            try:
                while not (turns.free and turns.waiting[0] is self):
                    left = ends - monotonic()
                    if left <= 0:
                        raise Busy("others are being transcribed")
                    turns.changed.wait(min(LOOK_SECONDS, left))
                    if check:
                        check()
                self._take()
            finally:
                turns.waiting.remove(self)
                turns.changed.notify_all()

    def _take(self) -> None:
        self._taken = True
        self._turns.free -= 1
