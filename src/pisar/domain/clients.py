"""API keys: one for each client, known to the service only by its hash.

A name is what the owner calls a client by, so it need not be unique: only the hash says whose key it is, a key is renewed by making
a second one under the same name, and two who make keys at once need not agree on anything.
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
"""Lets a leaked key be recognised for what it is."""

CALLBACK_PREFIX = "pisar_cb_"
"""Tells the secret of a client's callbacks from its key."""

KEY_BYTES = 32
"""Of randomness, in a key and in a secret."""

ID_CHARACTERS = 8
"""Of the hash: enough to tell apart as many keys as an owner reads through, and of no use to whoever guesses."""

MAX_NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who holds a key. `key_hash`: hexadecimal SHA-256 of it; a random key of 256 bits needs no salt and no slow hash.

    `minutes_per_day`: audio this client may send, None for any amount. Times are Unix seconds; `created_at` is 0 where nobody
    wrote it down. `callback_secret` signs what is sent to this client, so it is kept as it is; "" for one made before there were callbacks.
    `spoken`: the languages of its latest recordings, newest first, each once.
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
        """What the owner calls the key by; it may be shown to anyone."""
        return self.key_hash[:ID_CHARACTERS]

    def encode(self) -> bytes:
        """Return the client as UTF-8 JSON."""
        return json.dumps({"version": 1, **asdict(self)}, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the client that `encode` wrote, also before there were quotas, dates and callbacks; raise Unreadable for anything else."""
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
        """Say in constant time whether `key` is this client's, revoked or not."""
        return hmac.compare_digest(self.key_hash, hash_key(key))


def new_client(name: str, key: str, *, minutes_per_day: float | None, now: float) -> Client:
    """Return the client who will hold `key`; raise Misconfigured for a name or a quota that can't be meant."""
    if not 0 < len(name) <= MAX_NAME_CHARACTERS or not name.isprintable() or name != name.strip():
        raise Misconfigured(f"a name is 1 to {MAX_NAME_CHARACTERS} printable characters, without blanks around it")
    if minutes_per_day is not None and not 0 < minutes_per_day < math.inf:
        raise Misconfigured("minutes per day must be above 0; leave them out for no limit")
    callback_secret = CALLBACK_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    return Client(name=name, key_hash=hash_key(key), minutes_per_day=minutes_per_day, created_at=now, callback_secret=callback_secret)


def revoke(client: Client, *, now: float) -> Client:
    """Return the client without the right to its key; one revoked before keeps its time."""
    return client if client.revoked_at is not None else replace(client, revoked_at=now)


def new_key() -> str:
    """Return a fresh random key; it is shown once and never stored."""
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def hash_key(key: str) -> str:
    """Return what a key is stored under."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
