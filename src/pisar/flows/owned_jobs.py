"""Whose jobs are whose: an empty object for each job, named so that a listing gives a client's or a chat's own, the newest first."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from pisar.domain.jobs import Job
from pisar.errors import Missing
from pisar.flows.records import Records
from pisar.ports import ObjectStore

PREFIX = "owned/"
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
        self._store.put(_prefix(_owner(job)) + _mark(job), b"")

    def remove(self, job: Job, owner: str | None = None) -> None:
        """List the job no more; once more is fine. `owner`: whose it was, for a job that was cancelled and knows it no longer."""
        self._store.delete(_prefix(owner or _owner(job)) + _mark(job))

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


def chat_owner(chat_id: int) -> str:
    """Return the name under which a chat's jobs are listed."""
    return f"chat{chat_id}"


def _owner(job: Job) -> str:
    if job.order is not None:
        return job.order.client
    if job.reply is not None:
        return chat_owner(job.reply.chat_id)
    raise ValueError("a dropped file belongs to nobody here")


def _prefix(owner: str) -> str:
    return f"{PREFIX}{owner}/"


def _mark(job: Job) -> str:
    return f"{FAR_FUTURE_MS - int(1000 * job.created_at):013}-{job.id}"
