"""Telling a client that its job is finished: what is queued, when it is tried again, and how it is signed.

The schedule: the first try comes 2 s after the job ended, the second 10 s after the first, and each wait is twice the one before, up to
15 minutes. The 31st try is the last, 6 h 6 min 10 s after the first (and what the tries themselves and the queue take): a receiver
may be away for an evening. The waits are the queue's own, and 15 minutes the longest that SQS holds a message back.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from pisar.domain.jobs import JobMessage
from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable

ANNOUNCEMENT_SECONDS = 2
"""Before the first try: a job is announced just before its record is final."""

FIRST_WAIT_SECONDS = 10
MAX_WAIT_SECONDS = 900
"""The limit of SQS's DelaySeconds."""

MAX_ATTEMPTS = 31


@dataclass(frozen=True, slots=True)
class CallbackMessage:
    """What travels on the callbacks' queue: whose end is to be told, and which try this is, counted from 1."""

    job_id: str
    attempt: int = 1

    def encode(self) -> str:
        """Return the message body."""
        return json.dumps({"job_id": self.job_id, "attempt": self.attempt})

    @classmethod
    def decode(cls, body: str) -> Self:
        """Return the message that `encode` wrote; raise Unreadable for anything else."""
        job_id = JobMessage.decode(body).job_id
        attempt = parse_json(body).get("attempt")
        if type(attempt) is not int or not 1 <= attempt <= MAX_ATTEMPTS:
            raise Unreadable("the callback's message has no attempt")
        return cls(job_id, attempt)

    @property
    def delay_seconds(self) -> int:
        """How long this try waits for, after the one before or, the first, after the job's end."""
        if self.attempt == 1:
            return ANNOUNCEMENT_SECONDS
        return min(FIRST_WAIT_SECONDS << self.attempt - 2, MAX_WAIT_SECONDS)

    def next(self) -> "CallbackMessage | None":
        """Return the message of the try after this one, None when this was the last."""
        return CallbackMessage(self.job_id, self.attempt + 1) if self.attempt < MAX_ATTEMPTS else None


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256, keyed by the secret, of the timestamp in decimal, a dot, and the body as it is sent.

    `timestamp`: Unix seconds. It is signed too, so that a receiver can refuse what somebody recorded and sends again later.
    """
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()


def headers(secret: str, job_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of a callback. X-Pisar-Delivery is the same at each try, so that a receiver can drop what it has had."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Pisar",
        "X-Pisar-Delivery": job_id,
        "X-Pisar-Timestamp": str(timestamp),
        "X-Pisar-Signature": f"sha256={signature(secret, timestamp, body)}",
    }
