"""Doors translate and do nothing more: what each may import, read from its source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOORS = sorted([*ROOT.glob("functions/*/main.py"), *ROOT.glob("containers/*/*.py")])
MAY_IMPORT = {"wiring", "cloud_events", "errors", "formats", "logs", "web"}
"""Parts of pisar. Formats are pure: how a transcript is written for the caller is the door's business; web is what doors share."""


def imported(door: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(door.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "pisar" else {node.module or "."}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def test_there_are_doors():
    assert len(DOORS) >= 5


@pytest.mark.parametrize("door", DOORS, ids=lambda door: str(door.relative_to(ROOT)))
def test_a_door_opens_on_what_it_may_and_on_no_other_door(door: Path):
    names = imported(door)
    parts = {name.split(".")[1] for name in names if name.startswith("pisar.")}
    assert parts <= MAY_IMPORT
    assert not {name for name in names if name.split(".")[0] in {"functions", "containers", "localstack", "main", "app", "."}}
