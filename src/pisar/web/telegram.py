"""What Telegram's webhook is answered: 403 without the secret, 503 when the update should come again, 200 for all that is not for us."""

import hmac
import logging
import math
from collections.abc import Callable
from typing import Any

from pisar.envelopes import http_response
from pisar.errors import Retryable, Unavailable, Unreadable

log = logging.getLogger("webhook")

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
RETRY_AFTER_SECONDS = 5


def answer(shown: str | None, body: bytes, *, secret: str, receive: Callable[[bytes], None]) -> dict[str, Any]:
    """Return the answer to one update, `shown` with it as its secret, as a function returns it."""
    return refusal(shown, secret) or received(body, receive)


def refusal(shown: str | None, secret: str) -> dict[str, Any] | None:
    """Return what is answered to who does not show the secret, None to Telegram: by the headers alone, so before the body."""
    if hmac.compare_digest((shown or "").encode(errors="replace"), secret.encode()):
        return None
    log.warning("wrong webhook secret")
    return http_response(403, {"error": {"code": "forbidden", "message": f"The {SECRET_HEADER} header is missing or wrong."}})


def received(body: bytes, receive: Callable[[bytes], None]) -> dict[str, Any]:
    """Return the answer to an update that Telegram sent."""
    try:
        receive(body)
    except Unreadable as error:
        log.warning("not an update", extra={"why": str(error)})
    except Retryable as error:
        log.warning("try again", extra={"why": str(error)})
        refusal = {"error": {"code": "try_again", "message": "Not done yet; send the update again."}}
        after = error.after_seconds if isinstance(error, Unavailable) and error.after_seconds else RETRY_AFTER_SECONDS
        return http_response(503, refusal, headers={"Retry-After": str(max(RETRY_AFTER_SECONDS, math.ceil(after)))})
    except Exception:
        log.exception("unforeseen")
        return http_response(500, {"error": {"code": "internal", "message": "Something went wrong; send the update again."}})
    return http_response(200, {})
