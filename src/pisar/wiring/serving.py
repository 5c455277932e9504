"""Builds the HTTP service: a transcriber behind the cloud's gateway, or the whole API, self-hosted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pisar.adapters.fence import keep_secrets
from pisar.web.router import Router
from pisar.wiring.transcriber import OPTIONS as OPTIONS  # noqa: PLC0414 - what the door reads of a form
from pisar.wiring.transcriber import Deferred as Deferred  # noqa: PLC0414 - the door tells it from a transcript
from pisar.wiring.transcriber import Transcriber as Transcriber  # noqa: PLC0414 - what the door is made over
from pisar.wiring.transcriber import Transcribing


@dataclass(frozen=True, slots=True)
class Serving:
    """What the HTTP service needs. `api`: the router for calls without the engine, None where a gateway has a function for them.

    `told`: counts each request by method, route and status; None without metrics.
    """

    transcriber: Transcriber
    api: Router | None
    told: Callable[[str, str, int], None] | None = None


def build(environment: Mapping[str, str]) -> Serving:
    """Return what the HTTP service needs, with its model loaded; raise Misconfigured."""
    keep_secrets()
    wiring = Transcribing.of(environment)
    if not wiring.over_broker:
        return Serving(wiring.transcriber, None)
    from pisar.wiring.jobs import router_of  # noqa: PLC0415 - the API's pages, which the container in the cloud does not have

    wiring.serve_numbers()
    meter = wiring.prometheus
    return Serving(wiring.transcriber, router_of(wiring), meter.requested if meter else None)
