"""Parses the cloud's events into requests and messages, and encodes responses as the cloud wants them; pure.

In: the events of a function (called directly or through the gateway, formats 0.1 and 1.0), of the queue trigger, of the
storage trigger and of an authorizer. Out: the answers of a function and of an authorizer. Everything that does not look like
what the cloud documents is Unreadable; what it adds to that is ignored.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable
from pisar.web.credentials import TwoKeysError, api_key
from pisar.web.http import Request, Response

AUTHORIZER_CONTEXT_HEADER = "X-Yc-Apigateway-Authorizer-Context"
"""Set by the gateway, which takes away any that a caller sends."""


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message from the queue trigger. `message_id` stays the same on redelivery and in the dead-letter queue."""

    message_id: str
    body: str


@dataclass(frozen=True, slots=True)
class StoredObjectEvent:
    """Something that happened to an object. `event_type`: "ObjectCreate", "ObjectUpdate" (its access list) or "ObjectDelete"."""

    bucket: str
    key: str
    event_type: str


def http_request(event: Any) -> Request:
    """Return the request in a function's event, whose path is "/" if the event has none, as a direct call's; raise Unreadable."""
    fields = _mapping(event, "a function's HTTP event")
    method = fields.get("httpMethod")
    if not isinstance(method, str) or not method:
        raise Unreadable("not a function's HTTP event: no httpMethod")
    # Format 1.0 has the real path in `path` and the declared one in `resource`; 0.1 has them in `url` and `path`.
    path = fields.get("path") if "resource" in fields else fields.get("url") or fields.get("path")
    return Request(
        method=method,
        path="/" + _text(path or "", "path").partition("?")[0].lstrip("/"),
        headers=_strings(fields.get("headers"), "headers"),
        query=_strings(fields.get("queryStringParameters"), "queryStringParameters"),
        body=_body(fields),
    )


def authorized_client(event: Any) -> str:
    """Return whom the authorizer function found behind a function's caller, "" for nobody; raise Unreadable."""
    context = _mapping(_mapping(event, "a function's HTTP event").get("requestContext") or {}, "requestContext")
    return _text(_mapping(context.get("authorizer") or {}, "authorizer").get("client", ""), "client")


def http_response(response: Response) -> dict[str, Any]:
    """Return a function's answer, whose body is text, or base64 where the response has bytes."""
    inside = isinstance(response.body, bytes)
    body = base64.b64encode(response.body).decode() if isinstance(response.body, bytes) else response.body
    return {"statusCode": response.status, "headers": dict(response.headers), "body": body, "isBase64Encoded": inside}


def posted(body: bytes) -> Any:
    """Return the event that a trigger posts to a container, as a function is given it; raise Unreadable."""
    try:
        return parse_json(body)
    except ValueError as error:
        raise Unreadable(f"the event is no JSON that is taken: {error}") from None


def queue_messages(event: Any) -> tuple[QueueMessage, ...]:
    """Return the messages in the queue trigger's event, at least one; raise Unreadable."""
    return tuple(_queue_message(_mapping(details.get("message"), "details.message")) for _, details in _messages(event))


def stored_objects(event: Any) -> tuple[StoredObjectEvent, ...]:
    """Return what the storage trigger's event tells, at least one; raise Unreadable."""
    return tuple(_stored_object(kind, details) for kind, details in _messages(event))


def authorizer_key(event: Any) -> str | None:
    """Return the key in the request's headers, None without one or with two that differ; raise Unreadable."""
    headers = _strings(_mapping(event, "an authorizer's request").get("headers"), "headers")
    try:
        return api_key(headers)
    except TwoKeysError:
        return None


def authorizer_response(*, allowed: bool, context: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return an authorizer's answer; `context` reaches the function behind the gateway, in its event."""
    return {"isAuthorized": allowed, "context": dict(context or {})}


def authorizer_context(sent: str | None) -> Mapping[str, Any]:
    """Return what the authorizer said of a container's caller, {} without a header; raise Unreadable.

    `sent` is AUTHORIZER_CONTEXT_HEADER's. Its name and its form, JSON, are unconfirmed in the cloud's documents: both stand here alone.
    """
    if sent is None:
        return {}
    try:
        return _mapping(parse_json(sent), "an authorizer's context")
    except ValueError as error:
        raise Unreadable("the authorizer's context is not JSON") from error


def _body(fields: Mapping[str, Any]) -> bytes:
    body = fields.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):  # some integrations hand over JSON already decoded
        try:
            return json.dumps(body, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise Unreadable("the event's body can't be written as JSON again") from error
    if not fields.get("isBase64Encoded"):
        return _text(body, "body").encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("the event's body is not base64 as it claims") from error


def _messages(event: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    messages = _mapping(event, "a trigger's event").get("messages")
    if not isinstance(messages, list) or not messages:
        raise Unreadable("not a trigger's event: no messages")
    for message in messages:
        fields = _mapping(message, "a trigger's message")
        event_type = _mapping(fields.get("event_metadata"), "event_metadata").get("event_type")
        yield _text(event_type, "event_type").rpartition(".")[2], _mapping(fields.get("details"), "details")


def _queue_message(message: Mapping[str, Any]) -> QueueMessage:
    message_id, body = message.get("message_id"), message.get("body")
    if not isinstance(message_id, str) or not isinstance(body, str):
        raise Unreadable("not a queue message: no message_id or body")
    return QueueMessage(message_id, body)


def _stored_object(event_type: str, details: Mapping[str, Any]) -> StoredObjectEvent:
    bucket, key = details.get("bucket_id"), details.get("object_id")
    if not isinstance(bucket, str) or not isinstance(key, str) or not event_type.startswith("Object"):
        raise Unreadable("not a storage event: no bucket_id, object_id or Object… type")
    return StoredObjectEvent(_text(bucket, "bucket_id"), _text(key, "object_id"), event_type)


def _strings(value: Any, name: str) -> dict[str, str]:
    return {_text(key, name): _text(item, name) for key, item in _mapping(value or {}, name).items()}


def _text(value: Any, name: str) -> str:
    """Return the value as text that UTF-8 can carry: JSON's escapes can spell half of a surrogate pair, and arrays nest without end."""
    try:
        text = str(value)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not an event's {name}: no text") from error
    return text


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unreadable(f"not {name}: {type(value).__name__} where an object should be")
    return value
