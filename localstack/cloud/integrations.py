"""What an operation of the gateway's document does with a request: `x-yc-apigateway-integration`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

import aiohttp

from localstack.cloud.containers import Container
from localstack.cloud.exchange import Request, Response, Route, pass_request_headers
from localstack.cloud.functions import Function

Integration = Callable[[Request, Route], Awaitable[Response]]

_NOT_FORWARDED = frozenset({"host", "content-length"})


def integration(settings: Mapping[str, Any], targets: Mapping[str, Function | Container]) -> Integration:
    """Return what carries out an operation; raise ValueError for a type or target that is not known here."""
    kind = settings["type"]
    if kind == "cloud_functions":
        if not isinstance(function := targets.get(settings["function_id"]), Function):
            raise ValueError(f"no function has the id {settings['function_id']}")
        return function.call_http
    if kind == "serverless_containers":
        if not isinstance(container := targets.get(settings["container_id"]), Container):
            raise ValueError(f"no container has the id {settings['container_id']}")
        return container.call_http
    if kind == "dummy":
        return lambda request, _: _dummy(settings, request)
    if kind == "http":
        return lambda request, route: _http(settings, request, route)
    raise ValueError(f"integrations of type {kind} are not known here")


async def _dummy(settings: Mapping[str, Any], request: Request) -> Response:
    """Answer with fixed content: that of the media type asked for, else that of "*"."""
    content: Mapping[str, str] = settings.get("content", {})
    asked = (request.header("Accept") or "").partition(",")[0].partition(";")[0].strip()
    text = content.get(asked, content.get("*", ""))
    headers = tuple((name, str(value)) for name, value in settings.get("http_headers", {}).items())
    return Response(int(settings["http_code"]), headers, text.encode())


async def _http(settings: Mapping[str, Any], request: Request, route: Route) -> Response:
    """Call another server: the document's method, headers and query, where "*": "*" passes on all of the request's."""
    url: str = settings["url"]
    for name, value in route.path_parameters.items():
        url = url.replace(f"{{{name}}}", quote(value, safe="")).replace(f"{{{name}+}}", quote(value))
    passed = [(name, value) for name, value in pass_request_headers(request.headers) if name.lower() not in _NOT_FORWARDED]
    headers = _listed(settings.get("headers", {}), passed)
    query = _listed(settings.get("query", {}), parse_qsl(request.query, keep_blank_values=True))
    limits = settings.get("timeouts", {})
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=limits.get("connect"), sock_read=limits.get("read"))
    async with (
        aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
        session.request(
            settings.get("method", request.method), url, headers=headers, params=query, data=request.body, allow_redirects=False
        ) as response,
    ):
        return Response(response.status, tuple(response.headers.items()), await response.read())


def _listed(settings: Mapping[str, str], all_passed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    own = [(name, value) for name, value in settings.items() if name != "*"]
    return [*all_passed, *own] if settings.get("*") == "*" else own
