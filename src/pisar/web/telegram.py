"""Answers Telegram's webhook: 403 without the secret, 503 or 500 if the update should be delivered again, else 200."""

import hmac
import logging
import math
from collections.abc import Callable

from pisar.errors import Misconfigured, Retryable, Unavailable, Unreadable
from pisar.web.errors import RETRY_AFTER_SECONDS, Problem
from pisar.web.errors import refusal as refused
from pisar.web.http import Response, in_json

log = logging.getLogger("webhook")

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


def refusal(shown: str | None, secret: str) -> Response | None:
    """Return the refusal of a caller that does not show the secret, None for Telegram. Reads the headers alone, before the body."""
    if hmac.compare_digest((shown or "").encode(errors="replace"), secret.encode()):
        return None
    log.warning("wrong webhook secret")
    return refused(Problem(403, "forbidden", f"The {SECRET_HEADER} header is missing or wrong."))


def received(body: bytes, receive: Callable[[bytes], None]) -> Response:
    """Handle an update from Telegram, and return the response."""
    try:
        receive(body)
    except Unreadable as error:
        log.warning("not an update", extra={"why": str(error)})
    except (Retryable, Misconfigured) as error:
        log.log(logging.ERROR if isinstance(error, Misconfigured) else logging.WARNING, "try again", extra={"why": str(error)})
        after = error.after_seconds if isinstance(error, Unavailable) and error.after_seconds else RETRY_AFTER_SECONDS
        again = {"Retry-After": str(max(RETRY_AFTER_SECONDS, math.ceil(after)))}
        return refused(Problem(503, "try_again", "Not done yet; send the update again.", again))
    except Exception:
        log.exception("unforeseen")
        return refused(Problem(500, "internal", "Something went wrong; send the update again."))
    return in_json(200, {})
