"""API keys: one for each client, known to the service only by its hash."""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Self

from pisar.errors import Unreadable

PREFIX = "pisar_"
"""Lets a leaked key be recognised for what it is."""

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who holds a key. `key_hash`: hexadecimal SHA-256 of it; a random key of 256 bits needs no salt and no slow hash."""

    name: str
    key_hash: str

    def encode(self) -> bytes:
        """Return the client as UTF-8 JSON."""
        return json.dumps({"version": 1, **asdict(self)}, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the client that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = json.loads(body)
            return cls(name=fields["name"], key_hash=fields["key_hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable("not a client") from error

    def holds(self, key: str) -> bool:
        """Say in constant time whether `key` is this client's."""
        return hmac.compare_digest(self.key_hash, hash_key(key))


def new_key() -> str:
    """Return a fresh random key; it is shown once and never stored."""
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def hash_key(key: str) -> str:
    """Return what a key is stored under."""
    return sha256(key.encode()).hexdigest()
