"""What goes wrong around a deployment: parts that are killed, and calls of Telegram and of the store that fail."""

import os
import random
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from localstack.faults import Action, Fault
from localstack.telegram import flood, server_error
from tests.support.soaked import Deployed

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_SECONDS = 5.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
LEAST_LOOKS = 8
HALF = 0.5
CALLS = "/(sendMessage|editMessageText|getFile|sendChatAction)"
MOST_SKIPPED = 8
"""Of the calls that a fault could strike it lets so many pass at most, so that it meets any step of a message's way."""


@dataclass
class Harm:
    """What is done to a deployment until the end of the block: kills, faults; counts them and looks at the memory.

    `memory`: what each process held at each look, in MB, by the part's name and the process's id.
    """

    soaked: Deployed
    dice: random.Random
    kills: int = 0
    memory: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._turn = threading.Lock()  # a part that is killed is none until it is started again
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._look_on, name="harm", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        self.check()

    def check(self) -> None:
        """Raise what ended the looking, if anything did."""
        if self._error is not None:
            raise self._error

    def kill(self) -> None:
        """SIGKILL some process of some part."""
        with self._turn:
            parts = {name: pids for name, pids in self.soaked.parts().items() if pids}
            if parts:
                name = self.dice.choice(sorted(parts))
                self.soaked.kill(name, self.dice.choice(parts[name]))
                self.kills += 1

    def _look_on(self) -> None:
        try:
            while not self._over.wait(LOOK_SECONDS):
                with self._turn:
                    self._look()
        except Exception as error:  # noqa: BLE001 - it is raised where the soak looks
            self._error = error

    def _look(self) -> None:
        for name, pids in self.soaked.parts().items():
            for pid in pids:
                if (size := _megabytes(pid)) is not None:
                    self.memory.setdefault((name, pid), []).append(size)

    def spoil(self) -> None:
        """Have one call of Telegram or of the store go wrong soon."""
        when: Literal["before", "after"] = "before" if self.dice.random() < HALF else "after"
        skip = self.dice.randrange(MOST_SKIPPED)
        at_telegram: list[Callable[[], Fault]] = [
            lambda: flood(CALLS, retry_after=1, skip=skip),
            lambda: server_error(CALLS, code=502, reason="Bad Gateway", skip=skip),
            lambda: Fault(action=Action.HANG, path="/file/", seconds=self.dice.uniform(1, 12), skip=skip),
            lambda: Fault(action=Action.DROP, path="/(getFile|file/)", skip=skip),
        ]
        at_store: list[Callable[[], Fault]] = [
            lambda: Fault(action=Action.STATUS, status=self.dice.choice((500, 503)), when=when, skip=skip),
            lambda: Fault(action=Action.DROP, when=when, skip=skip),
            lambda: Fault(action=Action.HANG, when=when, seconds=self.dice.uniform(0.5, 5), skip=skip),
        ]
        if self.dice.random() < HALF:
            self.soaked.telegram.faults.add(self.dice.choice(at_telegram)())
        else:
            self.soaked.storage.add_fault(self.dice.choice(at_store)())

    @property
    def grown_mb(self) -> float | None:
        """By how much the process that grew most was larger in the second half of its life than in the first; None if none lived long."""
        grown = []
        for seen in self.memory.values():
            if len(seen) >= LEAST_LOOKS:
                half = len(seen) // 2
                grown.append(max(seen[half:]) - max(seen[:half]))
        return round(max(grown), 1) if grown else None


def _megabytes(pid: int) -> float | None:
    """Return what a process and its children hold of memory; None if one of them is gone."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in (pid, *children)]
    except (OSError, IndexError):
        return None
    return sum(pages) * PAGE_BYTES / 1024**2
