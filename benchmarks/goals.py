"""What was reached beside what was meant to be, from results.json: for the terminal, and for docs/models.md.

`python -m benchmarks.goals` writes the part of docs/models.md between two marker lines; with --check it says whether that is fresh.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks import results
from pisar.generated_text import with_part

DOCUMENT = Path(__file__).parent.parent / "docs" / "models.md"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is meant to reach `goal`: from above where less is better, else from below."""

    name: str
    group: str
    what: str
    goal: float
    less_is_better: bool = True

    def reached(self, figure: float | None) -> bool:
        """Say whether the figure is there and good enough."""
        return figure is not None and (figure <= self.goal if self.less_is_better else figure >= self.goal)


GOALS = (
    Goal("engine_vs_stock", "engine, base", "engine, times as fast as stock whisper.cpp in F16", 2.5, less_is_better=False),
    Goal("engine_vs_faster_whisper", "engine, base", "engine, times as fast as faster-whisper in int8", 1.0, less_is_better=False),
    Goal("path_ms_p50", "path", "a voice message beyond the engine, ms", 100.0),
    Goal("webhook_cold_cpu_s", "cold start", "webhook, import and first message, CPU seconds", 1.6),
    Goal("transcriber_ready_s", "cold start", "transcriber, start to listening with the demo model, seconds", 1.5),
    Goal(
        "hour_speedup_10",
        "long_recordings",
        "an hour by ten workers with Whisper-small, times as fast as by one",
        8.0,
        less_is_better=False,
    ),
    Goal("peak_mb_3h", "long_recordings", "memory of three hours beyond the model, MB", 250.0),
    Goal("voice_behind_lecture", "fairness", "a voice message behind a lecture, times as long as alone", 1.3),
)


def figures(known: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """Return the goals' figures, None where nothing was measured."""
    return {goal.name: known.get(goal.group, {}).get(goal.name) for goal in GOALS}


def summary(known: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the table of what was reached, with the day and the machine of each figure."""
    table = Table("what", "measured", "goal", "", "on")
    for goal, figure in zip(GOALS, figures(known).values(), strict=True):
        sign = "≤" if goal.less_is_better else "≥"
        if figure is None:
            table.add_row(goal.what, "–", f"{sign} {goal.goal:g}", "not measured", "")
            continue
        mark, group = "reached" if goal.reached(figure) else "missed", known[goal.group]
        table.add_row(goal.what, f"{figure:g}", f"{sign} {goal.goal:g}", mark, f"{group['date']}, {group['machine']}")
    return table


def recorded() -> dict[str, Any]:
    """Return all figures that are kept."""
    return dict(json.loads(results.FILE.read_text(encoding="utf-8")))


def document_part(known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the same table for the document, with the days and the machines below it."""
    rows = ["| | measured | goal |", "|---|---:|---:|"]
    measured = set()
    for goal, figure in zip(GOALS, figures(known).values(), strict=True):
        sign = "≤" if goal.less_is_better else "≥"
        told = "not measured" if figure is None else f"{figure:.3g}" if goal.reached(figure) else f"**{figure:.3g}**"
        rows.append(f"| {goal.what} | {told} | {sign} {goal.goal:g} |")
        if figure is not None:
            group = known[goal.group]
            measured.add(f"{group['date']}, {group['machine'].rpartition(', load')[0]}")
    below = f"Measured by `make bench`: {'; '.join(sorted(measured))}."
    if any("**" in row for row in rows):
        below += " In bold what misses its goal."
    if (quicker := known.get("long_recordings", {}).get("hour_speedup_10_base")) is not None:
        below += f" With Whisper-base's engine, which is quicker beside the rest, ten workers are {quicker:.3g} times as fast as one."
    return "\n".join([*rows, "", below, ""])


def main(arguments: list[str]) -> int:
    """Write the document's part, or with --check say that it is stale and return 1."""
    found = DOCUMENT.read_text(encoding="utf-8")
    fresh = with_part(found, "speed", document_part(recorded()))
    if found == fresh:
        return 0
    if "--check" in arguments:
        sys.stderr.write("what docs/models.md says of speed is stale: run `make docs`\n")
        return 1
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
