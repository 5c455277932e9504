"""The API's door for all that needs no engine: jobs, models, the API's own description."""

import os
from typing import Any

from pisar import envelopes, logs
from pisar.wiring.jobs import build

router, keys = build(os.environ)


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer the gateway's call."""
    logs.begin_call()
    request = envelopes.http_request(event)
    route = router.route(request.method, request.path)
    return envelopes.http_response(route.answer(request, lambda: keys.holder(envelopes.authorized_client(event))))
