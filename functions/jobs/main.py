"""Entry point of the function that answers all of the API that needs no engine: jobs, models, the API's description."""

import os
from typing import Any

from pisar import cloud_events, logs
from pisar.wiring.jobs import build

router, keys = build(os.environ)


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer the gateway's call."""
    logs.begin_call()
    request = cloud_events.http_request(event)
    route = router.route(request.method, request.path)
    return cloud_events.http_response(route.answer(request, lambda: keys.holder(cloud_events.authorized_client(event))))
