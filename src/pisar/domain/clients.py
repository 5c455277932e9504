"""API clients and their keys; a key is stored and compared only as its SHA-256, in constant time by `Client.holds`.

`pisar.state.api_keys.Keys.find` looks a request's key up by its hash and calls `Client.holds`. A name is only what the owner calls a
client, so it need not be unique. A key is renewed by making a second one under the same name, and two keys may be made at once.
"""

import hmac
import json
import math
import secrets
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Self

from pisar.domain.strict_json import parse_json
from pisar.errors import Misconfigured, Unreadable

PREFIX = "pisar_"
"""How every key begins, so that a leaked key is recognised."""

CALLBACK_PREFIX = "pisar_cb_"
"""How the secret of a client's callbacks begins, so that it is not taken for a key."""

KEY_BYTES = 32
"""Random bytes in a key and in a secret."""

ID_CHARACTERS = 8
"""Digits of the hash in a key's id: enough to tell an owner's keys apart, and too few to help in guessing a key."""

MAX_NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An API client. `key_hash`: hexadecimal SHA-256 of its key; a random key of 256 bits needs no salt and no slow hash.

    `minutes_per_day`: audio that the client may send, None for any amount. Times are Unix seconds; `created_at` is 0 where it was not
    stored. `callback_secret` signs the callbacks to this client, so it is stored unhashed; "" for a client older than callbacks. `spoken`:
    the languages of the client's latest recordings, newest first, each once.
    """

    name: str
    key_hash: str
    minutes_per_day: float | None = None
    created_at: float = 0.0
    revoked_at: float | None = None
    callback_secret: str = field(default="", repr=False)
    spoken: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The key's id: the beginning of its hash, which may be shown to anyone."""
        return self.key_hash[:ID_CHARACTERS]

    def encode(self) -> bytes:
        """Return the client as UTF-8 JSON."""
        return json.dumps({"version": 1, **asdict(self)}, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the client that `encode` wrote, in this version or an earlier one; raise Unreadable for anything else."""
        try:
            fields = parse_json(body)
            minutes, revoked = fields.get("minutes_per_day"), fields.get("revoked_at")
            return cls(
                name=fields["name"],
                key_hash=fields["key_hash"],
                minutes_per_day=None if minutes is None else float(minutes),
                created_at=float(fields.get("created_at", 0)),
                revoked_at=None if revoked is None else float(revoked),
                callback_secret=str(fields.get("callback_secret") or ""),
                spoken=tuple(map(str, fields.get("spoken", ()))),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable("not a client") from error

    def holds(self, key: str) -> bool:
        """Compare `key` with this client's in constant time. A revoked key compares equal too: the caller looks at `revoked_at`."""
        return hmac.compare_digest(self.key_hash, hash_key(key))


def new_client(name: str, key: str, *, minutes_per_day: float | None, now: float) -> Client:
    """Return a new client that holds `key`; raise Misconfigured for an unusable name or quota."""
    if not 0 < len(name) <= MAX_NAME_CHARACTERS or not name.isprintable() or name != name.strip():
        raise Misconfigured(f"a name is 1 to {MAX_NAME_CHARACTERS} printable characters, without blanks around it")
    if minutes_per_day is not None and not 0 < minutes_per_day < math.inf:
        raise Misconfigured("minutes per day must be above 0; leave them out for no limit")
    callback_secret = CALLBACK_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    return Client(name=name, key_hash=hash_key(key), minutes_per_day=minutes_per_day, created_at=now, callback_secret=callback_secret)


def revoke(client: Client, *, now: float) -> Client:
    """Return the client with its key revoked; a client that was revoked before keeps the time of that."""
    return client if client.revoked_at is not None else replace(client, revoked_at=now)


def new_key() -> str:
    """Return a fresh random key; it is shown once and never stored."""
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def hash_key(key: str) -> str:
    """Return the hexadecimal SHA-256 under which a key is stored."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
