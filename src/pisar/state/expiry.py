"""What is left over, erased by age, where the bucket has no rules for that: on self-hosted machines.

In the cloud the bucket's own rules do this (`terraform/storage.tf`), by age alone. Here messages may wait for as long as a machine is off,
so that what an unfinished job needs stays until its record goes.
"""

import logging
from collections.abc import Callable, Mapping
from itertools import islice

from pisar.domain.answer_to import Whole
from pisar.domain.bucket import EXPIRING, OF_JOBS, PREFIXES, Age
from pisar.domain.jobs import State
from pisar.errors import Missing, Unreadable
from pisar.ports.clock import Clock
from pisar.ports.storage import ListedObject, ObjectStore
from pisar.state.job_records import Records

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0
EVERY_SECONDS = 3600.0
"""A listing for each prefix and thousand objects is what a look costs; hours matter to nobody here."""

LEAST_RECORD_DAYS = 14
"""Records are kept a day longer than this at least, as in the cloud, where they outlive the dead letters."""

MOST_AT_ONCE = 10_000
"""Objects of each prefix that one look erases."""


def seconds_by_age(*, keep_days: float, reuse_hours: float) -> Mapping[Age, float]:
    """Return what each age is, in seconds."""
    return {
        Age.DAY: DAY_SECONDS,
        Age.MONTH: 31 * DAY_SECONDS,
        Age.LEFT_OVER: 2 * DAY_SECONDS,
        Age.CACHE: 3600 * reuse_hours + DAY_SECONDS / 24,  # an hour for who works on it
        Age.TEXTS: keep_days * DAY_SECONDS,
        Age.RECORDS: (max(keep_days, LEAST_RECORD_DAYS) + 1) * DAY_SECONDS,
    }


class Expiry:
    """Looks for what is old. `ages`: what each age is, in seconds. For one thread."""

    def __init__(self, store: ObjectStore, records: Records, clock: Clock, *, ages: Mapping[Age, float]) -> None:
        self._store = store
        self._records = records
        self._clock = clock
        self._ages = ages
        self._looked_at: float | None = None

    def look(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Erase what is old enough, unless that was done within the hour. Raises Unavailable."""
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
        self._looked_at = now

    def _is_over(self, entry: ListedObject, prefix: str) -> bool:
        """Say whether nobody comes for it any more."""
        return self._is_finished(entry.key.removeprefix(prefix).removesuffix(".json").rpartition("-")[2])

    def _is_finished(self, job_id: str) -> bool:
        try:
            job = self._records.find(job_id).job
        except Missing:
            return True
        except Unreadable:
            return False
        return job.state is State.FINISHED and (not isinstance(job.answer_to, Whole) or self._is_finished(job.answer_to.job_id))
