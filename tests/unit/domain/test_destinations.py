"""Where a callback may go."""

from ipaddress import ip_address

import pytest

from pisar.domain.destinations import Destination, is_public
from pisar.errors import Misuse, Rejected


@pytest.mark.parametrize(
    ("url", "parts", "authority"),
    [
        ("https://example.com", ("https", "example.com", 443, "/"), "example.com"),
        ("HTTP://Example.COM:8080/a/b?c=d&e=f", ("http", "example.com", 8080, "/a/b?c=d&e=f"), "example.com:8080"),
        ("https://example.com:443/", ("https", "example.com", 443, "/"), "example.com"),
        ("http://example.com:443/", ("http", "example.com", 443, "/"), "example.com:443"),
        ("https://xn--e1afmkfd.xn--p1ai?x", ("https", "xn--e1afmkfd.xn--p1ai", 443, "/?x"), "xn--e1afmkfd.xn--p1ai"),
        ("http://[2001:DB8:0::1]:81/", ("http", "2001:db8::1", 81, "/"), "[2001:db8::1]:81"),
        ("https://my_host-1.example/%20", ("https", "my_host-1.example", 443, "/%20"), "my_host-1.example"),
    ],
)
def test_a_url_is_taken_apart(url: str, parts: tuple, authority: str):
    found = Destination.parse(url)
    assert (found.scheme, found.host, found.port, found.target) == parts
    assert found.authority == authority


def test_a_url_may_have_two_thousand_characters():
    url = "https://example.com/".ljust(2000, "x")
    assert Destination.parse(url).target == "/".ljust(2000 - len("https://example.com"), "x")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.com/".ljust(2001, "x"), "it is longer than 2000 characters"),
        ("file:///etc/passwd", "it does not begin with http:// or https://"),
        ("ftp://example.com/", "it does not begin with http:// or https://"),
        ("example.com/hook", "it does not begin with http:// or https://"),
        ("", "it does not begin with http:// or https://"),
        ("http://user:pw@example.com/", "it carries a user name or a password"),
        ("http://@example.com/", "it carries a user name or a password"),
        ("http://127.0.0.1:80\\@example.com/", "it carries a user name or a password"),
        ("http://example.com/#", "it has a fragment (#…)"),
        ("http://example.com/#a", "it has a fragment (#…)"),
        ("http:///path", "its host is neither a name nor an address"),
        ("http:example.com", "its host is neither a name nor an address"),
        ("http://exam%70le.com/", "its host is neither a name nor an address"),
        ("http://127.0.0.1\\.example.com/", "its host is neither a name nor an address"),
        ("http://example.com:0/", "its port is 0"),
        ("http://example.com:65536/", "it can't be read as a URL"),
        ("http://example.com:80:81/", "it can't be read as a URL"),
        ("http://[example.com]/", "it can't be read as a URL"),
        ("http://[::1%25lo]/", "it can't be read as a URL"),
        ("http://[::1/", "it can't be read as a URL"),
        ("http://exam\nple.com/", "it has blanks or letters that are not ASCII: write a name as xn--… and the rest as %XX"),
        (" http://example.com/", "it has blanks or letters that are not ASCII: write a name as xn--… and the rest as %XX"),
        ("http://example.com/\x00", "it has blanks or letters that are not ASCII: write a name as xn--… and the rest as %XX"),
        ("http://пример.рф/", "it has blanks or letters that are not ASCII: write a name as xn--… and the rest as %XX"),
        ("http://example。com/", "it has blanks or letters that are not ASCII: write a name as xn--… and the rest as %XX"),
    ],
)
def test_what_is_no_public_url_is_refused_with_its_reason(url: str, why: str):
    with pytest.raises(Rejected) as caught:
        Destination.parse(url)
    assert (caught.value.code, caught.value.details) == (Misuse.BAD_CALLBACK, {"why": why})


PUBLIC = ["1.1.1.1", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111", "2a02:6b8::2:242"]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]
PRIVATE_IPV6 = [
    "::",
    "::1",
    "::127.0.0.1",
    "100::1",
    "2001:2::1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
    "64:ff9b:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


def carriers(address: str) -> list[str]:
    """Return the IPv6 addresses that lead to an IPv4 one: mapped, NAT64, 6to4, and Teredo's client behind a public server."""
    first, second = (int.from_bytes(ip_address(address).packed[at : at + 2], "big") for at in (0, 2))
    teredo = f"2001:0:5db8:d70e:0:0:{first ^ 0xFFFF:x}:{second ^ 0xFFFF:x}"
    return [f"::ffff:{address}", f"64:ff9b::{address}", f"2002:{first:x}:{second:x}::1", teredo]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE + PRIVATE_IPV6)
def test_an_address_that_is_set_apart_is_not(address: str):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", [address for address in PUBLIC if ":" not in address])
def test_an_address_that_carries_a_public_one_is_public(address: str):
    assert [is_public(ip_address(carrier)) for carrier in carriers(address)] == [True] * 4


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_carries_another_is_not(address: str):
    assert [is_public(ip_address(carrier)) for carrier in carriers(address)] == [False] * 4


def test_a_teredo_address_behind_a_private_server_is_not_public():
    assert not is_public(ip_address("2001:0:a00:1:0:0:a247:28f1"))
