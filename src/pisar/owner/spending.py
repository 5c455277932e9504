"""Computes what the deployment has been used for this month, and what that costs, from the records of its jobs.

Records are kept for some days only (`record_days` in terraform/storage.tf). At a month's end those of its beginning may be gone, so the
result covers the time since the first record found.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from pisar.domain.bucket import JOBS
from pisar.domain.deployments import Load, Version
from pisar.domain.jobs import Job
from pisar.errors import Missing, Unreadable
from pisar.owner.bot_check import Finding
from pisar.owner.costs import DAYS_A_MONTH, SECONDS_AN_HOUR, Usage, total_rub
from pisar.ports.storage import ObjectStore

MOST_RECORDS = 5000
"""How many records are read at most; the storage bills each as a GET."""

READERS = 16
DAY_SECONDS = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Jobs and their audio since a time in Unix seconds; `whole` is false if there were more records than are read."""

    since: float
    jobs: int
    audio_seconds: float
    whole: bool


def used(store: ObjectStore, now: float, on_progress: Callable[[float], None] | None = None) -> Used | None:
    """Return the usage since the month began (UTC), None without any job."""
    begin = datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
    keys = list(islice(store.keys(JOBS), MOST_RECORDS + 1))
    read = keys[:MOST_RECORDS]
    jobs = []
    with ThreadPoolExecutor(READERS) as readers:
        for done, job in enumerate(readers.map(lambda name: _job(store, name), read), 1):
            if job is not None and job.created_at >= begin:
                jobs.append(job)
            if on_progress:
                on_progress(done / len(read))
    if not jobs:
        return None
    return Used(
        since=min(job.created_at for job in jobs),
        jobs=len(jobs),
        audio_seconds=sum(job.audio_seconds or 0.0 for job in jobs),
        whole=len(keys) == len(read),
    )


def spent(found: Used | None, worker: Version | None, load: Load, now: float) -> Finding:
    """Return the month's cost so far, and for the whole month at this rate, in roubles with VAT less the free allowances."""
    if found is None:
        return Finding(True, "cost this month", "nothing transcribed yet")
    days = max((now - found.since) / DAY_SECONDS, 1.0)
    assumed = Usage(messages_per_day=0, seconds_per_message=found.audio_seconds / found.jobs, real_time_factor=load.real_time_factor)
    if worker:
        assumed = replace(assumed, container_vcpus=worker.cores, container_gb=worker.memory / 2**30)
    so_far, at_this_rate = (total_rub(replace(assumed, messages_per_day=found.jobs / per)) for per in (DAYS_A_MONTH, days))
    since = datetime.fromtimestamp(found.since, UTC).date().isoformat()
    count = f"{found.jobs} recordings" if found.whole else f"the first {found.jobs} recordings read"
    hours = found.audio_seconds / SECONDS_AN_HOUR
    soft = "as reckoned, without Lockbox, the stored image and the queue; the bill is in the console: Billing"
    text = f"{so_far:.2f} roubles for {count} ({hours:.1f} h) since {since}; {at_this_rate:.2f} a month at this rate"
    return Finding(True, "cost this month", text, soft)


def _job(store: ObjectStore, key: str) -> Job | None:
    try:
        return Job.decode(store.get(key).body)
    except (Missing, Unreadable):  # erased meanwhile, or of another version
        return None
