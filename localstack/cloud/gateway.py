"""The API gateway of the cloud on a laptop: serves the OpenAPI document that Terraform deploys.

Bodies over 2.5 MB are refused while they come in. Clients can't set the headers in which the gateway hands on context.
Errors are JSON: {"message": …}.
"""

import asyncio
import uuid
from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from localstack.cloud.authorizers import Authorizer, NotAuthorized, authorize
from localstack.cloud.containers import AUTHORIZER_CONTEXT, OPERATION_CONTEXT, Container
from localstack.cloud.cors import allow_origin, preflight
from localstack.cloud.exchange import CallFailed, Headers, Request, Response, forwarded_for, json_response
from localstack.cloud.functions import Function
from localstack.cloud.integrations import Integration, integration
from localstack.cloud.openapi import Document, NoRoute, Operation, Path

MAX_BODY_BYTES = 2_621_440  # 2.5 MB, of requests and responses; the cloud does not raise it
_CONTEXT_HEADERS = frozenset({OPERATION_CONTEXT.lower(), AUTHORIZER_CONTEXT.lower()})
_OWN_RESPONSE_HEADERS = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})


class Gateway:
    """Serves a document. `variables` fill its Terraform template, `targets` are its functions and containers by their ids.

    All methods belong to the loop's thread. The targets are not ours to stop. Raises ValueError for a document that
    names a target, variable or integration nobody knows.
    """

    def __init__(
        self,
        document: str,
        variables: Mapping[str, str],
        targets: Mapping[str, Function | Container],
        *,
        execution_timeout_seconds: float = 300.0,
    ) -> None:
        self.url = ""
        self._document = Document(document, variables)
        self._authorizers = {
            name: Authorizer(name, scheme, targets)
            for name, scheme in self._document.security_schemes.items()
            if "x-yc-apigateway-authorizer" in scheme
        }
        self._integrations: dict[tuple[str, str], Integration] = {}
        for path in self._document.paths:
            for operation in path.operations.values():
                self._integrations[operation.resource, operation.method] = integration(operation.integration, targets)
                if unknown := {name for alternative in operation.security for name in alternative} - self._authorizers.keys():
                    raise ValueError(f"{path.resource}: no authorizer for {', '.join(sorted(unknown))}")
        self.execution_timeout_seconds = execution_timeout_seconds
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 and return the URL."""
        application = web.Application()
        application.router.add_route("*", r"/{path:[\s\S]*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, auto_decompress=False, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Stop listening; requests in progress get a second to end."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, incoming: web.Request) -> web.Response:
        try:
            request = await _read(incoming)
        except CallFailed as failure:
            refused = Request(incoming.method, incoming.raw_path, tuple(incoming.headers.items()))
            return _outgoing(allow_origin(self._document.cors, refused, json_response(failure.status, {"message": failure.reason})))
        try:
            path, parameters = self._document.find(request)
        except NoRoute as error:
            return _outgoing(allow_origin(self._document.cors, request, _error(error.status)))
        response = await self._answer(request, path, parameters)
        if len(response.body) > MAX_BODY_BYTES:
            response = json_response(502, {"message": "the response is over the limit of 2.5 MB"})
        return _outgoing(allow_origin(path.cors, request, response))

    async def _answer(self, request: Request, path: Path, parameters: Mapping[str, str]) -> Response:
        if "options" not in path.operations and (response := preflight(path.cors, request)):
            return response
        try:
            operation = self._document.operation(path, request.method)
            async with asyncio.timeout(self.execution_timeout_seconds):
                return await self._carry_out(request, operation, parameters)
        except (NoRoute, NotAuthorized) as error:
            return _error(error.status)
        except TimeoutError:
            return _error(504)
        except aiohttp.ClientError:
            return _error(502)

    async def _carry_out(self, request: Request, operation: Operation, parameters: Mapping[str, str]) -> Response:
        route = operation.route(request, parameters, None)
        context = await authorize(self._authorizers, operation.security, request, route)
        return await self._integrations[operation.resource, operation.method](request, operation.route(request, parameters, context))


async def _read(incoming: web.Request) -> Request:
    """Take the request in; raise CallFailed(413) as soon as it is known to be over the limit."""
    too_big = CallFailed(413, "the request is over the limit of 2.5 MB")
    if (incoming.content_length or 0) > MAX_BODY_BYTES:
        raise too_big
    body = bytearray()
    async for chunk in incoming.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise too_big
    headers: Headers = tuple((name, _utf8(value)) for name, value in incoming.headers.items() if name.lower() not in _CONTEXT_HEADERS)
    if "X-Request-Id" not in incoming.headers:
        headers = (*headers, ("X-Request-Id", str(uuid.uuid4())))
    request = Request(incoming.method, incoming.raw_path, headers, bytes(body), incoming.remote or "")
    return Request(request.method, request.target, forwarded_for(request), request.body, request.source_ip)


def _utf8(value: str) -> str:
    """Return a header's value as events can carry it: aiohttp keeps bytes that are not UTF-8 as lone surrogates."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _outgoing(response: Response) -> web.Response:
    headers = CIMultiDict((name, value) for name, value in response.headers if name.lower() not in _OWN_RESPONSE_HEADERS)
    return web.Response(status=response.status, headers=headers, body=response.body)


def _error(status: int) -> Response:
    return json_response(status, {"message": HTTPStatus(status).phrase})
