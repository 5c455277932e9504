"""An index of jobs by owner: one empty object for each job, named so that a listing gives those of a client, chat or person, newest first.

A recording in a group is listed as the group's, and besides as its sender's and as that of whoever asked for its text, so that each finds
all that is theirs, wherever it was.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from pisar.domain.bucket import OWNED
from pisar.domain.jobs import Job
from pisar.errors import Missing
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records

READERS = 8
"""Records of a page that are read at a time: one after another, a hundred would take seconds."""

FAR_FUTURE_MS = 10**13
"""Times count down from here, November 2286, since keys are listed in ascending order only."""


class OwnedJobs:
    """The jobs of each client of the API, who is named by the hash of its key, and of each chat."""

    def __init__(self, store: ObjectStore, records: Records) -> None:
        self._store = store
        self._records = records

    def add(self, job: Job) -> None:
        """Let the job be listed; once more is fine. The job must have an order or a reply."""
        for owner in _owners(job):
            self._store.put(_prefix(owner) + _mark(job), b"")

    def remove(self, job: Job, owner: str | None = None) -> None:
        """List the job no more; once more is fine. `owner`: as whose it was found, for a job that was cancelled and knows it no longer."""
        for one in dict.fromkeys((*_owners(job), *([owner] if owner else []))):
            self._store.delete(_prefix(one) + _mark(job))

    def has_any(self, owner: str) -> bool:
        """Say whether any job is listed as this owner's."""
        return next(iter(self._store.keys(_prefix(owner))), None) is not None

    def lists(self, job: Job, owner: str) -> bool:
        """Say whether the job is listed as this owner's."""
        return next(iter(self._store.keys(_prefix(owner) + _mark(job))), None) is not None

    def page(self, owner: str, *, limit: int, after: str = "") -> tuple[list[Job], str | None]:
        """Return up to `limit` of an owner's jobs, the newest first, and what to give as `after` for the next ones, None at the end."""
        prefix = _prefix(owner)
        marks = [key.removeprefix(prefix) for key in islice(self._store.keys(prefix, after=prefix + after if after else ""), limit + 1)]
        with ThreadPoolExecutor(READERS) as readers:
            jobs = [job for job in readers.map(self._read, marks[:limit]) if job]
        return jobs, marks[limit - 1] if len(marks) > limit else None

    def older(self, owner: str, than: float, *, limit: int) -> list[Job]:
        """Return up to `limit` of an owner's jobs that were made before `than`, Unix seconds, the newest of them first."""
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
