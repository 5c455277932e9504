"""Erases a job at its owner's word: cancels it, whoever works on it, and erases its audio, transcript and other objects.

A worker that is at it finds the record changed at its next write, stops, and erases what it has made since.
"""

from pisar.domain.answer_to import Order
from pisar.domain.jobs import Job
from pisar.ports.storage import ObjectStore
from pisar.state.awaited_uploads import no_longer_awaited
from pisar.state.corrections import forget_corrections
from pisar.state.heard_texts import forget_heard
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.shares import forget_share
from pisar.state.transcript_cache import TranscriptCache
from pisar.state.waiting_jobs import Line
from pisar.work.parts import forget_parts


def erase(job: Job, owner: str, *, records: Records, store: ObjectStore, cache: TranscriptCache) -> None:
    """Erase a job that is listed under this owner. Idempotent. Raises Missing, Busy, Unavailable: then call again."""
    if job.content:
        cache.forget(job.content)  # before nobody knows the name any more, and again once no worker makes it anew
    ordered = isinstance(job.answer_to, Order)
    job = records.cancel(job.id)
    if job.content:
        cache.forget(job.content)
    if ordered:
        no_longer_awaited(store, owner, job.id)
    Line(store).leave(job)
    store.delete(job.audio_key)
    store.delete(job.transcript_key)
    if ordered:
        forget_heard(store, job.id)
        forget_corrections(store, job.id)
        forget_share(store, job.id)
    forget_parts(job, records=records, store=store, cache=cache, deleted=True)
    # Last: by this an erasure that was interrupted is known. It has taken the chat or the client out of the record.
    OwnedJobs(store, records).remove(job, owner)
