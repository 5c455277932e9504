"""What the workers could not do, told to the person; what nobody can read, kept for the owner.

A message that used up its deliveries lands here once. If its transcript was made and only the answer failed, the answer is
delivered now; else the person is told. Nothing is dropped: an unreadable message becomes an object under `dead-letters/`.
"""

import logging

from pisar.domain.jobs import CURRENT_JOB_ID, JobMessage
from pisar.errors import Missing, Unreadable
from pisar.flows.closing import Closing
from pisar.flows.records import Records
from pisar.ports import ObjectStore

log = logging.getLogger(__name__)

PREFIX = "dead-letters/"


class DeadLetters:
    """The dead-letter consumer's work."""

    def __init__(self, *, records: Records, store: ObjectStore, closing: Closing, lease_seconds: float) -> None:
        self._records = records
        self._store = store
        self._closing = closing
        self._lease_seconds = lease_seconds

    def bury(self, message_id: str, body: str) -> None:
        """End the job of a dead message. Raises Retryable when it should come again."""
        try:
            job_id = JobMessage.decode(body).job_id
            CURRENT_JOB_ID.set(job_id)
            held = self._records.claim(job_id, lease_seconds=self._lease_seconds)
        except (Unreadable, Missing) as error:
            self._store.put(f"{PREFIX}{message_id}", body.encode())
            log.error("unreadable message kept", extra={"message_id": message_id, "why": type(error).__name__})  # noqa: TRY400 - no traceback: it is known
            return
        if held is None:
            self._closing.clean_up(self._records.find(job_id).job)
            return
        log.warning("deliveries used up", extra={"deliveries": held.job.deliveries})
        transcript = self._closing.stored_transcript(held.job)
        if transcript is not None:
            self._closing.close_with_transcript(held, transcript)
        else:
            self._closing.close_as_failed(held)
