"""The uploads function, put together."""

from collections.abc import Callable, Mapping

from pisar import logs
from pisar.adapters.clock import SystemClock
from pisar.adapters.object_storage import S3ObjectStore
from pisar.bucket.drops import Drops
from pisar.domain.bucket import INCOMING
from pisar.domain.jobs import Options
from pisar.state.job_records import Records
from pisar.wiring import settings
from pisar.wiring.clients import client_jobs, upload_limits
from pisar.wiring.queues import Queues, message_queue
from pisar.work.queueing import Queueing


def build(environment: Mapping[str, str], queues: Queues | None = None) -> Callable[[str], None]:
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
        required=() if queues else ("PISAR_QUEUE_URL",),
    )
    watched = queues is not None  # by a worker that looks; a trigger gives up after a few tries
    queues = queues or message_queue(queue, callbacks)
    logs.configure("uploads", logging.level)
    store = S3ObjectStore(storage.bucket)
    drops = Drops(
        records=Records(store, SystemClock()),
        store=store,
        queueing=Queueing(records=Records(store, SystemClock()), store=store, queue=queues.jobs, max_waiting=limits.max_waiting),
        limits=upload_limits(limits),
        options=Options(language=recognising.language),
        lease_seconds=intake.lease_seconds,
        comes_again=watched,
    )
    jobs = client_jobs(store, queues=queues, limits=limits, answering=answering, intake=intake, sender=None)
    return lambda key: jobs.uploaded(key) if key.startswith(INCOMING) else drops.receive(key)
