"""Writes `docs/settings.md` from the settings' own declarations: `python -m pisar.wiring.settings_doc [--check] FILE`."""

import sys
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from pisar.domain.chats import AllowList
from pisar.generated_text import write_or_check
from pisar.wiring.environment import Secret
from pisar.wiring.settings import GROUPS

HEAD = """# Settings

Generated from `src/pisar/wiring/settings.py` by `make docs`; do not edit.

All settings are environment variables, read once at start. A deployable that lacks one stops and names all that are missing
or wrong. The keys and addresses of storage and queue are boto3's own: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL_SQS`, `AWS_DEFAULT_REGION`.

Times must grow: the container's timeout < `PISAR_LEASE_SECONDS` < the queue's visibility timeout.
"""


def document() -> str:
    """Return the Markdown of `docs/settings.md`."""
    return HEAD + "".join(_section(group) for group in GROUPS)


def _section(group: Any) -> str:
    title = group.__name__
    about = (group.__doc__ or "").strip()
    rows = "".join(f"| `{one.metadata['name']}` | {_default(one)} | {one.metadata['doc']}{_note(one)} |\n" for one in fields(group))
    return f"\n## {title}\n\n{about}\n\n| name | default | meaning |\n| --- | --- | --- |\n{rows}"


def _default(one: "Field[Any]") -> str:
    if one.default is MISSING:
        return "required"
    if one.default in ("", None, frozenset(), AllowList()):
        return "empty"
    default = ", ".join(map(str, one.default)) if isinstance(one.default, tuple) else one.default
    text = str(default).replace(str(Path.home()), "~")
    return f"`{text}`"


def _note(one: "Field[Any]") -> str:
    return " Secret." if one.type is Secret else ""


if __name__ == "__main__":
    sys.exit(write_or_check(sys.argv[1:], document()))
