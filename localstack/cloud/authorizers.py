"""Who may call an operation: security schemes that ask an authorizer function, with its answers cached as documented.

A credential that is absent is 401 without a call, a refusal 403, an authorizer that fails or answers in another shape 500.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from localstack.cloud.events import authorizer_event
from localstack.cloud.exchange import CallFailed, Request, Route
from localstack.cloud.functions import Function


class NotAuthorized(Exception):
    """The request goes no further; `status` is what the caller gets."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Kept:
    context: Mapping[str, Any] | None  # None: not authorized
    until: float


class Authorizer:
    """One security scheme: apiKey, or http basic or bearer, with `x-yc-apigateway-authorizer` of type function."""

    def __init__(
        self, name: str, scheme: Mapping[str, Any], functions: Mapping[str, object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        settings = scheme.get("x-yc-apigateway-authorizer", {})
        function = functions.get(settings.get("function_id", ""))
        if settings.get("type") != "function" or not isinstance(function, Function):
            raise ValueError(f"the security scheme {name} names no authorizer function that is known")
        self._function = function
        self._scheme = scheme
        self._ttl_seconds = float(settings.get("authorizer_result_ttl_in_seconds", 0))
        self._by_uri = settings.get("authorizer_result_caching_mode") == "uri"
        self._clock = clock
        self._kept: dict[tuple[str, str, str], _Kept] = {}

    def credential(self, request: Request) -> str | None:
        """Return what the scheme looks at, None when it is absent."""
        if self._scheme["type"] == "http":
            value = request.header("Authorization") or ""
            # Undocumented: a credential of another scheme is taken as absent.
            return value if value.lower().startswith(f"{self._scheme['scheme'].lower()} ") else None
        name: str = self._scheme["name"]
        if self._scheme["in"] == "header":
            return request.header(name)
        if self._scheme["in"] == "query":
            return parse_qs(request.query).get(name, [None])[0]
        cookie = SimpleCookie(request.header("Cookie") or "").get(name)
        return cookie.value if cookie else None

    async def check(self, request: Request, route: Route, credential: str) -> Mapping[str, Any]:
        """Return the context the function gives an authorized request; raise NotAuthorized."""
        # Inferred: "path" is the document's, so that all values of a path parameter share one answer; "uri" is the request's.
        key = (request.target if self._by_uri else route.resource, request.method, credential)
        kept = self._kept.get(key)
        if kept is None or kept.until <= self._clock():
            kept = _Kept(await self._ask(request, route), self._clock() + self._ttl_seconds)
            self._kept[key] = kept
        if kept.context is None:
            raise NotAuthorized(403)
        return kept.context

    async def _ask(self, request: Request, route: Route) -> Mapping[str, Any] | None:
        request_id = request.header("X-Request-Id") or ""
        try:
            answer = await self._function.invoke(authorizer_event(request, route, request_id))
        except CallFailed:
            raise NotAuthorized(500) from None
        context = (answer.get("context") or {}) if isinstance(answer, dict) else None
        if not isinstance(context, dict) or not isinstance(answer.get("isAuthorized"), bool):
            raise NotAuthorized(500)
        return context if answer["isAuthorized"] else None


async def authorize(
    authorizers: Mapping[str, Authorizer], security: Sequence[Mapping[str, Any]], request: Request, route: Route
) -> Mapping[str, Any] | None:
    """Return the authorizers' context, None where nobody has to ask; raise NotAuthorized.

    Of the alternatives in `security` the first whose credentials are all present decides (undocumented).
    """
    if not security:
        return None
    for alternative in security:
        credentials = {name: authorizers[name].credential(request) for name in alternative}
        if None in credentials.values():
            continue
        context: dict[str, Any] = {}
        for name, credential in credentials.items():
            context |= await authorizers[name].check(request, route, credential or "")
        return context if credentials else None
    raise NotAuthorized(401)
