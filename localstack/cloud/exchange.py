"""A request and its response as the parts of the cloud hand them on, and the rules all hops share.

Headers are pairs in order, since names repeat; they are compared without regard to case.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]

MAX_PAYLOAD_BYTES = 3_670_016  # 3.5 MB: a function's request or response JSON, a container's request or response with headers

# Removed on the way to a function or a container, and on the way back.
_REQUEST_REMOVED = frozenset(
    {"authorization", "cookie", "connection", "content-md5", "expect", "te", "trailer", "transfer-encoding", "upgrade", "server",
     "max-forwards", "proxy-authenticate", "www-authenticate"},
)  # fmt: skip
_RESPONSE_REMOVED = frozenset({"host", "authorization", "user-agent", "connection", "max-forwards", "cookie"})
_RESPONSE_FORBIDDEN = frozenset({"transfer-encoding", "via", "proxy-authenticate"})
_RESPONSE_REMAPPED = frozenset({"date", "server", "content-md5", "www-authenticate"})


class CallFailed(Exception):
    """A call that got no answer of the function or container: `status` is what the cloud tells the caller, `reason` why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. `target` is the path with its query, percent-encoded as it came in."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    @property
    def path(self) -> str:
        """The path without its query, percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query without its question mark, percent-encoded."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What the gateway knows of a request besides the request: the spec's operation and what the authorizer said."""

    resource: str  # the path as the spec writes it, e.g. /jobs/{id}
    operation_id: str = ""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, list[str]] = field(default_factory=dict)  # all that the spec declares, wherever they stand
    operation_context: Mapping[str, Any] = field(default_factory=dict)
    authorizer_context: Mapping[str, Any] | None = None
    payload_format_version: str = "0.1"


def json_response(status: int, data: Any, headers: Headers = ()) -> Response:
    """Return a response with a JSON body."""
    return Response(status, (("Content-Type", "application/json"), *headers), json.dumps(data, ensure_ascii=False).encode())


def pass_request_headers(headers: Headers) -> Headers:
    """Return the headers that reach a function or a container."""
    return tuple((name, value) for name, value in headers if name.lower() not in _REQUEST_REMOVED)


def pass_response_headers(headers: Headers, also_removed: Iterable[str] = ()) -> Headers:
    """Return the headers that reach the caller; raise CallFailed(502) for one that may not be set."""
    return tuple(_passed(headers, _RESPONSE_REMOVED | set(also_removed)))


def _passed(headers: Headers, removed: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if name.lower() in _RESPONSE_FORBIDDEN:
            raise CallFailed(502, f"the response sets {name}, which the cloud does not let through")
        if name.lower() in _RESPONSE_REMAPPED:
            yield f"X-Yf-Remapped-{train_case(name)}", value
        elif name.lower() not in removed:
            yield name, value


def forwarded_for(request: Request) -> Headers:
    """Return the request's headers with the caller's address appended to X-Forwarded-For."""
    before = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    others = tuple(pair for pair in request.headers if pair[0].lower() != "x-forwarded-for")
    return (*others, ("X-Forwarded-For", ", ".join([*before, request.source_ip])))


def train_case(name: str) -> str:
    """Return a header's name as events carry it: X-Api-Key."""
    return "-".join(part.capitalize() for part in name.split("-"))


def base64_json(data: Any) -> str:
    """Return JSON in base64, the form in which context travels in a header."""
    return base64.b64encode(json.dumps(data).encode()).decode()
