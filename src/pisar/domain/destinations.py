"""Which URLs a callback may be sent to: those whose host is on the public internet.

A URL is parsed once, here. The same parts are then resolved, connected to and named in the request, so no second parser can read the URL
differently from the one that checked it. Which addresses are public is defined here too, since the lists in Python's own library changed
from one version to the next.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Self
from urllib.parse import SplitResult, urlsplit

from pisar.errors import Misuse, Rejected

MAX_URL_CHARACTERS = 2000

PORTS = {"http": 80, "https": 443}
"""The allowed schemes, and the default port of each."""

_PRINTABLE = re.compile(r"[!-~]*")
_NAME = re.compile(r"[a-z0-9._-]+")

_PUBLIC_IPV6 = IPv6Network("2000::/3")
"""Global unicast, the only range that is assigned; loopback, mapped, local and multicast addresses are outside."""

_MORE_OF_IPV4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10")))
_MORE_OF_IPV6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
"""Networks that IANA reserves and that some supported Python does not count, or not wholly, as private."""

_NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A parsed URL. `host`: a name in lower case, or an address, IPv6 without brackets; `target`: path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> Self:
        """Parse a callback's URL; raise Rejected(BAD_CALLBACK) for an unusable one. Resolves no name."""
        if len(url) > MAX_URL_CHARACTERS:
            raise refused(f"it is longer than {MAX_URL_CHARACTERS} characters")
        # Before the URL is split, since urlsplit removes line breaks and tabs silently.
        if not _PRINTABLE.fullmatch(url):
            raise refused("it has blanks or letters that are not ASCII: write a name as xn--… and the rest as %XX")
        try:
            parts = urlsplit(url)
            host, port = _host(parts), parts.port
        except ValueError as error:
            raise refused("it can't be read as a URL") from error
        if parts.scheme not in PORTS:
            raise refused("it does not begin with http:// or https://")
        if "@" in parts.netloc:
            raise refused("it carries a user name or a password")
        if "#" in url:
            raise refused("it has a fragment (#…)")
        if not host:
            raise refused("its host is neither a name nor an address")
        if port == 0:
            raise refused("its port is 0")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(scheme=parts.scheme, host=host, port=PORTS[parts.scheme] if port is None else port, target=target)


def refused(why: str) -> Rejected:
    """Return the refusal of a callback's URL; `why` completes the sentence "callback_url is refused: …"."""
    return Rejected(Misuse.BAD_CALLBACK, {"why": why})


def is_public(address: Address) -> bool:
    """Say whether an address is on the public internet. An IPv6 address that carries IPv4 ones is public only if they are."""
    if carried := _carried(address):
        return all(map(is_public, carried))
    # Multicast and some reserved ranges are "global" to Python.
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _MORE_OF_IPV4)
    return address in _PUBLIC_IPV6 and not any(address in network for network in _MORE_OF_IPV6)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        if "%" in host:
            raise ValueError("an address with a zone is of this machine alone")
        return str(IPv6Address(host))
    return host if _NAME.fullmatch(host) else ""


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to: mapped, 6to4, Teredo (server and client) and NAT64."""
    if isinstance(address, IPv4Address):
        return ()
    if address.teredo:
        return address.teredo
    if found := address.ipv4_mapped or address.sixtofour:
        return (found,)
    return (IPv4Address(int(address) & 0xFFFF_FFFF),) if address in _NAT64 else ()
