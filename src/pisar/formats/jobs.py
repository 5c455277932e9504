"""A job as the API shows it: states in a caller's words, times as ISO 8601 in UTC. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pisar.domain.answer_to import Order
from pisar.domain.jobs import Job, Outcome, State

AWAITING_UPLOAD, EXPIRED, QUEUED, WORKING, DONE, FAILED = "awaiting_upload", "expired", "queued", "working", "done", "failed"
DELETED = "deleted"

STATES = (AWAITING_UPLOAD, EXPIRED, QUEUED, WORKING, DONE, FAILED)
"""Every state a caller sees. Nobody speaking is `done` as well: its transcript is empty."""


def state_of(job: Job, *, now: float, upload_seconds: float) -> str:
    """Return the job's state; `upload_seconds` is how long its upload form is good for."""
    if job.state is State.AWAITED:
        return EXPIRED if now > job.created_at + upload_seconds else AWAITING_UPLOAD
    if job.state is State.WORKING or (job.state is State.QUEUED and job.parts is not None):
        return WORKING
    if job.state is not State.FINISHED:
        return QUEUED
    if job.outcome is Outcome.CANCELLED:
        return DELETED
    return DONE if job.outcome in {Outcome.TRANSCRIBED, Outcome.NO_SPEECH} else FAILED


def as_json(job: Job, state: str, *, position: int | None = None, expected_seconds: float | None = None) -> Mapping[str, Any]:
    """Return what `GET /jobs/{id}` answers.

    `position`: how many jobs are before it in line, None once it is out of it. `expected_seconds`: until it is done, as far as
    the engine's measured speed tells.
    """
    order = job.answer_to if isinstance(job.answer_to, Order) else None
    options = {"language": job.options.language, "task": job.options.task, "prompt": job.options.prompt}
    return {
        "id": job.id,
        "name": (order and order.name) or None,
        "state": state,
        "created_at": iso_time(job.created_at),
        "finished_at": None if job.finished_at is None else iso_time(job.finished_at),
        "position": position,
        "expected_seconds": None if expected_seconds is None else round(expected_seconds, 1),
        "progress": 1.0 if state == DONE else round(job.progress, 3),
        "duration": None if job.audio_seconds is None else round(job.audio_seconds, 3),
        **options,
        "callback_url": order and order.callback_url,
        "error": {"code": job.reason or "failed", "message": job.message or ""} if state == FAILED else None,
    }


def iso_time(seconds: float) -> str:
    """Return a time in Unix seconds as ISO 8601, in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
