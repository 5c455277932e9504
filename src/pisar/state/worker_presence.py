"""Workers' signs of life under `workers/`: each worker writes its own, and whoever wants to know reads all of them."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from threading import Lock

from pisar.domain.bucket import WORKERS
from pisar.domain.workers import Presence
from pisar.errors import Missing, PisarError, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore

log = logging.getLogger(__name__)

MAX_WORKERS = 200
"""How many are read at most."""

KEPT_SECONDS = 86_400.0
"""How long one that is gone is still shown; the next worker that starts erases it."""


def presences(store: ObjectStore) -> Iterator[Presence]:
    """Yield the workers that have not gone off by themselves, MAX_WORKERS at most, by their names."""
    for key in islice(store.keys(WORKERS), MAX_WORKERS):
        try:
            yield Presence.decode(store.get(key).body)
        except Missing:  # it went off meanwhile
            continue
        except Unreadable as error:
            log.warning("not a worker", extra={"key": key, "why": str(error)})


def tidy_up(store: ObjectStore, now: float) -> None:
    """Erase the workers that have been gone for a day."""
    for one in list(presences(store)):
        if now - one.beat_at > KEPT_SECONDS:
            store.delete(_key(one.name))


class OwnPresence:
    """One worker's. `in_hand` names the jobs that it works on now. Safe for threads."""

    def __init__(
        self,
        store: ObjectStore,
        clock: Clock,
        *,
        name: str,
        role: str,
        host: str,
        every_seconds: float,
        in_hand: Callable[[], tuple[str, ...]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._in_hand = in_hand
        self._lock = Lock()
        now = clock.now()
        self._last = Presence(name=name, role=role, host=host, started_at=now, beat_at=now, every_seconds=every_seconds)
        self._begun = self._left = False

    def beat(self) -> None:
        """Write that the worker is there; the first time also tidy up after others. It ends no work: what fails is only logged."""
        with self._lock:
            if self._left:
                return
            self._last = replace(self._last, beat_at=self._clock.now(), job_ids=self._in_hand())
            try:
                self._store.put(_key(self._last.name), self._last.encode())
                if not self._begun:
                    tidy_up(self._store, self._last.beat_at)
                    self._begun = True
            except PisarError as error:
                log.warning("presence not written", extra={"why": str(error) or type(error).__name__})

    def leave(self) -> None:
        """Take the presence away: the worker was told to stop. A beat that comes later writes nothing."""
        with self._lock:
            self._left = True
            try:
                self._store.delete(_key(self._last.name))
            except PisarError as error:
                log.warning("presence not taken away", extra={"why": str(error) or type(error).__name__})


def _key(name: str) -> str:
    return f"{WORKERS}{name}.json"
