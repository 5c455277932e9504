"""Reads settings from the environment into frozen groups, and reports every missing or wrong one at once.

A group is a frozen dataclass whose fields are each declared by `setting`. A setting may be absent only if it has a default. A secret prints
as "…". A parser turns a string into a value, or raises ValueError whose message says what "it" is, without quoting the string.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, Field, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pisar.domain.chats import AllowList
from pisar.domain.options import AUTO, LANGUAGE_EXPECTED, language_code
from pisar.errors import Misconfigured, Rejected

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
G = TypeVar("G", bound="DataclassInstance")


class Secret:
    """A string that does not print; call `reveal()` where it is used."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(…)"

    def reveal(self) -> str:
        """Return the secret itself; keep it out of messages and logs."""
        return self._value


@overload
def setting(name: str, doc: str, *, default: str = ...) -> str: ...


@overload
def setting(name: str, doc: str, parse: Callable[[str], T], *, default: T = ...) -> T: ...


def setting(name: str, doc: str, parse: Callable[[str], object] = str, *, default: object = MISSING) -> Any:
    """Declare a field read from the environment variable `name`. `default` is a parsed value."""
    return field(default=default, metadata={"name": name, "doc": doc, "parse": parse})


def read(environment: Mapping[str, str], group: type[G]) -> G:
    """Return the group; raise Misconfigured that names its every missing and wrong setting."""
    found, problems = _parsed(environment, group, ())
    _complain(problems)
    return group(**found)


def check(environment: Mapping[str, str], *groups: "type[DataclassInstance]", required: Collection[str] = ()) -> None:
    """Raise Misconfigured that names every missing and every wrong setting of all the groups.

    `required`: names of settings that this deployable needs, though others do not.
    """
    _complain([problem for group in groups for problem in _parsed(environment, group, required)[1]])


def _complain(problems: list[str]) -> None:
    if problems:
        raise Misconfigured("settings:" + "".join(f"\n- {problem}" for problem in problems))


def _parsed(
    environment: Mapping[str, str], group: "type[DataclassInstance]", required: Collection[str]
) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    problems = []
    for one in fields(group):
        name = one.metadata["name"]
        text = environment.get(name)
        if text is None or (name in required and not text):
            if one.default is MISSING or name in required:
                problems.append(f"{name} is not set ({one.metadata['doc'].rstrip('.')})")
            continue
        try:
            found[one.name] = one.metadata["parse"](text)
        except ValueError as error:
            problems.append(f"{name} is wrong: {_why(one, error)}")
    return found, problems


def _why(one: "Field[Any]", error: ValueError) -> str:
    # Our own parsers say what is wrong without quoting the value; Python's quote it, and it may be a secret in the wrong place.
    return str(error) if str(error).startswith("it ") else f"expected: {one.metadata['doc'].rstrip('.')}"


def secret(text: str) -> Secret:
    """Read a secret; an empty one is refused."""
    if not text:
        raise ValueError("it is empty")
    return Secret(text)


def spoken_language(text: str) -> str:
    """Read the code or the name of a language; nothing is "auto"."""
    try:
        return language_code(text.strip() or AUTO)
    except Rejected:
        raise ValueError(f"it must be {LANGUAGE_EXPECTED}") from None


def allow_list(text: str) -> AllowList:
    """Read ids, or "*" for everyone."""
    return AllowList(everyone=True) if text.strip() == "*" else AllowList(ids=frozenset(map(int, text.replace(",", " ").split())))


def people(text: str) -> frozenset[int]:
    """Read ids of people."""
    ids = frozenset(map(int, text.replace(",", " ").split()))
    if any(one <= 0 for one in ids):
        raise ValueError("it must be ids of people, and theirs are above 0")
    return ids


def positive(text: str) -> float:
    """Read a number above 0."""
    value = float(text)
    if not 0 < value < math.inf:
        raise ValueError("it must be above 0")
    return value


def at_least(least: int) -> Callable[[str], float]:
    """Return a parser of numbers that are at least `least`."""

    def parse(text: str) -> float:
        value = float(text)
        if not least <= value < math.inf:
            raise ValueError(f"it must be {least} or more")
        return value

    return parse


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a parser of whole numbers within those bounds."""

    def parse(text: str) -> int:
        value = int(text)
        if value < least or (most is not None and value > most):
            raise ValueError(f"it must be {least} or more" if most is None else f"it must be {least} to {most}")
        return value

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Return a parser of one of the words, whatever their case."""

    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"it must be {' or '.join(words)}")
        return text.lower()

    return parse


def yes_or_no(text: str) -> bool:
    """Read yes or no."""
    return one_of("yes", "no")(text) == "yes"


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Return a parser for which an empty string is None."""
    return lambda text: parse(text) if text else None


def path(text: str) -> Path:
    """Read a path; ~ is the home of the process's user."""
    return Path(text).expanduser()


def url(text: str) -> str:
    """Read an address, without a slash at its end."""
    if not text.startswith(("http://", "https://")):
        raise ValueError("it must begin with http:// or https://")
    return text.rstrip("/")


def url_or_nothing(text: str) -> str:
    """Read an address, or an empty string."""
    return url(text) if text else ""


def names(text: str) -> frozenset[str]:
    """Read names, in small letters."""
    return frozenset(text.lower().replace(",", " ").split())


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read addresses and networks."""
    try:
        return tuple(map(ip_network, text.replace(",", " ").split()))
    except ValueError:
        raise ValueError("it must be addresses and networks, 10.0.0.1 or 10.0.0.0/8") from None


def origins(text: str) -> frozenset[str]:
    """Read origins of web pages as browsers spell them, https://app.example.org, or "*" for all."""
    found = frozenset(text.lower().replace(",", " ").split())
    if not all(re.fullmatch(r"\*|https?://[^/?#@\s*]+", one) for one in found):
        raise ValueError('it must be origins, such as https://app.example.org without a path, or "*"')
    return found
