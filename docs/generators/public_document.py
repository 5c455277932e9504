"""The API's public description, made from the gateway's document: `python -m docs.generators.public_document [--check] FILE`.

Callers get what the gateway serves, less what is the cloud's own (`x-yc-…`), the path that is Telegram's alone, and those of the page for
people. It is made here, where PyYAML is, and lies in the package as JSON, so that the function that serves it needs no YAML.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from pisar.generated_text import write_or_check

GATEWAY_DOCUMENT = Path(__file__).parents[2] / "terraform" / "openapi.yaml"
NOT_FOR_CALLERS = ("/telegram", "/", "/page/{version}/{file+}")


def public(document: dict[str, Any]) -> dict[str, Any]:
    """Return the gateway's document as callers get it; raise ValueError if a template variable is left in it."""
    shown: dict[str, Any] = _without_extensions(document)
    shown["paths"] = {path: item for path, item in shown["paths"].items() if item and path not in NOT_FOR_CALLERS}
    if "${" in json.dumps(shown):
        raise ValueError("a template variable stands outside the cloud's own extensions")
    return shown


def text() -> str:
    """Return the JSON of the public description."""
    document = yaml.safe_load(GATEWAY_DOCUMENT.read_text(encoding="utf-8"))
    return json.dumps(public(document), ensure_ascii=False, indent=1) + "\n"


def _without_extensions(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _without_extensions(value) for name, value in node.items() if not str(name).startswith("x-yc-")}
    return [_without_extensions(item) for item in node] if isinstance(node, list) else node


if __name__ == "__main__":
    sys.exit(write_or_check(sys.argv[1:], text()))
