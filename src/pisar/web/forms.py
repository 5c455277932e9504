"""A multipart form with one audio file, read within limits and checked before anything is done with it.

The file's name and declared type are never used: what it is, its content says.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisar.errors import Rejected, Rejection
from pisar.web.errors import Problem, Refused

OVERHEAD_BYTES = 64 * 1024
"""What a form may take beside its file: 2,000 characters of a prompt in UTF-8, the other fields, headers and boundaries."""

MAX_FIELDS = 50
NO_FILE = Problem(400, "no_file", "Send the audio as the one file field `file` of a multipart/form-data body.")


@dataclass(frozen=True, slots=True)
class Form:
    """The audio, and the values of each other field in order."""

    audio: bytes
    fields: Mapping[str, tuple[str, ...]]

    def value(self, name: str) -> str:
        """Return a field's value, "" without one. Raises Rejected(BAD_OPTION) for a field that came twice."""
        values = self.fields.get(name, ("",))
        if len(values) > 1:
            raise Rejected(Rejection.BAD_OPTION, {"option": name, "expected": "one value"})
        return values[0]


async def read_form(request: Request, *, known: Collection[str] | None = None) -> Form:
    """Return the form of a request; raise Refused, or Rejected(BAD_OPTION) for a field that is not among those `known`."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise Refused(Problem(415, "unsupported_media_type", "Send the audio in a multipart/form-data body, as the file field `file`."))
    try:
        async with request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=OVERHEAD_BYTES) as form:
            fields: dict[str, tuple[str, ...]] = {}
            for name, value in form.multi_items():
                if isinstance(value, str):
                    fields[name] = (*fields.get(name, ()), value)
            file = form.get("file")
            if not isinstance(file, UploadFile) or "file" in fields:
                raise Refused(NO_FILE)
            audio = await file.read()
    except HTTPException as error:
        if error.status_code != 400:  # noqa: PLR2004 - HTTP; 400 is what the parser says of a body that is no form
            raise
        raise Refused(Problem(400, "bad_request", f"{error.detail.rstrip('.')}. {NO_FILE.message}")) from error
    if known is not None and (unknown := sorted(fields.keys() - set(known))):
        raise Rejected(Rejection.BAD_OPTION, {"option": unknown[0][:50], "expected": f"nothing: the fields are {', '.join(known)}"})
    return Form(audio, fields)


def seconds(text: str, name: str, *, default: float) -> float:
    """Return a number of seconds; raise Rejected(BAD_OPTION)."""
    try:
        value = float(text) if text.strip() else default
    except ValueError:
        value = math.nan
    if not value >= 0:
        raise Rejected(Rejection.BAD_OPTION, {"option": name, "expected": "seconds, 0 or more"})
    return value


class BodyLimit:
    """Refuses a request body as soon as it grows over `max_bytes`, whatever length it declares or none."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        received = 0

        async def count() -> Message:
            nonlocal received
            part = await receive()
            received += len(part.get("body", b""))
            if received > self._max_bytes:
                message = f"The request is larger than {self._max_bytes} bytes: make a job with POST /jobs and upload there."
                raise HTTPException(413, message)
            return part

        await self._app(scope, count, send)
