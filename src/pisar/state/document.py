"""JSON objects in the bucket, changed by one rule: read, decide, write on condition that nobody has written meanwhile.

Whoever loses such a race reads and decides again, so two who change an object at once both have their way, one after the other.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pisar.errors import Busy, Conflict, Missing
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore

T = TypeVar("T")

MAX_TRIES = 5
"""Lost races in a row before giving way; each loss means that somebody else's change went through."""

MANY_TRIES = 50
PAUSE_SECONDS = 0.05
"""Between lost races, with jitter, where many write at once, as the parts of a recording do."""


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """An object's value as it was read or written; `etag` is its version's tag, None where there is no such object yet."""

    value: T
    etag: str | None


class Documents(Generic[T]):
    """The objects under one prefix, by their names.

    `absent` makes the value where there is no such object; without it Missing is raised there. `crowd`: the clock of whoever waits
    between lost races, for objects that many change at once.
    """

    def __init__(
        self,
        store: ObjectStore,
        prefix: str,
        *,
        decode: Callable[[bytes], T],
        encode: Callable[[T], bytes],
        absent: Callable[[], T] | None = None,
        what: str,
        crowd: Clock | None = None,
    ) -> None:
        self._store = store
        self._prefix = prefix
        self._decode = decode
        self._encode = encode
        self._absent = absent
        self._what = what
        self._crowd = crowd

    def read(self, name: str) -> Version[T]:
        """Return the object as it is now. Raises what `decode` and `absent` do."""
        try:
            stored = self._store.get(self.key(name))
        except Missing:
            if self._absent is None:
                raise
            return Version(self._absent(), None)
        return Version(self._decode(stored.body), stored.etag)

    def change(self, name: str, decide: Callable[[T], T | None]) -> tuple[T, Version[T]] | None:
        """Write what `decide` makes of the object; return its value before, and the version that was written.

        `decide` is called again after each lost race, and returns None where there is nothing to change: then nothing is written, and None
        returned. Raises what `decide` does, and Busy where others keep changing the object.
        """
        for _ in range(MANY_TRIES if self._crowd else MAX_TRIES):
            before = self.read(name)
            after = decide(before.value)
            if after is None:
                return None
            try:
                return before.value, self._put(name, after, before.etag)
            except Conflict:
                if self._crowd:
                    self._crowd.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        raise Busy(f"{self._what} keeps changing")

    def create(self, name: str, value: T) -> Version[T]:
        """Write a new object; raises Conflict where there is one of that name."""
        return self._put(name, value, None)

    def replace(self, name: str, version: Version[T], value: T) -> Version[T]:
        """Write the version after `version`; raises Conflict where somebody else has written one."""
        return self._put(name, value, version.etag)

    def erase(self, name: str) -> None:
        """Erase the object; one that is gone is fine."""
        self._store.delete(self.key(name))

    def key(self, name: str) -> str:
        """Return the object's key in the bucket."""
        return f"{self._prefix}{name}.json"

    def _put(self, name: str, value: T, etag: str | None) -> Version[T]:
        return Version(value, self._store.put(self.key(name), self._encode(value), if_absent=etag is None, if_match=etag))
