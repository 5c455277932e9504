"""Stores API keys under their hashes; `Keys.find` looks up the key of a request and has it compared in constant time.

One object for each key, addressed by the key's SHA-256, so that a look-up costs one read however many keys there are. The comparison is
`pisar.domain.clients.Client.holds`. Where a gateway's authorizer has already checked the key, `Keys.holder` reads the client again by the
hash. Only the owner's commands, `list` and `revoke`, read all records. A revoked record stays: it says who had a key, and opens nothing.
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
    """A new API key, which is shown only once, and the client that holds it."""

    key: str = field(repr=False)
    client: Client


class Keys:
    """The API's clients, each stored under the hash of its key."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._clients = Documents(store, CLIENTS, decode=Client.decode, encode=Client.encode, what="the API key's record")

    def create(self, name: str, *, minutes_per_day: float | None = None, now: float) -> NewKey:
        """Make a client and its key; the key can't be read again later. Raises Misconfigured for an unusable name or quota."""
        key = new_key()
        client = new_client(name, key, minutes_per_day=minutes_per_day, now=now)
        self._clients.create(client.key_hash, client)
        return NewKey(key=key, client=client)

    def find(self, key: str | None) -> Client | None:
        """Return the client that holds the key, None for an unknown or revoked key. Compares in constant time."""
        client = self.holder(hash_key(key)) if key else None
        return client if client and client.holds(key or "") else None

    def holder(self, key_hash: str) -> Client | None:
        """Return the client whose key has this hash (64 digits of 0-9a-f), None if the key is unknown or revoked or the hash malformed."""
        if not _HASH.fullmatch(key_hash):  # it comes from outside, and becomes part of an object's key
            return None
        try:
            client = self._clients.read(key_hash).value
        except Missing:
            return None
        return client if client.revoked_at is None and client.key_hash == key_hash else None

    def list(self) -> tuple[Client, ...]:
        """Return every client, revoked ones too, the oldest first. Costs one read for each."""
        keys = self._store.keys(CLIENTS)
        found = [client for key in keys if (client := self._read(key.removeprefix(CLIENTS).removesuffix(".json")))]
        return tuple(sorted(found, key=lambda client: (client.created_at, client.name, client.key_hash)))

    def revoke(self, id_or_name: str, *, now: float) -> Client:
        """Revoke a key and return its client; a key that was revoked before stays as it is.

        `id_or_name`: the key's id, a longer part of its hash, or its name. Raises Misconfigured when no key matches or several do, and Busy
        when other writers keep changing the record.
        """
        meant = self._meant(id_or_name)
        changed = self._change(meant.key_hash, lambda client: clients.revoke(client, now=now))
        return changed or meant

    def note_spoken(self, key_hash: str, language: str, *, seconds: float) -> None:
        """Note the language of a recording of so many seconds on its client's record. Raises Busy when other writers keep changing it."""
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
