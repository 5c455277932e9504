"""Reads a multipart form with one audio file, within limits, and checks it before anything is done with it.

The file's name and declared type are not used: only its content says what it is.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisar.domain.options import shown
from pisar.web import multipart
from pisar.web.errors import Problem, Refused
from pisar.web.fields import Fields, wrong
from pisar.web.multipart import BY_CURL, FILE, BadFormError, Parsed

log = logging.getLogger(__name__)

OVERHEAD_BYTES = 64 * 1024
"""How much larger than its file a form may be: its other fields, headers and boundaries."""

NO_FILE = f"The form has no file: send the audio as the file field `file`, {BY_CURL}."
TEXTS_ARE_SHORT = "only uploads of audio may be. Of a long prompt send the end, which is all that is read"
NO_BYTES = "The file `file` is empty: 0 bytes of it came."

_BY_FORM = f"send the audio as the file field `file` of a multipart/form-data body, {BY_CURL}"
_MEDIA_TYPES: Mapping[str, str] = {
    "": f"The request has no Content-Type: {_BY_FORM}.",
    "application/json": f"JSON carries no audio here: {_BY_FORM}. POST /jobs takes options in JSON and the audio in an upload of its own.",
    "application/x-www-form-urlencoded": f"A urlencoded body carries no audio, and curl sends one with -d and --data-binary: {_BY_FORM}.",
}
_BARE_AUDIO = ("audio/", "video/", "application/octet-stream", "application/ogg")


@dataclass(frozen=True, slots=True)
class Form:
    """A form's audio, and its other fields with those of the address's query."""

    audio: bytes
    fields: Fields


async def read_form(request: Request) -> Form:
    """Return the form of a request; raise Refused, or Rejected(BAD_OPTION) for a field that is not UTF-8."""
    declared = request.headers.get("Content-Type", "")
    media_type, parameters = parse_options_header(declared)
    if media_type.lower() != b"multipart/form-data":
        async for _ in request.stream():  # as multipart.parse does: the client sees the answer, and not a broken connection
            pass
        raise Refused(Problem(415, "unsupported_media_type", _why_unsupported(media_type.decode("latin-1").lower())))
    try:
        parsed = await multipart.parse(request.stream(), parameters.get(b"boundary", b""))
    except BadFormError as error:
        no_file = {multipart.NOT_A_FILE, multipart.NO_FILE_NAME}
        raise Refused(Problem(400, "no_file" if str(error) in no_file else "bad_request", str(error))) from error
    except ClientDisconnect as error:
        hung_up()
        raise Refused(Problem(400, "bad_request", "The connection ended before the form did.")) from error
    audio = _audio(parsed)
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in request.query_params.multi_items():
        if name == FILE:
            raise wrong(FILE, f"a file in the form, not a text in the address; {BY_CURL}")
        fields[name] = (*fields.get(name, ()), value)
    for name, content in parsed.fields:
        try:
            fields[name] = (*fields.get(name, ()), content.decode())
        except UnicodeDecodeError:
            raise wrong(shown(name), "text in UTF-8") from None
    return Form(audio, fields)


def _audio(parsed: Parsed) -> bytes:
    """Return the file of a form; raise Refused."""
    others = [shown(name) for name in parsed.other_files]
    if parsed.audio is None and others:
        raise Refused(Problem(400, "no_file", f"The file came as the field `{others[0]}`: send it as `file`, {BY_CURL}."))
    if parsed.audio is None:
        raise Refused(Problem(400, "no_file", NO_FILE))
    if others:
        sentence = f"The field `{others[0]}` came as a file, and only `file` may; with curl, < instead of @ sends a file's text."
        raise Refused(Problem(400, "bad_request", sentence))
    if not parsed.audio:
        raise Refused(Problem(400, "no_file", NO_BYTES))
    return parsed.audio


def _why_unsupported(media_type: str) -> str:
    if media_type.startswith(_BARE_AUDIO):
        return f"The body is {shown(media_type)} alone: {_BY_FORM} instead of --data-binary."
    if media_type.startswith("multipart/"):
        return f"The body is {shown(media_type)}, and only multipart/form-data is read: {_BY_FORM}."
    return _MEDIA_TYPES.get(media_type, f"The body is {shown(media_type)}: {_BY_FORM}.")


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
        instead = TEXTS_ARE_SHORT if upload is None else "make a job with POST /jobs and upload there"
        declared = int(Headers(scope=scope).get("Content-Length") or 0)  # the server lets no other letters through
        size = f" of {declared} bytes" if declared else ""
        refused = HTTPException(413, f"The request{size} is larger than {limit} bytes: {instead}.")
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
