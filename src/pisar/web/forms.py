"""Reads a multipart form with one audio file, within limits, and checks it before anything is done with it.

The file's name and declared type are not used: only its content says what it is.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisar.domain.options import number, unknown_option
from pisar.errors import Rejected, Rejection
from pisar.web.errors import Problem, Refused

log = logging.getLogger(__name__)

OVERHEAD_BYTES = 64 * 1024
"""The largest form without its file: 10,000 characters of a prompt in UTF-8, the other fields, headers and boundaries."""

MAX_FIELDS = 50
EPILOGUE_BYTES = 1024
"""How many of the body's last bytes are searched for the form's end; what may follow that end is of no use."""

NO_FILE = Problem(400, "no_file", "Send the audio as the one file field `file` of a multipart/form-data body.")


@dataclass(frozen=True, slots=True)
class Form:
    """A form's audio, and the values of each other field in order."""

    audio: bytes
    fields: Mapping[str, tuple[str, ...]]

    def value(self, name: str) -> str:
        """Return a field's value, "" without one. Raises Rejected(BAD_OPTION) for a repeated field."""
        values = self.fields.get(name, ("",))
        if len(values) > 1:
            raise Rejected(Rejection.BAD_OPTION, {"option": name, "expected": "one value"})
        return values[0]


async def read_form(request: Request, *, known: Collection[str] | None = None) -> Form:
    """Return the form of a request; raise Refused, or Rejected(BAD_OPTION) for a field that is not among those `known`."""
    media_type, parameters = parse_options_header(request.headers.get("Content-Type", ""))
    if media_type.lower() != b"multipart/form-data":
        raise Refused(Problem(415, "unsupported_media_type", "Send the audio in a multipart/form-data body, as the file field `file`."))
    try:
        async with AsyncExitStack() as opened:
            form = await _parse(request, parameters.get(b"boundary", b""))
            opened.push_async_callback(form.close)
            fields: dict[str, tuple[str, ...]] = {}
            for name, value in form.multi_items():
                if isinstance(value, str):
                    fields[name] = (*fields.get(name, ()), value)
            file = form.get("file")
            if not isinstance(file, UploadFile) or "file" in fields:
                raise Refused(NO_FILE)
            audio = await file.read()
    except MultiPartException as error:
        raise Refused(Problem(400, "bad_request", f"{error.message.rstrip('.')}. {NO_FILE.message}")) from error
    except ClientDisconnect as error:
        hung_up()
        raise Refused(Problem(400, "bad_request", "The connection ended before the form did.")) from error
    if known is not None and (unknown := sorted(fields.keys() - set(known))):
        raise unknown_option(unknown[0], known)
    return Form(audio, fields)


async def _parse(request: Request, boundary: bytes) -> FormData:
    # Texts of a form are UTF-8 (RFC 7578, 5.1.2); a `charset` of the caller's would be tried on them, whatever it is. So the parser
    # is told of the boundary alone.
    quoted = boundary.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    content_type = (b'multipart/form-data; boundary="' + quoted + b'"' if boundary else b"multipart/form-data").decode("latin-1")
    stream = _whole(request.stream(), b"--" + boundary + b"--")
    headers = Headers({"Content-Type": content_type})
    return await MultiPartParser(headers, stream, max_files=1, max_fields=MAX_FIELDS, max_part_size=OVERHEAD_BYTES).parse()


async def _whole(stream: AsyncIterator[bytes], end: bytes) -> AsyncGenerator[bytes, None]:
    """Pass a body on; raise MultiPartException if it ends before the form does, which the parser does not check."""
    tail = b""
    async for part in stream:
        tail = (tail + part)[-EPILOGUE_BYTES:]
        yield part
    if end not in tail:
        raise MultiPartException("The form is cut off")


def seconds(text: str, name: str, *, default: float) -> float:
    """Return the seconds that field `name` gives, `default` if it is empty; raise Rejected(BAD_OPTION)."""
    value = number(text) if text.strip() else default
    if not value >= 0:
        raise Rejected(Rejection.BAD_OPTION, {"option": name, "expected": "seconds, 0 or more"})
    return value


class BodyLimit:
    """ASGI middleware that refuses a body of more than `max_bytes`, or of `uploads[path]` on routes that take audio.

    A declared length is refused before the first byte is read, any other once the body has grown beyond the limit. If a caller disconnects
    before the body's end, or the body is malformed, that is one log line, since nobody receives a response.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, uploads: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._uploads = uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count the bytes of its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = self._uploads.get(scope["path"])
        limit = self._max_bytes if upload is None else upload
        instead = "only uploads of audio may be" if upload is None else "make a job with POST /jobs and upload there"
        refused = HTTPException(413, f"The request is larger than {limit} bytes: {instead}.")
        declared = int(Headers(scope=scope).get("Content-Length") or 0)  # the server lets no other letters through
        received = 0

        async def count() -> Message:
            nonlocal received
            if declared > limit:
                raise refused
            part = await receive()
            received += len(part.get("body", b""))
            if received > limit:
                raise refused
            return part

        try:
            await self._app(scope, count, send)
        except ClientDisconnect:
            hung_up()


class WithoutSlashes:
    """ASGI middleware that takes slashes off the end of the `paths`, as the cloud's gateway does before it looks where a request goes."""

    def __init__(self, app: ASGIApp, paths: Collection[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["path"] not in self._paths and (path := scope["path"].rstrip("/")) in self._paths:
            scope = {**scope, "path": path}
        await self._app(scope, receive, send)


def hung_up() -> None:
    """Log that a caller disconnected before the request's end."""
    log.info("the caller hung up before the end of the request")
