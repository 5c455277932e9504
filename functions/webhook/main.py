"""Entry point of the webhook function: an update comes in, and 200 goes out once its audio is stored and its job queued.

403 without the secret; 503 when Telegram should send the update again, 500 when nobody foresaw why; 200 and nothing for all
that is not for us, so that Telegram does not send it again.
"""

import os
from typing import Any

from pisar import cloud_events, logs
from pisar.web import telegram
from pisar.web.http import header
from pisar.wiring.webhook import build

webhook = build(os.environ)


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer the gateway's call for one update."""
    logs.begin_call()
    request = cloud_events.http_request(event)
    shown = header(request.headers, telegram.SECRET_HEADER)
    refusal = telegram.refusal(shown, webhook.secret.reveal())
    return cloud_events.http_response(refusal or telegram.received(request.body, webhook.receive))
