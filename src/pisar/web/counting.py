"""Counts HTTP requests by method, route and status."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

WHOLE = frozenset({"/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations", "/healthz", "/queue", "/openapi.json"})
FIRST = frozenset({"jobs", "v1", "docs"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNFORESEEN = 500


def route(path: str) -> str:
    """Return the label under which a path is counted: one of few, so that invented paths make no new time series."""
    if path in WHOLE:
        return path
    first = path.split("/")[1] if path.startswith("/") else ""
    return f"/{first}" if first in FIRST else "other"


def method(sent: str) -> str:
    """Return the label under which a method is counted: the server accepts any word, and invented ones make no new time series."""
    return sent if sent in METHODS else "other"


class Counting:
    """ASGI middleware that reports each request to `told` (method, route, status) once its response has begun."""

    def __init__(self, app: "ASGIApp", told: Callable[[str, str, int], None]) -> None:
        self._app = app
        self._told = told

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request and the response on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noting(message: "Message") -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                tell(message["status"])
            await send(message)

        def tell(status: int) -> None:
            self._told(method(scope["method"]), route(scope["path"]), status)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            if not begun:  # Starlette answers what nobody foresaw outside of every middleware
                tell(UNFORESEEN)
            raise
