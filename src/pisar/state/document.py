"""Changes JSON objects in the bucket by optimistic locking: read, decide, and write only if nobody has written meanwhile.

A writer that loses such a race reads again and decides again. So the changes of two writers both take effect, one after the other.
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
"""How many races in a row a change may lose before it raises Busy; each lost race means that another change went through."""

MANY_TRIES = 50
PAUSE_SECONDS = 0.05
"""The pause between lost races, with jitter, for objects that many write at once, such as the ledger of a recording's parts."""


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """An object's value as it was read or written; `etag` is its version's tag, None where the object does not exist yet."""

    value: T
    etag: str | None


class Documents(Generic[T]):
    """The objects under one prefix, addressed by their names.

    `absent` makes the value where there is no object; without it Missing is raised. `crowd`: the clock by which a writer pauses between
    lost races, for objects that many change at once.
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
        """Return the current version of the object. Raises whatever `decode` and `absent` raise, and Missing without `absent`."""
        try:
            stored = self._store.get(self.key(name))
        except Missing:
            if self._absent is None:
                raise
            return Version(self._absent(), None)
        return Version(self._decode(stored.body), stored.etag)

    def change(self, name: str, decide: Callable[[T], T | None]) -> tuple[T, Version[T]] | None:
        """Write the value that `decide` makes of the object's; return the value before and the version that was written.

        `decide` is called again after each lost race. Where nothing is to change it returns None; then nothing is written and this returns
        None. Raises whatever `decide` raises, and Busy where other writers keep changing the object.
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
        """Create an object; raise Conflict where an object of that name exists."""
        return self._put(name, value, None)

    def replace(self, name: str, version: Version[T], value: T) -> Version[T]:
        """Replace `version` by a new value; raise Conflict where another writer has replaced it."""
        return self._put(name, value, version.etag)

    def erase(self, name: str) -> None:
        """Erase the object. Idempotent."""
        self._store.delete(self.key(name))

    def key(self, name: str) -> str:
        """Return the object's key in the bucket."""
        return f"{self._prefix}{name}.json"

    def _put(self, name: str, value: T, etag: str | None) -> Version[T]:
        return Version(value, self._store.put(self.key(name), self._encode(value), if_absent=etag is None, if_match=etag))
