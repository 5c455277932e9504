"""What a kind of resource takes and tells, read from JSON as a provider's documentation lists it, and said in the protocol's messages.

An entry is an attribute, {"type": "String", …}, or a block, {"block": {…}}. Flags: `required`; `read_only` (the cloud's to say),
`computed` (the cloud's where it is not given), `replaces` (a change makes the resource anew), `deprecated`. A block is a list of
blocks, or a set with `"set": true`; a required one is there at least once, and `max_items` bounds it.
An `id` is the cloud's unless required.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.terraform.plugin.messages import NESTING_LIST, NESTING_SET, messages

Entries = Mapping[str, Mapping[str, Any]]

_TYPES: Mapping[str, Any] = {
    "String": "string",
    "Number": "number",
    "Bool": "bool",
    "Map Of String": ["map", "string"],
    "List Of String": ["list", "string"],
    "Set Of String": ["set", "string"],
}


def is_computed(name: str, entry: Mapping[str, Any]) -> bool:
    """Say whether the cloud gives an attribute its value when the configuration does not."""
    own = "block" not in entry and not entry.get("required", False)
    return own and (name == "id" or entry.get("read_only", False) or entry.get("computed", False))


def is_sensitive(name: str) -> bool:
    """Say whether Terraform must not show an attribute: documentations don't mark them, their names do."""
    return name == "secret_key" or name.startswith("text_value")


def to_schema(entries: Entries) -> Any:
    """Return the protocol's message."""
    return messages.Schema(block=_block(entries))


def replacing(entries: Entries) -> Iterator[str]:
    """Give the attributes that can't be changed in place."""
    return (name for name, entry in entries.items() if entry.get("replaces", False))


def _block(entries: Entries) -> Any:
    attributes = [_attribute(name, entry) for name, entry in entries.items() if "block" not in entry]
    return messages.Block(attributes=attributes, block_types=[_nested(name, entry) for name, entry in entries.items() if "block" in entry])


def _attribute(name: str, entry: Mapping[str, Any]) -> Any:
    required = entry.get("required", False)
    return messages.Attribute(
        name=name,
        type=json.dumps(_TYPES[entry["type"]]).encode(),
        required=required,
        optional=not required and not entry.get("read_only", False) and name != "id",
        computed=is_computed(name, entry),
        sensitive=is_sensitive(name),
        deprecated=entry.get("deprecated", False),
    )


def _nested(name: str, entry: Mapping[str, Any]) -> Any:
    return messages.NestedBlock(
        type_name=name,
        block=_block(entry["block"]),
        nesting=NESTING_SET if entry.get("set", False) else NESTING_LIST,
        min_items=1 if entry.get("required", False) else 0,
        max_items=entry.get("max_items", 0),
    )
