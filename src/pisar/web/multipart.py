"""Parses a multipart/form-data body (RFC 7578), and says in words what is wrong with one.

A body that can't be taken is read to its end all the same: a client that is still sending would see a broken connection instead of the
answer that says why.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile

from pisar.domain.options import shown

FILE = "file"
"""The name of the field that carries the recording."""

MAX_FIELDS = 50
MAX_BOUNDARY_BYTES = 256
"""The longest that is read; RFC 2046, section 5.1.1, allows 70."""

IN_MEMORY_BYTES = 1024 * 1024
"""A larger file waits on the disk for its end."""

BY_CURL = "with curl: -F file=@voice.ogg"

NO_BOUNDARY = (
    "The Content-Type names no boundary: leave that header to the program that writes the form, as curl's -F, a browser's FormData and "
    "requests' files= do."
)
LONG_BOUNDARY = f"The Content-Type's boundary is longer than {MAX_BOUNDARY_BYTES} characters, and 70 are allowed (RFC 2046)."
EMPTY = f"The body is empty: send the audio as the file field `file`, {BY_CURL}."
CUT_OFF = "The form is cut off: it ends before its closing line, which is --, the boundary and -- again."
BROKEN = "The form can't be read: each line of its parts' heads ends in CR LF, and an empty line stands before a part's content."
LARGE_HEAD = "The head of one of the form's parts is too large: at most 8 headers of 4 KB are read."
NO_NAME = 'A part of the form has no name: it needs a header such as Content-Disposition: form-data; name="language".'
MANY_FIELDS = f"The form has more than {MAX_FIELDS} fields."
NO_FILE_NAME = (
    "The part `file` has no filename, by which a form tells a file from a text. Its header should be "
    'Content-Disposition: form-data; name="file"; filename="voice.ogg".'
)
NOT_A_FILE = f"The field `file` came as a text, not as a file; {BY_CURL}, with the @."
FILE_TWICE = "The field `file` came twice: send one recording in a request."

_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ENCODED_FILE_NAME = re.compile(rb";\s*filename\*[0-9]*\*?\s*=", re.IGNORECASE)


class BadFormError(Exception):
    """A body that is no form that can be taken; the message is a sentence for its sender."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A form. `audio`: the content of its file `file`, None without one. `other_files`: the names of the fields that are files too.

    `fields`: the others' names and contents in order, not yet decoded.
    """

    audio: bytes | None
    other_files: tuple[str, ...]
    fields: tuple[tuple[str, bytes], ...]


async def parse(stream: AsyncIterator[bytes], boundary: bytes) -> Parsed:
    """Return the form that a body's bytes are; raise BadFormError once they have ended, and whatever the stream raises."""
    try:
        async with AsyncExitStack() as opened:
            return await _Parser(boundary, opened).parse(stream)
    except BadFormError:
        async for _ in stream:
            pass
        raise


class _Parser:
    """Collects a form's parts from the callbacks of python_multipart's parser."""

    def __init__(self, boundary: bytes, opened: AsyncExitStack) -> None:
        if not boundary:
            raise BadFormError(NO_BOUNDARY)
        if len(boundary) > MAX_BOUNDARY_BYTES:
            raise BadFormError(LONG_BOUNDARY)
        self._boundary = boundary
        self._opened = opened
        self._file: UploadFile | None = None
        self._for_file: list[bytes] = []
        self._other_files: list[str] = []
        self._fields: list[tuple[str, bytearray]] = []
        self._header, self._value, self._head = b"", b"", dict[bytes, bytes]()
        self._take: Callable[[bytes], object] = _ignore
        self._fault = ""
        self._ended = False

    async def parse(self, stream: AsyncIterator[bytes]) -> Parsed:
        """Return the form; raise BadFormError."""
        parser = MultipartParser(self._boundary, cast("Any", {f"on_{name}": getattr(self, f"_on_{name}") for name in _CALLBACKS}))
        try:
            async for chunk in self._from_first_part(stream):
                parser.write(chunk)
                if self._file is not None and self._for_file:
                    await self._file.write(b"".join(self._for_file))
                    self._for_file.clear()
        except FormParserError as error:
            raise BadFormError(LARGE_HEAD if "header size" in str(error) or "header count" in str(error) else BROKEN) from error
        if self._fault or not self._ended:
            raise BadFormError(self._fault or CUT_OFF)
        audio = None
        if self._file is not None:
            await self._file.seek(0)
            audio = await self._file.read()
        return Parsed(audio, tuple(self._other_files), tuple((name, bytes(value)) for name, value in self._fields))

    async def _from_first_part(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Pass on what begins with the first line that is the boundary: RFC 2046 lets a preamble stand before it."""
        line = b"\n--" + self._boundary
        before, began, size = b"\n", False, 0
        async for chunk in stream:
            size += len(chunk)
            if began:
                yield chunk
                continue
            before += chunk
            at = before.find(line)
            if began := at >= 0:
                yield before[at + 1 :]
            else:
                before = before[-len(line) :]
        if not began:
            expected = f"--{shown(_text(self._boundary))}"
            raise BadFormError(f"No line of the body is {expected}, the boundary in its Content-Type." if size else EMPTY)

    def _on_part_begin(self) -> None:
        self._head, self._take = {}, _ignore

    def _on_header_begin(self) -> None:
        self._header, self._value = b"", b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._head[self._header.lower()] = self._value

    def _on_headers_finished(self) -> None:
        disposition = self._head.get(b"content-disposition", b"")
        _, parameters = parse_options_header(disposition)
        if b"name" not in parameters:
            self._refuse(NO_NAME)
            return
        name = _text(parameters[b"name"])
        if b"filename" in parameters or _ENCODED_FILE_NAME.search(_QUOTED.sub(b'""', disposition)):
            self._begin_file(name)
        elif name == FILE:
            self._refuse(NO_FILE_NAME if b"content-type" in self._head else NOT_A_FILE)
        elif len(self._fields) == MAX_FIELDS:
            self._refuse(MANY_FIELDS)
        else:
            value = bytearray()
            self._fields.append((name, value))
            self._take = value.extend

    def _begin_file(self, name: str) -> None:
        if name != FILE:
            self._other_files.append(name)
        elif self._file is not None:
            self._refuse(FILE_TWICE)
        else:
            kept = cast("BinaryIO", SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))  # noqa: SIM115 - closed with the parser
            self._file = UploadFile(kept, size=0)
            self._opened.push_async_callback(self._file.close)
            self._take = self._for_file.append

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._take(data[start:end])

    def _on_end(self) -> None:
        self._ended = True

    def _refuse(self, why: str) -> None:
        self._fault = self._fault or why


_CALLBACKS = ("part_begin", "header_begin", "header_field", "header_value", "header_end", "headers_finished", "part_data", "end")


def _ignore(_: bytes) -> None: ...


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
