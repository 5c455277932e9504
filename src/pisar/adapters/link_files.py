"""Files behind https links, behind port LinkFiles.

Any address is one that a stranger chose: each is checked and connected to as `PublicHttp` says, and so is each address that another leads
to. No key, cookie or referrer is sent. What the file is said to be, and how large, is looked at before its body is read.
"""

from http import HTTPStatus
from http.client import HTTPResponse
from io import BytesIO
from threading import BoundedSemaphore
from time import monotonic
from typing import Final, Unpack
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit, urlunsplit

from pisar.adapters.public_http import Connecting, PublicHttp
from pisar.domain.audio import named_as_media, sounds_like_media, tidy
from pisar.domain.destinations import Destination
from pisar.errors import Busy, Crowded, LinkRefusal, Rejected, Rejection, Unavailable

MAX_REDIRECTS = 3
MAX_FETCHES = 4
"""Links that are fetched at a time: half of what a worker of errands does at once, so that slow servers hold up no answer in a chat."""

CHUNK_BYTES = 2**16
HEAD_BYTES = 16
PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
WRITTEN: Final = "/%:=&~+!$,;'@()*"
"""What may stand in a path beside letters and digits (RFC 3986, 3.3), and the percent sign of what is encoded already."""

HEADERS: Final = {"User-Agent": "Pisar", "Accept": "audio/*, video/*, */*;q=0.5"}


class HttpLinkFiles:
    """Fetches over HTTPS alone. Safe for threads. Times in seconds; `total_seconds` is for a link with all that it leads to.

    `connecting`: as in `PublicHttp`.
    """

    def __init__(self, *, total_seconds: float = 120.0, **connecting: Unpack[Connecting]) -> None:
        self._http = PublicHttp("the link's server", **connecting)
        self._fetches = BoundedSemaphore(MAX_FETCHES)
        self._total_seconds = total_seconds

    def fetch(self, link: str, *, max_bytes: int) -> bytes:
        """Return the file behind an https link. Raises Rejected with a LinkRefusal, or UNSUPPORTED; Crowded when too many are fetched."""
        if not self._fetches.acquire(blocking=False):
            raise Crowded("too many links are being fetched")
        try:
            return self._follow(link, max_bytes)
        except Busy as error:  # too many names are looked up
            raise Crowded(str(error)) from error
        except Unavailable as error:
            raise Rejected(LinkRefusal.UNREACHABLE) from error
        finally:
            self._fetches.release()

    def _follow(self, link: str, max_bytes: int) -> bytes:
        deadline = monotonic() + self._total_seconds
        for _ in range(1 + MAX_REDIRECTS):
            link, destination = _parsed(link)
            try:
                with self._http.exchange("GET", destination, HEADERS, deadline=deadline) as answer:
                    if answer.status not in REDIRECTS:
                        return _file(answer, link, max_bytes)
                    link = _leading_on(link, answer)
            except Rejected as refusal:
                raise _of_a_link(refusal) from refusal
        raise Rejected(LinkRefusal.UNREACHABLE)


def _parsed(link: str) -> tuple[str, Destination]:
    """Return a link in ASCII and without a fragment, and where it leads; raise Rejected(LINK_REFUSED) unless it is https."""
    try:
        parts = urlsplit(urldefrag(link).url)
        netloc = parts.netloc
        if parts.hostname and not parts.hostname.isascii():
            netloc = parts.hostname.encode("idna").decode() + (f":{parts.port}" if parts.port else "")
        plain = urlunsplit((parts.scheme, netloc, quote(parts.path, safe=WRITTEN), quote(parts.query, safe=f"{WRITTEN}?"), ""))
        destination = Destination.parse(plain)
    except (ValueError, Rejected) as error:  # UnicodeError is a ValueError
        raise Rejected(LinkRefusal.REFUSED) from error
    if destination.scheme != "https":
        raise Rejected(LinkRefusal.REFUSED)
    return plain, destination


def _leading_on(link: str, answer: HTTPResponse) -> str:
    try:
        return urljoin(link, answer.headers.get("Location", ""))
    except ValueError as error:  # half an IPv6 address
        raise Rejected(LinkRefusal.REFUSED) from error


def _name(answer: HTTPResponse, link: str) -> str:
    try:
        told = answer.headers.get_filename()
    except ValueError:  # a NUL in the name of its encoding
        told = None
    return told or unquote(urlsplit(link).path).rpartition("/")[2]


def _of_a_link(refusal: Rejected) -> Rejected:
    """Return the refusal of an address as one of a link; any other is one of the file."""
    return refusal if isinstance(refusal.code, Rejection | LinkRefusal) else Rejected(LinkRefusal.REFUSED)


def _file(answer: HTTPResponse, link: str, max_bytes: int) -> bytes:
    if answer.status != HTTPStatus.OK:
        raise Rejected(LinkRefusal.UNREACHABLE)
    kind = answer.headers.get_content_type() if "Content-Type" in answer.headers else None
    if kind in PAGES:
        raise Rejected(LinkRefusal.PAGE)
    too_big = Rejected(LinkRefusal.TOO_BIG, {"limit_mb": tidy(max_bytes / 2**20)})
    if answer.length is not None and answer.length > max_bytes:
        raise too_big
    content = BytesIO(answer.read(HEAD_BYTES))
    if not (named_as_media(kind, _name(answer, link)) or sounds_like_media(content.getvalue())):
        raise Rejected(Rejection.UNSUPPORTED)
    content.seek(0, 2)
    while chunk := answer.read(CHUNK_BYTES):
        content.write(chunk)
        if content.tell() > max_bytes:  # the length is not told, or wrong
            raise too_big
    if answer.length:  # `read` of so many bytes takes a connection that ends early for the end of the file
        raise Rejected(LinkRefusal.UNREACHABLE)
    return content.getvalue()
