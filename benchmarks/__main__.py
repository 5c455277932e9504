"""Everything that is measured, in one run, and what was reached beside what was meant to be: `make bench`, or one look with `--summary`.

A benchmark below its goal does not keep the others from running. Exit status 1 if a goal is missed or a figure is not there.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import results

PROGRAMS = (
    ("cold_start",),
    ("path",),
    ("api_latency",),
    ("fairness",),
    ("long_recordings",),
    ("engine", "--size", "base"),
)


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
    Goal("hour_speedup_10", "long_recordings", "an hour by ten workers, times as fast as by one", 8.0, less_is_better=False),
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


def main(arguments: list[str]) -> int:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--summary", action="store_true", help="measure nothing: print what results.json has")
    console = Console()
    if not parser.parse_args(arguments).summary:
        for program in PROGRAMS:
            console.rule(" ".join(program))
            subprocess.run([sys.executable, "-m", f"benchmarks.{program[0]}", *program[1:]], check=False)
    known = json.loads(results.FILE.read_text(encoding="utf-8"))
    console.print(summary(known))
    found = figures(known)
    if not parser.parse_args(arguments).summary:
        results.record("goals", found)
    return 0 if all(goal.reached(figure) for goal, figure in zip(GOALS, found.values(), strict=True)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
