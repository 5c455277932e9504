"""Requests counted at the door, by method, route and status."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

WHOLE = frozenset({"/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations", "/healthz", "/queue", "/openapi.json"})
FIRST = frozenset({"jobs", "v1", "docs"})


def route(path: str) -> str:
    """Return what a path is counted under: one of few, so that whoever makes up paths makes up no series."""
    if path in WHOLE:
        return path
    first = path.split("/")[1] if path.startswith("/") else ""
    return f"/{first}" if first in FIRST else "other"


class Counting:
    """ASGI middleware that tells of each request once its answer has begun."""

    def __init__(self, app: "ASGIApp", told: Callable[[str, str, int], None]) -> None:
        self._app = app
        self._told = told

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass everything on."""

        async def noting(message: "Message") -> None:
            if message["type"] == "http.response.start":
                self._told(scope["method"], route(scope["path"]), message["status"])
            await send(message)

        await self._app(scope, receive, noting if scope["type"] == "http" else send)
