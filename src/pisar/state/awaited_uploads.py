"""Counts the jobs of each client that await their upload, and bounds how many there may be.

Each such job has an empty object, which is erased when the audio has come. A job whose upload form has expired no longer counts; the next
count erases its object.
"""

from pisar.domain.bucket import AWAITED
from pisar.errors import Misuse, Rejected
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore


class AwaitedUploads:
    """The pending uploads of clients. `at_most`: jobs of one client at a time; `upload_seconds`: how long an upload form is valid."""

    def __init__(self, store: ObjectStore, clock: Clock, *, at_most: int, upload_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._at_most = at_most
        self._upload_seconds = upload_seconds

    def add(self, client: str, job_id: str) -> None:
        """Count a job that is about to be made. Idempotent. Raises Rejected(TOO_MANY_AWAITED) when the client has too many.

        The job is written before the client's jobs are counted, so that of several jobs made at once each count includes the others.
        """
        self._store.put(_key(client, job_id), b"")
        expires_in = []
        for entry in list(self._store.entries(f"{AWAITED}{client}/")):
            left = entry.written_at + self._upload_seconds - self._clock.now()
            if left <= 0:
                self._store.delete(entry.key)
            else:
                expires_in.append(left)
        if len(expires_in) > self._at_most:
            self._store.delete(_key(client, job_id))
            details = {"awaited": len(expires_in) - 1, "expires_in_seconds": max(1, round(min(expires_in)))}
            raise Rejected(Misuse.TOO_MANY_AWAITED, details)


def no_longer_awaited(store: ObjectStore, client: str, job_id: str) -> None:
    """Stop counting the job. Idempotent."""
    store.delete(_key(client, job_id))


def _key(client: str, job_id: str) -> str:
    return f"{AWAITED}{client}/{job_id}"
