"""An HTTP request and a response, independent of the server or function that carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as the caller made it. `path` begins with "/"."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `headers` includes its Content-Type. `body`: text, sent in UTF-8, or bytes."""

    status: int
    headers: Mapping[str, str]
    body: str | bytes


def in_json(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a response whose body is JSON."""
    return Response(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, json.dumps(body, ensure_ascii=False))


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header, whatever the case of its name: the cloud rewrites X-API-Key as X-Api-Key."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)
