"""Writes `docs/conversation.md` from what the bot's tests say of themselves: `python -m docs.generators.conversation_table [--check] FILE`.

Each test's docstring is one sentence that begins with the row of the bot's promises it shows: "Row: what is shown." Only the source is
read; nothing of it is run.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pisar.generated_text import write_or_check

SOURCE = Path(__file__).parents[2] / "tests" / "e2e" / "test_conversation.py"

HEAD = """# What the bot does, and what shows it

Generated from `tests/e2e/test_conversation.py` by `make docs`; do not edit.

Each line is a scripted conversation over the whole local cloud: a stand-in for Telegram with its rules, the gateway, the functions,
the queue, the transcriber and storage, spoken to over HTTP. `make test PYTEST_ARGS="-k test_start"` runs one of them.

| | what is shown | by |
| --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A test: the row it shows, what of it, and its name."""

    row: str
    what: str
    test: str


def shown(source: str) -> Iterator[Shown]:
    """Return what each test of a module shows, in order; raise ValueError for one that does not say."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            row, colon, what = (ast.get_docstring(node) or "").partition("\n")[0].partition(": ")
            if not colon or not what.endswith("."):
                raise ValueError(f"{node.name}: its docstring must say in one line which row it shows, as 'Row: what is shown.'")
            yield Shown(row, what[0].upper() + what[1:], node.name)


def document() -> str:
    """Return the Markdown text."""
    lines, before = [], ""
    for one in shown(SOURCE.read_text(encoding="utf-8")):
        lines.append(f"| {one.row if one.row != before else ''} | {one.what} | `{one.test}` |\n")
        before = one.row
    return HEAD + "".join(lines)


if __name__ == "__main__":
    sys.exit(write_or_check(sys.argv[1:], document()))
