"""API keys in the object store: one object each, addressed by the key's hash, so that a million cost what one does.

Only the owner's commands, `list` and `revoke`, read them all. A revoked record stays: it says who had a key, and no longer opens anything.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pisar.domain import clients
from pisar.domain.bucket import CLIENTS
from pisar.domain.clients import Client, hash_key, new_client, new_key
from pisar.domain.languages import learnt
from pisar.errors import Misconfigured, Missing, Unreadable
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents

log = logging.getLogger(__name__)

_LONG_ID_CHARACTERS = 16
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key, which is shown this once, and the client who holds it."""

    key: str = field(repr=False)
    client: Client


class Keys:
    """The clients and their keys."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._clients = Documents(store, CLIENTS, decode=Client.decode, encode=Client.encode, what="the API key's record")

    def create(self, name: str, *, minutes_per_day: float | None = None, now: float) -> NewKey:
        """Make a client and its key, which can't be had again. Raises Misconfigured for a name or quota that can't be meant."""
        key = new_key()
        client = new_client(name, key, minutes_per_day=minutes_per_day, now=now)
        self._clients.create(client.key_hash, client)
        return NewKey(key=key, client=client)

    def find(self, key: str | None) -> Client | None:
        """Return who holds the key, None if nobody does or it was revoked."""
        client = self.holder(hash_key(key)) if key else None
        return client if client and client.holds(key or "") else None

    def holder(self, key_hash: str) -> Client | None:
        """Return who holds the key of this hash, None if nobody does, it was revoked, or it is no hash: 64 digits of 0-9a-f."""
        if not _HASH.fullmatch(key_hash):  # it comes from outside, and becomes part of an object's key
            return None
        try:
            client = self._clients.read(key_hash).value
        except Missing:
            return None
        return client if client.revoked_at is None and client.key_hash == key_hash else None

    def list(self) -> tuple[Client, ...]:
        """Return every client, revoked ones too, the oldest first. Reads them one by one."""
        keys = self._store.keys(CLIENTS)
        found = [client for key in keys if (client := self._read(key.removeprefix(CLIENTS).removesuffix(".json")))]
        return tuple(sorted(found, key=lambda client: (client.created_at, client.name, client.key_hash)))

    def revoke(self, id_or_name: str, *, now: float) -> Client:
        """Take the right from a key and return its client; one that was revoked before is returned as it is.

        `id_or_name`: a key's id, or more of its hash, or its name. Raises Misconfigured when no key or several are meant, Busy when others
        keep changing it.
        """
        meant = self._meant(id_or_name)
        changed = self._change(meant.key_hash, lambda client: clients.revoke(client, now=now))
        return changed or meant

    def note_spoken(self, key_hash: str, language: str, *, seconds: float) -> None:
        """Note on a client's record the language of a recording of so many seconds. Raises Busy when others keep changing it."""
        self._change(key_hash, lambda client: replace(client, spoken=learnt(client.spoken, language, seconds=seconds)))

    def _change(self, key_hash: str, changed: Callable[[Client], Client]) -> Client | None:
        """Change a client's record and return it as it is now; None if there is nothing to change, or it is gone."""

        def decide(client: Client) -> Client | None:
            after = changed(client)
            return None if after == client else after

        try:
            written = self._clients.change(key_hash, decide)
        except (Missing, Unreadable):
            return None
        return written[1].value if written else None

    def _meant(self, id_or_name: str) -> Client:
        by_hash = id_or_name.lower() if len(id_or_name) >= clients.ID_CHARACTERS else None
        matching = [one for one in self.list() if one.name == id_or_name or (by_hash and one.key_hash.startswith(by_hash))]
        # What was revoked already is no rival: the old key of a name may be followed by a new one.
        live = [one for one in matching if one.revoked_at is None] or matching[-1:]
        if not live:
            raise Misconfigured(f"no key has the id or the name {id_or_name!r}; `pisar keys list` shows them all")
        if len(live) > 1:
            ids = ", ".join(one.key_hash[:_LONG_ID_CHARACTERS] for one in live)
            raise Misconfigured(f"{len(live)} keys are called {id_or_name!r}: say which by its id: {ids}")
        return live[0]

    def _read(self, key_hash: str) -> Client | None:
        try:
            return self._clients.read(key_hash).value
        except Missing:  # removed between the listing and now
            return None
        except Unreadable:  # one bad record must not keep the owner from revoking another
            log.warning("%s%s.json is not a client's record", CLIENTS, key_hash)
            return None
