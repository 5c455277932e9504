"""Turns exceptions into the API's error responses: {"error": {"code", "message"}}; the wording is in `pisar.formats.refusals`.

`pisar.formats.refusals` has one English sentence and one HTTP status for each code. `web/openai.py` puts the same errors into OpenAI's
shape. The sentences of failures without such a code (401, 500, 503) are here.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pisar.domain.options import shown
from pisar.errors import Rejected, Rejection, Retryable
from pisar.formats import refusals
from pisar.web.http import Request, Response, in_json

log = logging.getLogger(__name__)

FULL, FULL_AGAIN_SECONDS = 503, 60
"""The status of a full waiting list, and when to try again: it is shorter in a minute."""

TOLD_SECONDS = ("resets_in_seconds", "expires_in_seconds")
"""Details of a refusal that say in how many seconds to try again; they become Retry-After."""

RETRY_AFTER_SECONDS = 5
"""Retry-After of a failure on our side, which may pass in a moment."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error response."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, dict[str, str]]:
        """Return the response's body."""
        return {"error": {"code": self.code, "message": self.message}}


class Refused(Exception):
    """A request that breaks HTTP's own rules: its size, its media type, its syntax."""

    def __init__(self, answer: Problem) -> None:
        super().__init__(answer.code)
        self.answer = answer


def problem(error: Exception) -> Problem:
    """Return the response to an error; log it unless the caller is at fault."""
    if isinstance(error, Refused):
        return error.answer
    if isinstance(error, Rejected):
        status = refusals.STATUS[error.code]
        told = (error.details[name] for name in TOLD_SECONDS if name in error.details)
        again = next(told, FULL_AGAIN_SECONDS if status == FULL else None)
        headers = {} if again is None else {"Retry-After": str(again)}
        return Problem(status, error.code.value, refusals.sentence(error), headers)
    if isinstance(error, Retryable):
        log.warning("not done", extra={"why": str(error) or type(error).__name__})
        return Problem(503, "try_again", "Not possible right now; try again in a while.", {"Retry-After": str(RETRY_AFTER_SECONDS)})
    log.error("unforeseen", exc_info=error)
    return Problem(500, "internal", "Something went wrong here; the log has the details.")


def refusal(answer: Problem) -> Response:
    """Return the error as a response."""
    return in_json(answer.status, answer.as_json(), answer.headers)


UNAUTHORIZED = Problem(401, "unauthorized", "Send your API key in the X-API-Key header, or as Authorization: Bearer.")
TWO_KEYS = Problem(401, "unauthorized", "X-API-Key and Authorization: Bearer carry different keys: send one of them.")

NOT_FOUND = Problem(404, "not_found", "There is nothing at this address. /docs says what there is, and /openapi.json says it to programs.")


def not_allowed(allowed: str) -> Problem:
    """Return the refusal of a method at an address that takes others; `allowed` names them, with commas between."""
    sentence = f"This address takes {allowed}, and not this method; /docs describes what each does."
    return Problem(405, "method_not_allowed", sentence, {"Allow": allowed})


def check_query(request: Request, known: Collection[str]) -> None:
    """Raise Rejected(BAD_OPTION) for a parameter in the address that is not among those `known`."""
    if unknown := sorted(request.query.keys() - set(known)):
        there_are = "options go into the body" if request.method == "POST" else f"there are {', '.join(known) or 'none'}"
        raise Rejected(
            Rejection.BAD_OPTION, {"option": shown(unknown[0]), "expected": f"no parameter of this name in the address; {there_are}"}
        )
