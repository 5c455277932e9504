"""The API's jobs, put together for the functions that make and queue them. Nothing here needs Telegram or the engine."""

from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.api.client_jobs import ClientJobs
from pisar.domain.audio import AudioLimits
from pisar.ports.callbacks import CallbackSender
from pisar.ports.meter import Meter
from pisar.state.job_records import Records
from pisar.wiring import settings
from pisar.wiring.queues import Queues
from pisar.work.queueing import Queueing


def client_jobs(
    store: S3ObjectStore,
    *,
    queues: Queues,
    limits: settings.Limits,
    answering: settings.Answering,
    intake: settings.Intake,
    sender: CallbackSender | None,
    meter: Meter | None = None,
) -> ClientJobs:
    """Return the jobs of the API's clients over a bucket and a queue. `sender` is for who makes jobs: it checks addresses."""
    clock = SystemClock()
    return ClientJobs(
        records=Records(store, clock, meter),
        store=store,
        forms=store.reached_at(answering.upload_url),
        queueing=Queueing(records=Records(store, clock, meter), store=store, queue=queues.jobs, max_waiting=limits.max_waiting),
        clock=clock,
        callbacks=sender,
        announcements=queues.announcements,
        max_bytes=upload_limits(limits).max_bytes,
        max_awaited=limits.max_awaited,
        upload_seconds=round(60 * answering.upload_minutes),
        lease_seconds=intake.lease_seconds,
        reuse_seconds=3600 * answering.reuse_hours,
    )


def upload_limits(limits: settings.Limits) -> AudioLimits:
    """Return the limits of an audio that comes through the bucket, in the domain's units."""
    return AudioLimits(max_bytes=limits.max_upload_mb * 2**20, max_seconds=limits.max_audio_minutes * 60)
