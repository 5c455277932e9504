"""Keeps which texts are shared: one token for each job, stored as its hash, and until when it is good.

A token begins with its job's id, so it is looked up at one place, and revoking it is erasing that one object. Its secret is 256 random
bits and is compared in constant time.
"""

import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Self

from pisar.domain.bucket import SHARES
from pisar.domain.strict_json import parse_json
from pisar.errors import Missing, Unreadable
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents

SECRET_BYTES = 32
TOKEN = re.compile(r"(?P<job>[0-9a-f]{32})[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A shared text: the SHA-256 of its token in hexadecimal, and until when that is good, in Unix seconds."""

    token_hash: str
    expires_at: float

    def encode(self) -> bytes:
        """Return the share as UTF-8 JSON."""
        return json.dumps({"version": 1, **asdict(self)}).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the share that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = parse_json(body)
            return cls(token_hash=str(fields["token_hash"]), expires_at=float(fields["expires_at"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"not a share: {type(error).__name__}") from error


_NONE = Share(token_hash="", expires_at=0.0)


class Shares:
    """The shared texts, by job."""

    def __init__(self, store: ObjectStore) -> None:
        self._shares = Documents(store, SHARES, decode=Share.decode, encode=Share.encode, absent=lambda: _NONE, what="the share")

    def make(self, job_id: str, *, expires_at: float) -> str:
        """Share a job's text and return the token; the token before is good no longer. Raises Busy."""
        token = job_id + secrets.token_urlsafe(SECRET_BYTES)
        made = Share(token_hash=_hash(token), expires_at=expires_at)
        self._shares.change(job_id, lambda _: made)
        return token

    def expires_at(self, job_id: str, *, now: float) -> float:
        """Return until when a job's text is shared. Raises Missing where it is not."""
        found = self._shares.read(job_id).value
        if now >= found.expires_at:
            raise Missing("not shared")
        return found.expires_at

    def job_of(self, token: str, *, now: float) -> str:
        """Return the job whose text a token shows. Raises Missing for a token that is unknown, expired or revoked."""
        if (named := TOKEN.fullmatch(token)) is None:
            raise Missing("no token")
        found = self._shares.read(named["job"]).value
        if not hmac.compare_digest(found.token_hash, _hash(token)) or now >= found.expires_at:
            raise Missing("not shared")
        return named["job"]


def forget_share(store: ObjectStore, job_id: str) -> None:
    """Share a job's text no longer. Idempotent."""
    store.delete(f"{SHARES}{job_id}.json")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
