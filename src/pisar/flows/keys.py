"""API keys in the object store: one object each, addressed by the key's hash, so that a million cost what one does."""

from pisar.domain.clients import Client, hash_key, new_key
from pisar.errors import Missing
from pisar.ports import ObjectStore

PREFIX = "clients/"


class Keys:
    """The clients and their keys."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def create(self, name: str) -> str:
        """Make a client and return its key, which can't be had again."""
        key = new_key()
        client = Client(name=name, key_hash=hash_key(key))
        self._store.put(f"{PREFIX}{client.key_hash}.json", client.encode(), if_absent=True)
        return key

    def find(self, key: str | None) -> Client | None:
        """Return who holds the key, None if nobody does."""
        if not key:
            return None
        try:
            client = Client.decode(self._store.get(f"{PREFIX}{hash_key(key)}.json").body)
        except Missing:
            return None
        return client if client.holds(key) else None
