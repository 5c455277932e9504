"""The uploads function, put together."""

from collections.abc import Callable, Mapping

from pisar import logs, settings
from pisar.adapters.clock import SystemClock
from pisar.adapters.message_queue import SqsJobQueue
from pisar.adapters.object_storage import S3ObjectStore
from pisar.bootstrap.clients import client_jobs, upload_limits
from pisar.domain.jobs import INCOMING, Options
from pisar.flows.drops import Drops
from pisar.flows.records import Records


def build(environment: Mapping[str, str]) -> Callable[[str], None]:
    """Return what receives an object by its key: a file somebody dropped, or the audio of a client's job; raise Misconfigured."""
    storage, queue, limits, recognising, answering, intake, callbacks, logging = settings.read(
        environment,
        settings.Storage,
        settings.Queue,
        settings.Limits,
        settings.Recognising,
        settings.Answering,
        settings.Intake,
        settings.Callbacks,
        settings.Logging,
    )
    logs.configure("uploads", logging.level)
    store = S3ObjectStore(storage.bucket)
    drops = Drops(
        records=Records(store, SystemClock()),
        store=store,
        queue=SqsJobQueue(queue.queue_url),
        limits=upload_limits(limits),
        options=Options(language=recognising.language),
        lease_seconds=intake.lease_seconds,
    )
    jobs = client_jobs(store, queue=queue, limits=limits, answering=answering, intake=intake, callbacks=callbacks, sender=None)
    return lambda key: jobs.uploaded(key) if key.startswith(INCOMING) else drops.receive(key)
