"""How the Bot API says no: every error in Telegram's envelope, worded as Telegram words it."""

import math
from typing import Any


class Refusal(Exception):
    """A request the Bot API does not carry out. `description` is the whole text, prefix included."""

    def __init__(self, code: int, description: str, parameters: dict[str, int] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters or {}

    def envelope(self) -> dict[str, Any]:
        """Return the answer's JSON."""
        answer = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})

    def headers(self) -> dict[str, str]:
        """Return the answer's headers: `Retry-After` with a 429."""
        return {"Retry-After": str(self.parameters["retry_after"])} if "retry_after" in self.parameters else {}


def bad_request(reason: str, **parameters: int) -> Refusal:
    """Return a 400."""
    return Refusal(400, f"Bad Request: {reason}", parameters)


def forbidden(reason: str) -> Refusal:
    """Return a 403: the bot may not write there any more."""
    return Refusal(403, f"Forbidden: {reason}")


def conflict(reason: str) -> Refusal:
    """Return a 409: two ways of taking updates at once."""
    return Refusal(409, f"Conflict: {reason}")


def too_many_requests(seconds: float) -> Refusal:
    """Return a 429 that asks for whole `seconds` of silence, at least one."""
    wait = max(1, math.ceil(seconds))
    return Refusal(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})


UNAUTHORIZED = Refusal(401, "Unauthorized")
NOT_FOUND = Refusal(404, "Not Found")
NO_SUCH_METHOD = Refusal(404, "Not Found: method not found")
TOO_LARGE = Refusal(413, "Request Entity Too Large")
BROKEN = Refusal(500, "Internal Server Error: the stand-in failed, see its log")
