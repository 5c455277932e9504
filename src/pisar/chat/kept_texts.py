"""Reads the stored texts of answers for as long as they are kept."""

from pisar.domain.jobs import Job
from pisar.domain.transcripts import Transcript
from pisar.errors import Missing, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore


class KeptTexts:
    """The texts of finished jobs. `keep_seconds`: how long after its answer a text is kept."""

    def __init__(self, store: ObjectStore, clock: Clock, *, keep_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._keep_seconds = keep_seconds

    def of(self, job: Job) -> Transcript | None:
        """Return the transcript of a finished job; None, erasing what is there, if it is older than texts are kept."""
        if self._clock.now() > (job.finished_at or 0) + self._keep_seconds:
            self._store.delete(job.transcript_key)
            return None
        try:
            return Transcript.decode(self._store.get(job.transcript_key).body)
        except (Missing, Unreadable):
            return None
