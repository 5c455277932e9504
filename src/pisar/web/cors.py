"""Lets pages of other origins call the API (CORS), where the owner has named the origins. Pure, but for the ASGI middleware.

Behind the cloud's gateway that is the gateway's: `terraform/openapi.yaml` has the same methods and headers, and a test holds both together.
No cookie and no other credential of the browser is ever taken from such a page (`Access-Control-Allow-Credentials` is never sent): the API
knows its callers by a key in a header alone.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERYBODY = "*"
"""In place of an origin: pages of every origin."""

METHODS = "GET, HEAD, POST, PATCH, DELETE"

REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Share-Token, *"
"""What a page may send. The star stands for all others, as OpenAI's client adds a dozen of its own, but not for Authorization."""

RESPONSE_HEADERS = "Location, Retry-After, X-Transcript-Id, X-Complete, ETag"
"""What a page may read besides the body and what browsers show anyway."""

MAX_AGE_SECONDS = 600
"""How long a browser may remember the answer to a preflight request."""

Headers = tuple[tuple[str, str], ...]


def allowed(origins: Collection[str], origin: str | None) -> Headers:
    """Return the headers of a response to a page of this origin; None: the caller named none, as programs and same-origin pages do."""
    if EVERYBODY in origins:
        return () if origin is None else (("Access-Control-Allow-Origin", EVERYBODY), ("Access-Control-Expose-Headers", RESPONSE_HEADERS))
    vary = ("Vary", "Origin")  # also where no page may see the response: a cache must not give it to one that may
    if origin is None or origin.lower() not in origins:
        return (vary,)
    return ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", RESPONSE_HEADERS), vary


def preflight(origins: Collection[str], origin: str | None) -> Headers:
    """Return the headers of the answer to a preflight request, () where this origin may not call."""
    if origin is None or not (EVERYBODY in origins or origin.lower() in origins):
        return ()
    return (
        *(header for header in allowed(origins, origin) if header[0] != "Access-Control-Expose-Headers"),
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", REQUEST_HEADERS),
        ("Access-Control-Max-Age", str(MAX_AGE_SECONDS)),
    )


class Cors:
    """ASGI middleware that answers preflight requests and puts the headers on every response, an error's too. Belongs outside all others.

    `origins`: as a browser's Origin header spells them, in small letters, or EVERYBODY.
    """

    def __init__(self, app: "ASGIApp", origins: Collection[str]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a preflight request, and pass any other on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = sent.get(b"origin")
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in sent and (found := preflight(self._origins, origin)):
            await send({"type": "http.response.start", "status": 204, "headers": _encoded(found)})
            await send({"type": "http.response.body", "body": b""})
            return
        added = _encoded(allowed(self._origins, origin))

        async def adding(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self._app(scope, receive, adding)


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
