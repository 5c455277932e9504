"""Callbacks to API clients whose job is finished: the queue message, the schedule of retries, and the signature.

The schedule: the first try comes 2 s after the job ended, the second 10 s after the first, and each wait is twice the one before, up to 15
minutes. The 31st try is the last. It comes 6 h 6 min 10 s after the first, plus the time that the tries and the queue take, so a receiver
may be down for an evening. The queue itself does the waiting, and SQS holds a message back for at most 15 minutes.
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
"""Delay of the first try: a job is announced just before its record is final."""

FIRST_WAIT_SECONDS = 10
MAX_WAIT_SECONDS = 900
"""The limit of SQS's DelaySeconds."""

MAX_ATTEMPTS = 31


@dataclass(frozen=True, slots=True)
class CallbackMessage:
    """A message of the callbacks' queue: the finished job, and the number of the try, from 1."""

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
        """Seconds that this try waits: after the try before, or after the job's end for the first."""
        if self.attempt == 1:
            return ANNOUNCEMENT_SECONDS
        return min(FIRST_WAIT_SECONDS << self.attempt - 2, MAX_WAIT_SECONDS)

    def next(self) -> "CallbackMessage | None":
        """Return the message of the next try, None if this was the last."""
        return CallbackMessage(self.job_id, self.attempt + 1) if self.attempt < MAX_ATTEMPTS else None


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256, keyed by the secret, of the timestamp in decimal, a dot, and the body as it is sent.

    `timestamp`: Unix seconds. The signature covers it, so that a receiver can refuse a recorded call that is sent again later.
    """
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()


def headers(secret: str, job_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of a callback. X-Pisar-Delivery is the same at each try, so that a receiver can drop repeated calls."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Pisar",
        "X-Pisar-Delivery": job_id,
        "X-Pisar-Timestamp": str(timestamp),
        "X-Pisar-Signature": f"sha256={signature(secret, timestamp, body)}",
    }
