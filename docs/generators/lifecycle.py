"""Writes terraform/prefixes.json, by which the bucket's lifecycle rules go: `python -m docs.generators.lifecycle [--check] FILE`."""

import json
import sys
from pathlib import Path

from pisar.domain.bucket import EXPIRING, PREFIXES


def document() -> str:
    """Return the JSON text: the age of each prefix that has one."""
    return json.dumps({prefix: PREFIXES[prefix] for prefix in EXPIRING}, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file, or with --check say whether it is fresh."""
    path = Path(arguments[-1])
    if "--check" not in arguments:
        path.write_text(document(), encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != document():
        sys.stderr.write(f"{path} is stale: run `make docs`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
