"""Serverless containers as processes: HTTP in, HTTP out, one request per instance at a time.

Requests and responses pass as they are, but for the headers the cloud takes away.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from localstack.cloud.exchange import (
    MAX_PAYLOAD_BYTES,
    CallFailed,
    Headers,
    Request,
    Response,
    Route,
    base64_json,
    json_response,
    pass_request_headers,
    pass_response_headers,
)
from localstack.cloud.instances import InstancePool, Limits, OnLine

OPERATION_CONTEXT = "X-Yc-ApiGateway-Operation-Context"
AUTHORIZER_CONTEXT = "X-Yc-Apigateway-Authorizer-Context"  # unconfirmed in the cloud's documentation
_RESPONSE_REMOVED = frozenset({"x-request-id", "x-function-id", "x-function-version-id", "x-content-type-options"})


class Container:
    """A container made of a command, run without a shell, that listens on PORT.

    Its environment is `environment` and nothing of ours.
    """

    def __init__(
        self,
        container_id: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        limits: Limits | None = None,
        folder: Path | None = None,
        on_line: OnLine,
    ) -> None:
        self._pool = InstancePool(container_id, command, environment, limits=limits or Limits(), folder=folder, on_line=on_line)

    def pids(self) -> list[int]:
        """Return the process ids of live instances; safe for threads."""
        return self._pool.pids()

    async def call_http(self, request: Request, route: Route | None = None) -> Response:
        """Answer an HTTP request as the cloud does: whatever fails becomes a response."""
        headers = pass_request_headers(request.headers)
        if request.header("X-Request-Id") is None:
            headers = (*headers, ("X-Request-Id", str(uuid.uuid4())))
        if route is not None:
            headers = (*headers, *_context_headers(route))
        try:
            _check_size("request", headers, request.body)
            response = await self._pool.call(Request(request.method, request.target, headers, request.body))
            _check_size("response", response.headers, response.body)
            return Response(response.status, pass_response_headers(response.headers, _RESPONSE_REMOVED), response.body)
        except CallFailed as failure:
            return json_response(failure.status, {"message": failure.reason})

    async def deliver(self, event: Any, path: str = "/") -> None:
        """POST a trigger's event; raise CallFailed unless the answer is 2xx (which codes count as success is inferred)."""
        body = json.dumps(event, ensure_ascii=False).encode()
        response = await self.call_http(Request("POST", path, (("Content-Type", "application/json"),), body))
        if not 200 <= response.status < 300:  # noqa: PLR2004 - HTTP's codes of success
            raise CallFailed(response.status, "the container answered the trigger with a failure")

    async def stop(self) -> None:
        """End every instance."""
        await self._pool.stop()


def _context_headers(route: Route) -> Headers:
    headers: list[tuple[str, str]] = []
    if route.operation_context:
        headers.append((OPERATION_CONTEXT, base64_json(route.operation_context)))
    if route.authorizer_context is not None:
        headers.append((AUTHORIZER_CONTEXT, json.dumps(route.authorizer_context)))
    return tuple(headers)


def _check_size(what: str, headers: Headers, body: bytes) -> None:
    size = len(body) + sum(len(name) + len(value) + len(": \r\n") for name, value in headers)
    if size > MAX_PAYLOAD_BYTES:
        raise CallFailed(413, f"the {what} is over the limit of 3.5 MB")
