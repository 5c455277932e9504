"""The jobs function, put together: every call of the API that needs no engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pisar import logs
from pisar.adapters.callback_sender import HttpCallbackSender
from pisar.adapters.object_storage import S3ObjectStore
from pisar.domain.clients import Client
from pisar.envelopes import HttpRequest
from pisar.ports.meter import Meter
from pisar.state.api_keys import Keys
from pisar.web import docs, models
from pisar.web.errors import problem
from pisar.web.jobs import JobsApi, refusal
from pisar.wiring import settings
from pisar.wiring.clients import client_jobs
from pisar.wiring.queues import Queues, message_queue


@dataclass(frozen=True, slots=True)
class Api:
    """The API without the calls that need an engine. Each request's client is looked up once, by whoever answers its door."""

    keys: Keys
    jobs: JobsApi

    def answer_gateway(self, request: HttpRequest) -> dict[str, Any]:
        """Return the answer to a request of whom the gateway's authorizer has found."""
        if (page := docs.answer(request)) is not None:
            return page
        try:
            client = self.keys.holder(str(request.authorizer.get("client", "")))
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return refusal(problem(error))
        return self.answer(request, client)

    def answer(self, request: HttpRequest, client: Client | None) -> dict[str, Any]:
        """Return the answer to a request; `client` is who asks, None for nobody known."""
        if (page := docs.answer(request)) is not None:
            return page
        if request.path.startswith("/v1/"):
            return models.answer(request, known=client is not None)
        return self.jobs.answer(request, client)


def build(environment: Mapping[str, str], queues: Queues | None = None, meter: Meter | None = None) -> Api:
    """Return what answers requests; raise Misconfigured."""
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
    return Api(Keys(store), JobsApi(jobs, language=recognising.language))
