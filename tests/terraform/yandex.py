"""A stand-in for the Yandex Cloud provider: its documented schema, and a cloud that says yes to all, or, on demand, no to one thing."""

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.terraform.plugin.schema import Entries
from tests.support.terraform.plugin.server import Refused, Values, is_unknown

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "tests" / "data" / "yandex-provider-schema.json").read_text())

SETTINGS: Entries = {"folder_id": {"type": "String"}}
# Every resource has an id, also where the documentation forgets it.
RESOURCES: Mapping[str, Entries] = {kind: {"id": {"type": "String"}, **entries} for kind, entries in SCHEMA["resources"].items()}


class YandexStandIn:
    """`left_empty` (kind, attribute): what the cloud leaves empty, as it does where it refuses a version and the provider only warns.

    `refused`: a kind that can't be made, for as long as it is set. `made` has every resource that exists, by its kind and id.
    """

    source = f"registry.terraform.io/{SCHEMA['provider']}"
    settings: Entries = SETTINGS
    resources: Mapping[str, Entries] = RESOURCES

    def __init__(self, *, left_empty: tuple[str, str] | None = None, refused: str | None = None) -> None:
        self.made: dict[tuple[str, str], Values] = {}
        self._left_empty = left_empty
        self.refused = refused
        self._numbers = count(1)

    def configure(self, settings: Values) -> None:
        assert settings["folder_id"]

    def create(self, kind: str, planned: Values) -> Values:
        if kind == self.refused:
            raise Refused("quota exceeded")
        values = self._given(self.resources[kind], planned, f"{kind}-{next(self._numbers)}")
        if self._left_empty and self._left_empty[0] == kind:
            values[self._left_empty[1]] = ""
        self.made[kind, values["id"]] = values
        return values

    def read(self, kind: str, known: Values) -> Values | None:
        return self.made.get((kind, known["id"]))

    def update(self, kind: str, known: Values, planned: Values) -> Values:
        self.made[kind, known["id"]] = planned
        return planned

    def delete(self, kind: str, known: Values) -> None:
        self.made.pop((kind, known["id"]), None)

    def _given(self, entries: Entries, planned: Values, identity: str) -> Values:
        """Return planned values with what the cloud makes up: strings that tell where they come from, nothing for anything else."""
        made: Values = {}
        for name, value in planned.items():
            if isinstance(value, list) and "block" in entries[name]:
                made[name] = [self._given(entries[name]["block"], one, f"{identity}.{name}") for one in value]
            elif is_unknown(value):
                made[name] = f"{identity}.{name}" if entries[name]["type"] == "String" else None
            else:
                made[name] = value
        return made
