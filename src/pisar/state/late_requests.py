"""Notes that somebody asks for a recording that is being transcribed unasked, so that they are told if no text comes of it.

The note is an object of its own: only the worker that holds a job may change its record. It is erased by age.
"""

from pisar.domain.bucket import SAID
from pisar.domain.jobs import Job, job_id
from pisar.errors import Missing
from pisar.ports.storage import ObjectStore


def note_request(store: ObjectStore, job: Job) -> None:
    """Note that somebody has asked for the text of a job that nobody had asked for. Idempotent."""
    store.put(_key(job), b"")


def is_requested(store: ObjectStore, job: Job) -> bool:
    """Say whether somebody has asked for the text of a job that nobody had asked for."""
    try:
        store.look(_key(job))
    except Missing:
        return False
    return True


def _key(job: Job) -> str:
    return f"{SAID}{job_id('asked for', job.id)}"
