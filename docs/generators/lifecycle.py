"""Writes terraform/prefixes.json, by which the bucket's lifecycle rules go: `python -m docs.generators.lifecycle [--check] FILE`."""

import json
import sys

from pisar.domain.bucket import EXPIRING, PREFIXES
from pisar.generated_text import write_or_check


def document() -> str:
    """Return the JSON text: the age of each prefix that has one."""
    return json.dumps({prefix: PREFIXES[prefix] for prefix in EXPIRING}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check(sys.argv[1:], document()))
