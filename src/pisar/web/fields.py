"""Reads the fields of a form or a query, each a name with texts in order. Pure.

A blank text is as good as none, and what a client plainly means is understood.
"""

import re
from collections.abc import Mapping
from typing import Any

from pisar.domain.options import number, unknown_option
from pisar.errors import Rejected, Rejection

Fields = Mapping[str, tuple[str, ...]]
"""The texts of each field in order, by the field's name."""

TRUE, FALSE = frozenset({"true", "1", "on", "yes"}), frozenset({"false", "0", "off", "no"})
"""What clients write for a bool: Python's str(), JavaScript's String(), and an HTML form's checkbox are among them."""

INSTEAD: Mapping[str, str] = {
    "callback_url": "POST /jobs takes it",
    "file": "the audio goes through the upload that the job's answer names",
    "format": "GET /jobs/{id}/transcript takes it",
    "response_format": "GET /jobs/{id}/transcript gives the text in any format",
    "stream": "POST /v1/audio/transcriptions streams",
    "timestamp_granularities": "response_format verbose_json has words with their times",
    "wait": "POST /jobs does not wait",
}
"""Where to find what an option asks for, at addresses that do not know it."""


def one(fields: Fields, name: str) -> str:
    """Return the text of a field, "" without one; raise Rejected(BAD_OPTION) for several that differ."""
    texts = dict.fromkeys(text for text in fields.get(name, ()) if text.strip())
    if len(texts) > 1:
        raise wrong(name, "one value, and there are several that differ")
    return next(iter(texts), "")


def listed(fields: Fields, name: str) -> tuple[str, ...]:
    """Return the texts of a field that is a list, each once.

    Clients write a list as a repeated field, with commas, or as a JSON array (`["word", "segment"]`), whose quotes some leave out.
    """
    pieces = (piece for text in fields.get(name, ()) for piece in re.sub(r"^\s*\[(.*)\]\s*$", r"\1", text, flags=re.DOTALL).split(","))
    return tuple(dict.fromkeys(plain for piece in pieces if (plain := piece.strip().strip("\"'").strip())))


def yes(text: str, name: str) -> bool:
    """Return a text as a bool, False if it is blank; raise Rejected(BAD_OPTION) that names the field `name`."""
    plain = text.strip().lower()
    if plain and plain not in TRUE | FALSE:
        raise wrong(name, "true or false")
    return plain in TRUE


def seconds(text: str, name: str, *, default: float) -> float:
    """Return a text as seconds, `default` if it is blank; raise Rejected(BAD_OPTION) that names the field `name`."""
    value = number(text) if text.strip() else default
    if not value >= 0:
        raise wrong(name, "seconds, 0 or more")
    return value


def check_names(fields: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raise Rejected(BAD_OPTION) for a field that is not among those `known`."""
    if unknown := sorted(fields.keys() - set(known)):
        raise unknown_option(unknown[0], known, INSTEAD.get(unknown[0].removesuffix("[]"), ""))


def wrong(name: str, expected: str) -> Rejected:
    """Return the refusal of a field's value."""
    return Rejected(Rejection.BAD_OPTION, {"option": name, "expected": expected})
