"""The jobs function, put together: every call of the API that needs no engine."""

from collections.abc import Callable, Mapping
from typing import Any

from pisar import logs
from pisar.adapters.callback_sender import HttpCallbackSender
from pisar.adapters.object_storage import S3ObjectStore
from pisar.envelopes import HttpRequest
from pisar.ports.meter import Meter
from pisar.state.api_keys import Keys
from pisar.web import docs, models
from pisar.web.errors import problem
from pisar.web.jobs import JobsApi, refusal
from pisar.wiring import settings
from pisar.wiring.clients import client_jobs
from pisar.wiring.queues import Queues, message_queue


def build(
    environment: Mapping[str, str], queues: Queues | None = None, meter: Meter | None = None
) -> Callable[[HttpRequest], dict[str, Any]]:
    """Return what answers a request that the gateway hands on; raise Misconfigured."""
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
    api = JobsApi(jobs, language=recognising.language)
    keys = Keys(store)

    def answer(request: HttpRequest) -> dict[str, Any]:
        if (page := docs.answer(request)) is not None:
            return page
        try:
            client = keys.holder(str(request.authorizer.get("client", "")))
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return refusal(problem(error))
        if request.path.startswith("/v1/"):
            return models.answer(request, known=client is not None)
        return api.answer(request, client)

    return answer
