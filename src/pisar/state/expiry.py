"""Erases objects by their age on self-hosted machines, where the bucket has no lifecycle rules.

In the cloud the bucket's own rules do this (`terraform/storage.tf`), by age alone. A self-hosted queue may stand still for as long as a
machine is off. So the objects of an unfinished job stay here until the job's record is erased.
"""

import logging
from collections.abc import Callable, Mapping
from itertools import islice

from pisar.domain.answer_to import Whole
from pisar.domain.bucket import EXPIRING, OF_JOBS, PREFIXES, Age
from pisar.domain.jobs import State
from pisar.errors import Missing, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ListedObject, ObjectStore, PartUploads
from pisar.state.job_records import Records

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0
EVERY_SECONDS = 3600.0
"""Time between two looks. A look costs one listing for each prefix and thousand objects, and nothing here has to be erased to the hour."""

LEAST_RECORD_DAYS = 14
"""Records are kept a day longer than this at least. In the cloud too they outlive the dead letters."""

MOST_AT_ONCE = 10_000
"""How many objects of each prefix one look erases at most."""


def seconds_by_age(*, keep_days: float, reuse_hours: float) -> Mapping[Age, float]:
    """Return how long each age is, in seconds."""
    return {
        Age.DAY: DAY_SECONDS,
        Age.MONTH: 31 * DAY_SECONDS,
        Age.LEFT_OVER: 2 * DAY_SECONDS,
        Age.CACHE: 3600 * reuse_hours + DAY_SECONDS / 24,  # an hour for who works on it
        Age.TEXTS: keep_days * DAY_SECONDS,
        Age.RECORDS: (max(keep_days, LEAST_RECORD_DAYS) + 1) * DAY_SECONDS,
    }


class Expiry:
    """Erases old objects, and the parts of uploads that nobody completed. `ages`: how long each age is, in seconds. For one thread."""

    def __init__(self, store: ObjectStore, uploads: PartUploads, records: Records, clock: Clock, *, ages: Mapping[Age, float]) -> None:
        self._store = store
        self._uploads = uploads
        self._records = records
        self._clock = clock
        self._ages = ages
        self._looked_at: float | None = None

    def look(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Erase the objects that are old enough, unless a look was made within the hour. Raises Unavailable."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < EVERY_SECONDS:
            return
        for prefix in EXPIRING:
            seconds = self._ages[PREFIXES[prefix] or Age.RECORDS]
            old = (entry for entry in self._store.entries(prefix) if now - entry.written_at > seconds)
            erased = 0
            for entry in list(islice(old, MOST_AT_ONCE)):
                if stopping():
                    return
                if prefix not in OF_JOBS or self._is_over(entry, prefix):
                    self._store.delete(entry.key)
                    erased += 1
            if erased:
                log.info("erased by age", extra={"prefix": prefix, "objects": erased})
        for begun in list(self._uploads.begun_uploads()):
            if now - begun.begun_at > self._ages[Age.LEFT_OVER]:
                self._uploads.abort_upload(begun.key, begun.upload_id)
                log.info("upload given up")
        self._looked_at = now

    def _is_over(self, entry: ListedObject, prefix: str) -> bool:
        """Say whether no job needs the object any more."""
        return self._is_finished(entry.key.removeprefix(prefix).removesuffix(".json").rpartition("-")[2])

    def _is_finished(self, job_id: str) -> bool:
        try:
            job = self._records.find(job_id).job
        except Missing:
            return True
        except Unreadable:
            return False
        return job.state is State.FINISHED and (not isinstance(job.answer_to, Whole) or self._is_finished(job.answer_to.job_id))
