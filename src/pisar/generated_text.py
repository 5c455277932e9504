"""Writes or checks the generated parts of documents: whole files, and what stands between two marker lines."""

import sys
from pathlib import Path


def write_or_check(arguments: list[str], text: str) -> int:
    """Write the file that the last argument names or, with --check, say on stderr if it is stale. Returns the exit status."""
    path = Path(arguments[-1])
    if "--check" not in arguments:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{path} is stale: run `make docs`\n")
        return 1
    return 0


def with_part(document: str, name: str, part: str) -> str:
    """Return the document with the part between the markers of that name; raise ValueError if it has not exactly one pair of them."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if document.count(begin) != 1 or document.count(end) != 1:
        raise ValueError(f"the document must have {begin} and {end} once each")
    before, rest = document.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{part}{end}{after}"
