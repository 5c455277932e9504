"""Lists jobs by owner: an empty object for each job, named so that a listing gives an owner's jobs newest first.

An owner is a client, a chat or a person. A recording in a group is listed as the group's, as its sender's, and as that of the person who
asked for its text, so that each of them finds all their jobs.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from pisar.domain.bucket import OWNED
from pisar.domain.jobs import Job
from pisar.errors import Missing
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records

READERS = 8
"""How many records of a page are read at a time: one after another, a hundred would take seconds."""

AT_ONCE = 40
"""How many of the latest jobs are read before the wanted one is looked for among them: it is nearly always among the first."""

FAR_FUTURE_MS = 10**13
"""The moment, in Unix milliseconds (November 2286), from which times count down: keys are listed in ascending order only."""


class OwnedJobs:
    """The index of jobs: by client, named by the hash of its key, by chat, and by person in groups."""

    def __init__(self, store: ObjectStore, records: Records) -> None:
        self._store = store
        self._records = records

    def add(self, job: Job) -> None:
        """List the job under each of its owners. Idempotent. The job must have an order or a reply."""
        for owner in _owners(job):
            self._store.put(_prefix(owner) + _mark(job), b"")

    def remove(self, job: Job, owner: str | None = None) -> None:
        """Take the job out of its owners' lists. Idempotent.

        `owner`: under whose name the job was found; a cancelled job's record no longer says it.
        """
        for one in dict.fromkeys((*_owners(job), *([owner] if owner else []))):
            self._store.delete(_prefix(one) + _mark(job))

    def has_any(self, owner: str) -> bool:
        """Say whether any job is listed under this owner."""
        return next(iter(self._store.keys(_prefix(owner))), None) is not None

    def lists(self, job: Job, owner: str) -> bool:
        """Say whether the job is listed under this owner."""
        return next(iter(self._store.keys(_prefix(owner) + _mark(job))), None) is not None

    def page(self, owner: str, *, limit: int, after: str = "") -> tuple[list[Job], str | None]:
        """Return up to `limit` of an owner's jobs, newest first, and the mark to give as `after` for the next page, None at the end."""
        prefix = _prefix(owner)
        marks = [key.removeprefix(prefix) for key in islice(self._store.keys(prefix, after=prefix + after if after else ""), limit + 1)]
        with ThreadPoolExecutor(READERS) as readers:
            jobs = [job for job in readers.map(self._read, marks[:limit]) if job]
        return jobs, marks[limit - 1] if len(marks) > limit else None

    def newest(self, owner: str, wanted: Callable[[Job], bool], *, limit: int) -> Job | None:
        """Return the newest of an owner's latest `limit` jobs that is wanted, None if none is."""
        after: str | None = ""
        for _ in range(0, limit, AT_ONCE):
            page, after = self.page(owner, limit=AT_ONCE, after=after or "")
            if found := next(filter(wanted, page), None):
                return found
            if after is None:
                break
        return None

    def older(self, owner: str, than: float, *, limit: int) -> list[Job]:
        """Return up to `limit` of an owner's jobs that were made before `than` (Unix seconds), newest first."""
        return self.page(owner, limit=limit, after=f"{FAR_FUTURE_MS - int(1000 * than):013}")[0]

    def _read(self, mark: str) -> Job | None:
        try:
            job = self._records.find(mark.partition("-")[2]).job
        except Missing:  # marked, and its maker died before the record was made
            return None
        return job if _mark(job) == mark else None  # made by a second try, which left a mark of its own


def _owners(job: Job) -> tuple[str, ...]:
    return job.answer_to.listed_for if job.answer_to else ()


def _prefix(owner: str) -> str:
    return f"{OWNED}{owner}/"


def _mark(job: Job) -> str:
    return f"{FAR_FUTURE_MS - int(1000 * job.created_at):013}-{job.id}"
