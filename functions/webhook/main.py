"""Telegram's door: an update in, 200 once its audio is stored and its job queued.

403 without the secret; 503 when Telegram should send the update again, 500 when nobody foresaw why; 200 and nothing for all
that is not for us, so that Telegram does not send it again.
"""

import os
from typing import Any

from pisar import envelopes, logs
from pisar.web import telegram
from pisar.wiring.webhook import build

webhook = build(os.environ)


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer the gateway's call for one update."""
    logs.begin_call()
    request = envelopes.http_request(event)
    shown = request.header(telegram.SECRET_HEADER)
    return telegram.answer(shown, request.body, secret=webhook.secret.reveal(), receive=webhook.receive)
