"""Telegram's door: an update in, 200 once its audio is stored and its job queued.

403 without the secret; 503 when Telegram should send the update again, 500 when nobody foresaw why; 200 and nothing for all
that is not for us, so that Telegram does not send it again.
"""

import hmac
import logging
import math
import os
from typing import Any

from pisar import envelopes, logs
from pisar.bootstrap.webhook import build
from pisar.errors import Retryable, Unavailable, Unreadable

log = logging.getLogger("webhook")
webhook = build(os.environ)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
RETRY_AFTER_SECONDS = 5


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer the gateway's call for one update."""
    logs.begin_call()
    request = envelopes.http_request(event)
    shown = request.header(SECRET_HEADER) or ""
    if not hmac.compare_digest(shown.encode(errors="replace"), webhook.secret.reveal().encode()):
        log.warning("wrong webhook secret")
        return envelopes.http_response(403, {"error": {"code": "forbidden", "message": f"The {SECRET_HEADER} header is missing or wrong."}})
    try:
        webhook.receive(request.body)
    except Unreadable as error:
        log.warning("not an update", extra={"why": str(error)})
    except Retryable as error:
        log.warning("try again", extra={"why": str(error)})
        refusal = {"error": {"code": "try_again", "message": "Not done yet; send the update again."}}
        after = error.after_seconds if isinstance(error, Unavailable) and error.after_seconds else RETRY_AFTER_SECONDS
        return envelopes.http_response(503, refusal, headers={"Retry-After": str(max(RETRY_AFTER_SECONDS, math.ceil(after)))})
    except Exception:
        log.exception("unforeseen")
        return envelopes.http_response(500, {"error": {"code": "internal", "message": "Something went wrong; send the update again."}})
    return envelopes.http_response(200, {})
