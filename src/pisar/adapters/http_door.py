"""An HTTP door looked at from outside, behind port Door: who answers, with which status, and by which clock."""

from email.utils import parsedate_to_datetime

import requests

from pisar.domain.deployments import DoorReply
from pisar.errors import Unavailable

TIMEOUT_SECONDS = 30.0
"""A cold start of a function or of its authorizer fits."""


class HttpDoor:
    """The door at an address. Redirects are not followed; each question is asked once."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def ask(self, method: str, path: str) -> DoorReply:
        """Return the answer to a request without a body, a key or a secret; raise Unavailable if there is none."""
        try:
            with requests.request(method, self._url + path, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True) as answer:
                return DoorReply(status=answer.status_code, at=_unix(answer.headers.get("Date", "")))
        except requests.RequestException as error:
            raise Unavailable(f"no answer: {_reason(error)}") from None


def _unix(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.Timeout):
        return f"nothing within {TIMEOUT_SECONDS:g} s"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "nobody could be reached at the address"
    return "the address or the answer is not HTTP"
