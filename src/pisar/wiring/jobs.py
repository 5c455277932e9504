"""Builds the jobs function, which answers every API call that needs no engine."""

from collections.abc import Mapping

from pisar.domain.bucket import INCOMING
from pisar.state.api_keys import Keys
from pisar.web.jobs import JobsApi
from pisar.web.me import MeApi
from pisar.web.page import Page
from pisar.web.router import Router
from pisar.web.texts import TextsApi
from pisar.wiring.clients import GROUPS, Clients


def router_of(clients: Clients) -> Router:
    """Return the router of the API and of the page over these parts."""
    page = Page(lambda: clients.forms.form(INCOMING, max_bytes=1, seconds=1).url)  # no request is sent
    return Router(JobsApi(clients.jobs, language=clients.options.language), TextsApi(clients.texts), MeApi(clients.allowances), page)


def build(environment: Mapping[str, str]) -> tuple[Router, Keys]:
    """Return the router, and the keys by which clients are looked up; raise Misconfigured."""
    clients = Clients.start("jobs", environment, *GROUPS, required=["PISAR_QUEUE_URL"])
    return router_of(clients), clients.keys
