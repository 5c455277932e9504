"""The HTTP door put together: a transcriber behind the cloud's gateway, or the whole API on machines of one's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pisar import logs
from pisar.adapters.fence import keep_secrets
from pisar.web.router import Router
from pisar.wiring import settings, transcriber
from pisar.wiring.meters import served
from pisar.wiring.queues import broker_queues
from pisar.wiring.transcriber import Deferred as Deferred  # noqa: PLC0414 - the door tells it from a transcript
from pisar.wiring.transcriber import Transcriber as Transcriber  # noqa: PLC0414 - what the door is made over


@dataclass(frozen=True, slots=True)
class Serving:
    """What the door serves. `api` answers what needs no engine; None where a gateway has a function for it. `told`: who counts requests."""

    transcriber: Transcriber
    api: Router | None
    told: Callable[[str, str, int], None] | None = None


def build(environment: Mapping[str, str]) -> Serving:
    """Return what is served, with its model loaded; raise Misconfigured."""
    keep_secrets()
    queues = broker_queues(environment)
    if queues is None:
        return Serving(transcriber.build(environment), None)
    (logging,) = settings.read(environment, settings.Logging)
    logs.configure("api", logging.level)
    from pisar.wiring import jobs  # noqa: PLC0415 - the API's pages, which the container in the cloud does not have

    metered = served(environment)
    api, _ = jobs.build(environment, queues, metered)
    return Serving(transcriber.build(environment, queues), api, metered.requested if metered else None)
