"""The uploads function, put together."""

from collections.abc import Mapping

from pisar import logs, settings
from pisar.adapters.clock import SystemClock
from pisar.adapters.message_queue import SqsJobQueue
from pisar.adapters.object_storage import S3ObjectStore
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.flows.drops import Drops
from pisar.flows.records import Records


def build(environment: Mapping[str, str]) -> Drops:
    """Return what receives dropped files; raise Misconfigured."""
    storage, queue, limits, recognising, intake, logging = settings.read(
        environment, settings.Storage, settings.Queue, settings.Limits, settings.Recognising, settings.Intake, settings.Logging
    )
    logs.configure("uploads", logging.level)
    store = S3ObjectStore(storage.bucket)
    return Drops(
        records=Records(store, SystemClock()),
        store=store,
        queue=SqsJobQueue(queue.queue_url),
        limits=AudioLimits(max_bytes=limits.max_upload_mb * 2**20, max_seconds=limits.max_audio_minutes * 60),
        options=Options(language=recognising.language),
        lease_seconds=intake.lease_seconds,
    )
