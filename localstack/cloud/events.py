"""HTTP requests as the JSON events that functions get, and their results back into responses. Pure.

Two shapes: 0.1, the default, and 1.0, which follows AWS. They differ in the names of a few fields only.
"""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, unquote

from localstack.cloud.exchange import (
    MAX_PAYLOAD_BYTES,
    CallFailed,
    Request,
    Response,
    Route,
    json_response,
    pass_request_headers,
    pass_response_headers,
    train_case,
)


def function_event(request: Request, route: Route | None, request_id: str) -> dict[str, Any]:
    """Return the event of a call through the gateway (by route) or of a direct call over HTTPS (without)."""
    headers = _multi_headers(request, removed=True)
    query = parse_qs(request.query, keep_blank_values=True)
    body, is_base64 = _body(request)
    common = {
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query,
        "requestContext": _request_context(request, route, request_id),
        "body": body,
        "isBase64Encoded": is_base64,
    }
    if route is None:
        return {**common, "url": "", "path": "", "pathParams": {}, "params": {}, "multiValueParams": {}}
    path, path_parameters = unquote(request.path), dict(route.path_parameters)
    parameters = {name: list(values) for name, values in route.parameters.items()}
    if route.payload_format_version == "1.0":
        return {
            **common,
            "version": "1.0",
            "resource": route.resource,
            "path": path,
            "pathParameters": path_parameters,
            "parameters": _last(parameters),
            "multiValueParameters": parameters,
            "operationId": route.operation_id,
        }
    return {
        **common,
        "url": path,
        "path": route.resource,
        "pathParams": path_parameters,
        "params": _last(parameters),
        "multiValueParams": parameters,
    }


def authorizer_event(request: Request, route: Route, request_id: str) -> dict[str, Any]:
    """Return the event of an authorizer: no body, and all headers, Authorization too."""
    cookies = SimpleCookie(request.header("Cookie") or "")
    return {
        "resource": route.resource,
        "path": unquote(request.path),
        "httpMethod": request.method,
        "headers": _last(_multi_headers(request, removed=False)),
        "queryStringParameters": _last(parse_qs(request.query, keep_blank_values=True)),
        "pathParameters": dict(route.path_parameters),
        "requestContext": _request_context(request, route, request_id),
        "cookies": {name: cookie.value for name, cookie in cookies.items()},  # undocumented shape: taken as name → value
    }


def function_response(result: Any) -> Response:
    """Return the response a function's result describes; one of a wrong shape becomes 502 ProxyIntegrationError."""
    try:
        return _response(result)
    except (CallFailed, TypeError, binascii.Error) as error:
        return error_response(502, f"malformed response of the function: {error}", "ProxyIntegrationError")


def error_response(status: int, message: str, error_type: str) -> Response:
    """Return the cloud's own error as functions' callers see it."""
    return json_response(status, {"errorMessage": message, "errorType": error_type})


def _response(result: Any) -> Response:
    if not isinstance(result, dict):
        raise TypeError("not an object")
    status = result.get("statusCode")
    if type(status) is not int or not 100 <= status <= 599:  # noqa: PLR2004 - the range of HTTP's status codes
        raise TypeError("statusCode is not a status code")
    body = result.get("body", "")
    if not isinstance(body, str):
        raise TypeError("body is not a string")
    content = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
    return Response(status, pass_response_headers(tuple(_result_headers(result))), content)


def _result_headers(result: dict[str, Any]) -> list[tuple[str, str]]:
    multi = result.get("multiValueHeaders") or {}
    single = result.get("headers") or {}
    if not isinstance(multi, dict) or not isinstance(single, dict):
        raise TypeError("headers are not objects")
    pairs = [(name, value) for name, value in single.items() if name not in multi]
    for name, values in multi.items():
        if not isinstance(values, list):
            raise TypeError("a value of multiValueHeaders is not a list")
        pairs += [(name, value) for value in values]
    if not all(isinstance(value, str) for _, value in pairs):
        raise TypeError("a header's value is not a string")
    return pairs


def _multi_headers(request: Request, *, removed: bool) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in pass_request_headers(request.headers) if removed else request.headers:
        headers.setdefault(train_case(name), []).append(value)
    return headers


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}


def _body(request: Request) -> tuple[str, bool]:
    """Return the body as events carry it: application/json as text, all else in base64."""
    media_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if not request.body:
        return "", False
    if media_type == "application/json":
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:  # undocumented: JSON that is no UTF-8 can't be a string
            pass
    return base64.b64encode(request.body).decode(), True


def _request_context(request: Request, route: Route | None, request_id: str) -> dict[str, Any]:
    now = time.time()
    return {
        "identity": {"sourceIp": request.source_ip, "userAgent": request.header("User-Agent") or ""},
        "httpMethod": request.method,
        "requestId": request_id,
        "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S %z"),
        "requestTimeEpoch": int(now),
        "authorizer": dict(route.authorizer_context or {}) if route else {},
        "apiGateway": {"operationContext": dict(route.operation_context) if route else {}},
    }


def encode_event(event: Any) -> bytes:
    """Return the event's JSON; raise CallFailed(413) over 3.5 MB."""
    payload = json.dumps(event, ensure_ascii=False).encode()
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise CallFailed(413, "the request is over the limit of 3.5 MB")
    return payload
