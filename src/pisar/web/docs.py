"""The API's description: for programs at /openapi.json, for people at /docs, which is Swagger UI served from here alone.

Anybody may read it. The page takes nothing from another server, and its Content-Security-Policy holds it to that. The package with
Swagger UI is opened by the first request for one of its files, so that no other call pays for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from pisar.envelopes import HttpRequest, http_response
from pisar.web.errors import Problem

DOCUMENT, PAGE = "/openapi.json", "/docs"
HOUR, DAY = 3600, 86_400

NOT_FOUND = Problem(404, "not_found", f"There is no such file; the page is at {PAGE}.")

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Swagger UI draws its arrows from data: URLs in its style sheet; nothing else comes from elsewhere."""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pisar: the HTTP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{assets}swagger-ui.css">
</head>
<body>
<div id="api" data-document="{document}"></div>
<script src="{assets}swagger-ui-bundle.js"></script>
<script src="{assets}start.js"></script>
</body>
</html>
"""

_START = """const api = document.getElementById("api");
SwaggerUIBundle({ domNode: api, url: api.dataset.document, deepLinking: true, validatorUrl: null });
"""


@dataclass(frozen=True, slots=True)
class _Asset:
    """One file of the page: what it is sent as, and where its text comes from."""

    media_type: str
    text: Callable[[], str]


def answer(request: HttpRequest) -> dict[str, Any] | None:
    """Return the answer to a request for the description, the page or a file of it, None for any other request."""
    if request.method != "GET":
        return None
    path = request.path.rstrip("/")
    if path == DOCUMENT:
        return _file(request, _document(), "application/json", HOUR)
    if path == PAGE:
        # Relative to the address that was asked for, with or without a slash at its end, so that a gateway may serve all under a path.
        inside = request.path.endswith("/")
        page = _PAGE.format(assets="" if inside else "docs/", document="../openapi.json" if inside else "openapi.json")
        return _file(request, page, "text/html; charset=utf-8", HOUR)
    if path.startswith(f"{PAGE}/"):
        asset = ASSETS.get(path.removeprefix(f"{PAGE}/"))
        if asset is None:
            return http_response(NOT_FOUND.status, NOT_FOUND.as_json())
        return _file(request, asset.text(), asset.media_type, DAY)
    return None


def _file(request: HttpRequest, text: str, media_type: str, fresh_seconds: int) -> dict[str, Any]:
    tag = f'"{sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": f"public, max-age={fresh_seconds}", "ETag": tag, **SECURITY}
    if tag in (request.header("If-None-Match") or ""):
        return http_response(304, "", content_type=media_type, headers=headers)
    return http_response(200, text, content_type=media_type, headers=headers)


@cache
def _document() -> str:
    return (resources.files("pisar.web") / "openapi.json").read_text(encoding="utf-8")


@cache
def _bundled(name: str) -> str:
    from swagger_ui_bundle import swagger_ui_path  # noqa: PLC0415 - only who looks at the page pays for it

    text: str = (swagger_ui_path / name).read_text(encoding="utf-8")
    return text


ASSETS: Mapping[str, _Asset] = {
    "start.js": _Asset("text/javascript; charset=utf-8", lambda: _START),
    "swagger-ui-bundle.js": _Asset("text/javascript; charset=utf-8", lambda: _bundled("swagger-ui-bundle.js")),
    "swagger-ui.css": _Asset("text/css; charset=utf-8", lambda: _bundled("swagger-ui.css")),
}
"""The files of the page, by name; no other file of the package can be asked for."""
