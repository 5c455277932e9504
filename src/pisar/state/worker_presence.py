"""Stores the heartbeats of workers under `workers/`: each worker writes its own, and the owner's commands read them all."""

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
"""How many heartbeats are read at most."""

KEPT_SECONDS = 86_400.0
"""How long a worker that is gone is still shown; the next worker that starts erases it."""


def presences(store: ObjectStore) -> Iterator[Presence]:
    """Yield the workers that have not signed off, MAX_WORKERS at most, in the order of their names."""
    for key in islice(store.keys(WORKERS), MAX_WORKERS):
        try:
            yield Presence.decode(store.get(key).body)
        except Missing:  # it went off meanwhile
            continue
        except Unreadable as error:
            log.warning("not a worker", extra={"key": key, "why": str(error)})


def tidy_up(store: ObjectStore, now: float) -> None:
    """Erase the heartbeats of workers that have been gone for KEPT_SECONDS."""
    for one in list(presences(store)):
        if now - one.beat_at > KEPT_SECONDS:
            store.delete(_key(one.name))


class OwnPresence:
    """The heartbeat of one worker. `in_hand` returns the ids of the jobs that it works on now. Thread-safe."""

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
        """Write that the worker is alive; the first time, also erase old workers. A failure is only logged, so that no work ends by it."""
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
        """Erase the heartbeat, since the worker was told to stop. A later beat writes nothing."""
        with self._lock:
            self._left = True
            try:
                self._store.delete(_key(self._last.name))
            except PisarError as error:
                log.warning("presence not taken away", extra={"why": str(error) or type(error).__name__})


def _key(name: str) -> str:
    return f"{WORKERS}{name}.json"
