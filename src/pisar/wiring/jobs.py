"""The jobs function, put together: every call of the API that needs no engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pisar.domain.clients import Client
from pisar.envelopes import HttpRequest
from pisar.state.api_keys import Keys
from pisar.web import docs, models
from pisar.web.errors import problem
from pisar.web.jobs import JobsApi, refusal
from pisar.wiring.clients import GROUPS, Clients


@dataclass(frozen=True, slots=True)
class Api:
    """The API without the calls that need an engine. Each request's client is looked up once, by whoever answers its door."""

    keys: Keys
    jobs: JobsApi

    @classmethod
    def over(cls, clients: Clients) -> "Api":
        """Return the API over these parts."""
        return cls(clients.keys, JobsApi(clients.jobs, language=clients.options.language))

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


def build(environment: Mapping[str, str]) -> Api:
    """Return what answers requests; raise Misconfigured."""
    return Api.over(Clients.start("jobs", environment, *GROUPS, required=["PISAR_QUEUE_URL"]))
