"""Reads stored fields of another version: a later one may have written some that this one does not know.

Functions, the container and workers are not replaced at the same moment, and each reads what the others write.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def known_fields(kind: "type[DataclassInstance]", stored: dict[str, Any]) -> dict[str, Any]:
    """Return those of the stored fields that the dataclass has."""
    return {one.name: stored[one.name] for one in fields(kind) if one.name in stored}
