"""Cross-origin rules of the gateway: `x-yc-apigateway: {cors: …}` or, per path, `x-yc-apigateway-cors`. Pure.

`origin: false` is as good as no rules. Of a list of origins the one that asks is named, and the gateway's own errors have the headers too:
both are inferred.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from localstack.cloud.exchange import Headers, Request, Response


def preflight(cors: Mapping[str, Any] | None, request: Request) -> Response | None:
    """Return the answer to a preflight request, None for any other request or where there are no rules."""
    if not _is_on(cors) or request.method != "OPTIONS" or request.header("Access-Control-Request-Method") is None:
        return None
    headers: list[tuple[str, str]] = []
    asked = request.header("Access-Control-Request-Headers")
    for name, value in (
        ("Access-Control-Allow-Methods", cors.get("methods", "*")),
        ("Access-Control-Allow-Headers", cors.get("allowedHeaders", asked)),
        ("Access-Control-Max-Age", cors.get("maxAge")),
    ):
        if value is not None:
            headers.append((name, _listed(value)))
    return Response(int(cors.get("optionsSuccessStatus", 200)), tuple(headers))


def allow_origin(cors: Mapping[str, Any] | None, request: Request, response: Response) -> Response:
    """Return the response with the headers that let the request's origin see it."""
    origin = request.header("Origin")
    if not _is_on(cors) or origin is None:
        return response
    allowed = cors.get("origin", "*")
    names = allowed if isinstance(allowed, list) else [allowed]
    if not {origin, "*", True} & set(names):
        return response
    headers: Headers = (("Access-Control-Allow-Origin", "*" if names == ["*"] else origin), ("Vary", "Origin"))
    if cors.get("credentials"):
        headers = (*headers, ("Access-Control-Allow-Credentials", "true"))
    if exposed := cors.get("exposedHeaders"):
        headers = (*headers, ("Access-Control-Expose-Headers", _listed(exposed)))
    return Response(response.status, (*response.headers, *headers), response.body)


def _is_on(cors: Mapping[str, Any] | None) -> TypeGuard[Mapping[str, Any]]:
    return cors is not None and cors.get("origin") is not False


def _listed(value: str | Iterable[str] | int) -> str:
    return str(value) if isinstance(value, str | int) else ", ".join(value)
