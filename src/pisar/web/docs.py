"""Serves the API's description: for programs at /openapi.json, for people at /docs, by Swagger UI from this server alone.

Anybody may read it without a key. The page loads nothing from another server, and its Content-Security-Policy forbids it. The package with
Swagger UI is imported by the first request for one of its files, so that no other call pays for that.
"""

from functools import cache
from hashlib import sha256
from importlib import resources

from pisar.web.errors import Problem, refusal
from pisar.web.http import Request, Response, header

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
"""The security headers: Swagger UI's style sheet has arrows in data: URLs, and nothing else comes from elsewhere."""

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


ASSETS = {
    "start.js": "text/javascript; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
"""The files of the page and their media types; no other file of the package can be requested."""


def document(request: Request) -> Response:
    """Return the API's description (OpenAPI, JSON)."""
    return _file(request, _text(DOCUMENT), "application/json", HOUR)


def page(request: Request) -> Response:
    """Return the page, which links its files relative to the requested address, so that a gateway may serve it all under a path."""
    inside = request.path.endswith("/")
    text = _PAGE.format(assets="" if inside else "docs/", document="../openapi.json" if inside else "openapi.json")
    return _file(request, text, "text/html; charset=utf-8", HOUR)


def asset(request: Request) -> Response:
    """Return a file of the page."""
    name = request.path.rstrip("/").removeprefix(f"{PAGE}/")
    return _file(request, _text(name), ASSETS[name], DAY) if name in ASSETS else refusal(NOT_FOUND)


def _file(request: Request, text: str, media_type: str, fresh_seconds: int) -> Response:
    tag = f'"{sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"Content-Type": media_type, "Cache-Control": f"public, max-age={fresh_seconds}", "ETag": tag, **SECURITY}
    fresh = tag in (header(request.headers, "If-None-Match") or "")
    return Response(304 if fresh else 200, headers, "" if fresh else text)


@cache
def _text(name: str) -> str:
    if name == "start.js":
        return _START
    if name == DOCUMENT:
        return (resources.files("pisar.web") / "openapi.json").read_text(encoding="utf-8")
    from swagger_ui_bundle import swagger_ui_path  # noqa: PLC0415 - only who looks at the page pays for it

    text: str = (swagger_ui_path / name).read_text(encoding="utf-8")
    return text
