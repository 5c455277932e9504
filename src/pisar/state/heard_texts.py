"""Keeps what is heard so far of a job that is worked on, for API clients who look at it before it is done.

The worker replaces the object as the text grows, and it is erased with the job's audio. A later try begins with the first word again: it
writes nothing until it has heard more than the try before, so the text never grows shorter.
"""

from pisar.domain.answer_to import Order, Whole
from pisar.domain.bucket import HEARD
from pisar.domain.jobs import Job
from pisar.domain.transcripts import Transcript
from pisar.errors import Missing, Unreadable
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records


class HeardTexts:
    """The texts of jobs that are worked on."""

    def __init__(self, store: ObjectStore, records: Records) -> None:
        self._store = store
        self._records = records

    def is_wanted(self, job: Job) -> bool:
        """Say whether anybody can look at the text: a client of the API at its own job's, or at a part's of it. Raises Unavailable."""
        if not isinstance(job.answer_to, Whole):
            return isinstance(job.answer_to, Order)
        try:
            return isinstance(self._records.find(job.answer_to.job_id).job.answer_to, Order)
        except Missing:
            return False

    def keep(self, job_id: str, heard: Transcript) -> None:
        """Store what is heard so far, in place of what was."""
        self._store.put(heard_key(job_id), heard.encode())

    def find(self, job_id: str) -> Transcript | None:
        """Return what is heard so far, None if that is nothing."""
        try:
            return Transcript.decode(self._store.get(heard_key(job_id)).body)
        except (Missing, Unreadable):
            return None


def forget_heard(store: ObjectStore, job_id: str) -> None:
    """Erase what was heard so far. Idempotent."""
    store.delete(heard_key(job_id))


def heard_key(job_id: str) -> str:
    """Return the key of what is heard so far of a job."""
    return f"{HEARD}{job_id}.json"
