"""The jobs function, put together: every call of the API that needs no engine."""

from collections.abc import Mapping

from pisar import logs
from pisar.adapters.callback_sender import HttpCallbackSender
from pisar.adapters.object_storage import S3ObjectStore
from pisar.ports.meter import Meter
from pisar.state.api_keys import Keys
from pisar.web.jobs import JobsApi
from pisar.web.router import Router
from pisar.wiring import settings
from pisar.wiring.clients import client_jobs
from pisar.wiring.queues import Queues, message_queue


def build(environment: Mapping[str, str], queues: Queues | None = None, meter: Meter | None = None) -> tuple[Router, Keys]:
    """Return what answers, and the keys by which it is known who asks; raise Misconfigured."""
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
    queues = queues or message_queue(queue, callbacks)
    logs.configure("jobs", logging.level)
    store = S3ObjectStore(storage.bucket)
    sender = HttpCallbackSender(allowed_hosts=callbacks.hosts) if queues.callbacks else None
    jobs = client_jobs(store, queues=queues, limits=limits, answering=answering, intake=intake, sender=sender, meter=meter)
    return Router(JobsApi(jobs, language=recognising.language)), Keys(store)
