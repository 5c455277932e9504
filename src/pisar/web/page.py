"""Serves the page for people: `GET /` is its index.html, `GET /page/{version}/{file}` the files that it names.

Anybody may load it; the key is asked for by the page itself. The version is a hash over all files, so that a browser keeps each file for a
year and still never mixes the files of two releases. Nothing is read before the first request for the page, and then once in a process.
"""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit

from pisar.web.errors import Problem, refusal
from pisar.web.http import Request, Response, header

INDEX, FILES = "/", "/page"

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
}
"""The media type of each kind of file that the page may have. A file of another kind is not served."""
COMPRESSED_ALREADY = {"png"}

NOT_FOUND = Problem(404, "not_found", "The page has no such file, or has another version by now; load / again.")
VERSION = "{version}"
"""What stands for the version in index.html, whose links are relative, so that a gateway may serve it all under a path."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the page. `compressed`: its bytes in gzip, None where that saves nothing."""

    media_type: str
    content: bytes
    compressed: bytes | None
    tag: str


class Page:
    """The page. `upload_url` gives an address in the storage to which browsers upload, "" where there is none."""

    def __init__(self, upload_url: Callable[[], str] = str) -> None:
        self._upload_url = upload_url

    def index(self, request: Request) -> Response:
        """Return index.html, which a browser asks for again each time."""
        return _answer(request, self._index, {"Cache-Control": "no-cache", **self._security})

    def file(self, request: Request) -> Response:
        """Return a file of the page, by the version that index.html names."""
        version, _, name = request.path.rstrip("/").removeprefix(f"{FILES}/").partition("/")
        found = self._files.get(name) if version == self.version else None
        if found is None:
            return refusal(NOT_FOUND)
        return _answer(request, found, {"Cache-Control": "public, max-age=31536000, immutable", **_headers("default-src 'none'")})

    @cached_property
    def version(self) -> str:
        """The hash over the names and the contents of all files of the page."""
        whole = sha256()
        for name, content in sorted(self._contents.items()):
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
        return whole.hexdigest()[:16]

    @cached_property
    def _contents(self) -> Mapping[str, bytes]:
        return dict(_walk(resources.files("pisar.web") / "page"))

    @cached_property
    def _files(self) -> Mapping[str, _File]:
        return {name: _file(name, content) for name, content in self._contents.items() if name != "index.html"}

    @cached_property
    def _index(self) -> _File:
        return _file("index.html", self._contents["index.html"].replace(VERSION.encode(), self.version.encode()))

    @cached_property
    def _security(self) -> Mapping[str, str]:
        """The headers that hold the browser to this host and to the storage that recordings are uploaded to."""
        address = urlsplit(self._upload_url())
        store = f" {address.scheme}://{address.netloc}" if address.netloc else ""
        return _headers(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
            f"connect-src 'self'{store}; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )


def _headers(policy: str) -> Mapping[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": "microphone=(self)",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _walk(folder: Traversable, inside: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = f"{inside}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        elif _kind(name) in MEDIA_TYPES:
            yield name, entry.read_bytes()


def _file(name: str, content: bytes) -> _File:
    packed = None if _kind(name) in COMPRESSED_ALREADY else gzip.compress(content, 9, mtime=0)
    smaller = packed if packed is not None and len(packed) < len(content) else None
    # Weak: one tag for the file as it is and in gzip.
    return _File(MEDIA_TYPES[_kind(name)], content, smaller, f'W/"{sha256(content).hexdigest()[:32]}"')


def _kind(name: str) -> str:
    return name.rpartition(".")[2]


def _answer(request: Request, file: _File, headers: Mapping[str, str]) -> Response:
    headers = {"Content-Type": file.media_type, "ETag": file.tag, "Vary": "Accept-Encoding", **headers}
    known = header(request.headers, "If-None-Match") or ""
    if known.strip() == "*" or file.tag.removeprefix("W/") in known:
        return Response(304, headers, b"")
    if file.compressed is not None and _takes_gzip(header(request.headers, "Accept-Encoding") or ""):
        return Response(200, {"Content-Encoding": "gzip", **headers}, file.compressed)
    return Response(200, headers, file.content)


def _takes_gzip(accepted: str) -> bool:
    """Say whether an Accept-Encoding header names gzip, or everything, and not with the weight 0 (RFC 9110, 12.5.3)."""
    weights = {}
    for word in accepted.lower().split(","):
        coding, _, parameter = word.partition(";")
        weights[coding.strip()] = re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", parameter) is None
    return weights.get("gzip", weights.get("*", False))
