"""Reads single fields of Telegram's objects. A needed one that is bad makes the update Unreadable; any other then counts as missing."""

from typing import Any

from pisar.errors import Unreadable

MAX_NUMBER = 2**63
"""What an id, a size or a time may have at most: what a record can hold."""


def part(home: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object in a field, {} if there is none."""
    value = home.get(name)
    return value if isinstance(value, dict) else {}


def text(home: dict[str, Any], name: str) -> str:
    """Return the string in a field, "" if there is none."""
    value = home.get(name)
    return value if isinstance(value, str) else ""


def flag(home: dict[str, Any], name: str) -> bool:
    """Say whether a field is true."""
    return home.get(name) is True


def whole(home: dict[str, Any], name: str) -> int | None:
    """Return the whole number in a field, None if there is none."""
    value = home.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_NUMBER else None


def amount(home: dict[str, Any], name: str) -> float | None:
    """Return the number in a field that is at least 0, None if there is none."""
    value = home.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_NUMBER else None


def needed_part(home: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object in a field; raise Unreadable if there is none."""
    return part(home, name) or _refuse(name)


def needed_text(home: dict[str, Any], name: str) -> str:
    """Return the string in a field; raise Unreadable if there is none."""
    return text(home, name) or _refuse(name)


def needed_whole(home: dict[str, Any], name: str) -> int:
    """Return the whole number in a field; raise Unreadable if there is none."""
    value = whole(home, name)
    return _refuse(name) if value is None else value


def _refuse(name: str) -> Any:
    # Only the field's name: its value is somebody's message.
    raise Unreadable(f"not a Telegram update: it has no {name}, or none that can be read")
