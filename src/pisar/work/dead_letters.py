"""Handles messages that used up their deliveries: ends their jobs, and keeps messages that nobody can read for the owner.

If the job's transcript was made and only the answer failed, the answer is delivered now; otherwise the person is told that the job failed.
Nothing is dropped: an unreadable message becomes an object under `dead-letters/`. In the cloud this is where a job ends that failed too
often; over Celery `pisar.work.finish_job.Closing.give_up` ends it before.
"""

import logging
import re
from hashlib import sha256

from pisar.domain.bucket import DEAD_LETTERS
from pisar.domain.jobs import CURRENT_JOB_ID, JobMessage
from pisar.errors import Missing, PisarError, Unreadable
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Held, Records
from pisar.state.waiting_jobs import Line
from pisar.work.finish_job import Closing

log = logging.getLogger(__name__)


_NAME = re.compile(r"[\w.-]{1,128}", re.ASCII)
"""The form of queues' message ids; an object's key has at most 1,024 bytes, and copies of the bucket may use it as a path."""


class DeadLetters:
    """What the dead-letter consumer does. `lease_seconds`: how long it holds a job that it ends."""

    def __init__(self, *, records: Records, store: ObjectStore, closing: Closing, lease_seconds: float) -> None:
        self._records = records
        self._store = store
        self._closing = closing
        self._lease_seconds = lease_seconds
        self._line = Line(store)

    def bury(self, message_id: str, body: str) -> None:
        """End the job of a dead message. Raises Retryable when the message should come again."""
        try:
            job_id = JobMessage.decode(body).job_id
            CURRENT_JOB_ID.set(job_id)
            held = self._records.claim(job_id, lease_seconds=self._lease_seconds)
        except (Unreadable, Missing) as error:
            name = _name(message_id)
            self._store.put(f"{DEAD_LETTERS}{name}", body.encode(errors="backslashreplace"))
            log.error("unreadable message kept", extra={"message_id": name, "why": type(error).__name__})  # noqa: TRY400 - no traceback: it is known
            return
        if held is None:
            self._closing.clean_up(self._records.find(job_id).job)
            return
        log.warning("deliveries used up", extra={"deliveries": held.job.deliveries})
        with self._records.letting_go(held):
            self._line.leave(held.job)
            if not self._answered(held):
                self._closing.close_as_failed(self._records.find(job_id))

    def _answered(self, held: Held) -> bool:
        """Deliver the transcript if one was made, and say whether one was delivered. Raises Retryable."""
        transcript = self._closing.stored_transcript(held.job)
        if transcript is None:
            return False
        try:
            self._closing.close_with_transcript(held, transcript)
        except PisarError:
            raise
        except Exception:  # it would go wrong the next time too, and nobody come for the job any more
            log.exception("the transcript could not be told")
            return False
        return True


def _name(message_id: str) -> str:
    """Return the name under which the message is kept: its id, or a derived one if the id can't stand in an object's key."""
    known = _NAME.fullmatch(message_id) and message_id.strip(".")
    return message_id if known else sha256(message_id.encode(errors="backslashreplace")).hexdigest()[:32]
