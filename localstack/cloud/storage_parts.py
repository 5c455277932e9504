"""What a presigned address promises, held to by the local storage: moto takes whatever is sent to one, at any time.

The address of a part is good for a time and for one size, which it does not show: its signature covers the Content-Length. So the signature
is made again of what was sent (AWS Signature Version 4). Any keys do on the local cloud, as long as each key's secret is its id.
"""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ALGORITHM = "AWS4-HMAC-SHA256"


class KeepsSignedAddresses:
    """The application, without requests to presigned addresses that are signed for something else, or too late."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        asks_first = environ["REQUEST_METHOD"] == "OPTIONS"  # a browser does before it sends
        refusal = refused(environ, query, datetime.now(UTC)) if query.get("X-Amz-Algorithm") == ALGORITHM and not asks_first else None
        if refusal is None:
            return self._application(environ, start_response)
        answer = f"<Error><Code>{refusal}</Code></Error>".encode()
        origin = environ.get("HTTP_ORIGIN")
        shared = [("Access-Control-Allow-Origin", origin)] if origin else []  # S3 lets a page read its refusals too
        start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(answer))), *shared])
        return [answer]


def refused(environ: "WSGIEnvironment", query: dict[str, str], now: datetime) -> str | None:
    """Return S3's word for why a presigned request is refused, None if it is not."""
    try:
        signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        key_id, day, region, service, _ = query["X-Amz-Credential"].split("/")
        if now > signed_at + timedelta(seconds=int(query["X-Amz-Expires"])):
            return "AccessDenied"
        names, signature = query["X-Amz-SignedHeaders"].split(";"), query["X-Amz-Signature"]
    except (KeyError, ValueError):
        return "AuthorizationQueryParametersError"
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items() if name != "X-Amz-Signature")
    headers = "".join(f"{name}:{_header(environ, name)}\n" for name in names)
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/-_.~")
    asked = "&".join(f"{name}={value}" for name, value in pairs)
    request = "\n".join((environ["REQUEST_METHOD"], path, asked, headers, ";".join(names), "UNSIGNED-PAYLOAD"))
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join((ALGORITHM, query["X-Amz-Date"], scope, sha256(request.encode()).hexdigest()))
    made = f"AWS4{key_id}".encode()  # the secret is the id
    for part in (*scope.split("/"), text):
        made = hmac.new(made, part.encode(), sha256).digest()
    return None if hmac.compare_digest(made.hex(), signature) else "SignatureDoesNotMatch"


def _header(environ: "WSGIEnvironment", name: str) -> str:
    variable = name.upper().replace("-", "_")
    found: str = environ.get(variable if variable == "CONTENT_LENGTH" else f"HTTP_{variable}", "")
    return " ".join(found.split())
