"""What a policy of a presigned form promises, held to by the local storage: moto takes every form.

Key, bucket, size and time are looked at; whoever signed it is not, for any keys do on the local cloud.
"""

import base64
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.formparser import parse_form_data

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class KeepsFormPolicies:
    """The application, without the forms whose policy does not allow what they are used for. Bodies must have been read."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "POST" or not environ.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
            return self._application(environ, start_response)
        body: bytes = environ["wsgi.input"].read()
        _, fields, files = parse_form_data({**environ, "wsgi.input": io.BytesIO(body)})
        environ["wsgi.input"] = io.BytesIO(body)
        size = sum(len(file.read()) for file in files.values())
        refusal = refused(fields.get("policy", ""), {**fields, "bucket": environ["PATH_INFO"].strip("/")}, size, datetime.now(UTC))
        if refusal is None:
            return self._application(environ, start_response)
        answer = f"<Error><Code>{refusal}</Code></Error>".encode()
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(answer)))]
        start_response("400 Bad Request" if refusal.startswith("Entity") else "403 Forbidden", headers)
        return [answer]


def refused(policy: str, fields: Mapping[str, str], size: int, now: datetime) -> str | None:
    """Return S3's word for why the policy, in base64, does not allow a file of that size with these fields; None if it does."""
    try:
        allowed: dict[str, Any] = json.loads(base64.b64decode(policy))
        until = datetime.fromisoformat(allowed["expiration"])
        conditions: list[Any] = allowed["conditions"]
    except (ValueError, KeyError, TypeError):
        return "InvalidPolicyDocument"
    if now > until:
        return "AccessDenied"
    for condition in conditions:
        if isinstance(condition, dict):
            if any(fields.get(name) != value for name, value in condition.items()):
                return "AccessDenied"
        elif condition[0] == "content-length-range" and not condition[1] <= size <= condition[2]:
            return "EntityTooLarge" if size > condition[2] else "EntityTooSmall"
    return None
