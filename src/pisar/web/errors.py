"""What goes wrong, as every door of the API answers it: {"error": {"code", "message"}} with its status and headers."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pisar.domain.options import shown
from pisar.errors import Rejected, Rejection, Retryable
from pisar.formats import refusals
from pisar.web.http import Response, in_json

log = logging.getLogger(__name__)

FULL, FULL_AGAIN_SECONDS = 503, 60
"""A line that is full is shorter in a minute."""

TOLD_SECONDS = ("resets_in_seconds", "expires_in_seconds")
"""Details of a refusal that say when it is worth coming again."""

RETRY_AFTER_SECONDS = 5
"""After a failure of ours, which a moment may mend."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that is an error."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, dict[str, str]]:
        """Return the body."""
        return {"error": {"code": self.code, "message": self.message}}


class Refused(Exception):
    """A request that is answered with a problem of HTTP's own: its size, its media type, its syntax."""

    def __init__(self, answer: Problem) -> None:
        super().__init__(answer.code)
        self.answer = answer


def problem(error: Exception) -> Problem:
    """Return what to answer to an error, logged unless it is the caller's."""
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
    """Return the response that an error is."""
    return in_json(answer.status, answer.as_json(), answer.headers)


def unknown_field(name: str, known: Iterable[str]) -> Rejected:
    """Return the refusal of a field that there is not."""
    return Rejected(Rejection.BAD_OPTION, {"option": shown(name), "expected": f"nothing: the fields are {', '.join(known)}"})


UNAUTHORIZED = Problem(401, "unauthorized", "Send your API key in the X-API-Key header.")
