"""Everything that is measured, in one run, and what was reached beside what was meant to be: `make bench`, or one look with `--summary`.

A benchmark below its goal does not keep the others from running. Exit status 1 if a goal is missed or a figure is not there.
"""

import argparse
import subprocess
import sys

from rich.console import Console

from benchmarks import results
from benchmarks.goals import GOALS, figures, recorded, summary

PROGRAMS = (
    ("cold_start",),
    ("path",),
    ("api_latency",),
    ("fairness",),
    ("long_recordings",),
    ("engine", "--size", "base"),
)


def main(arguments: list[str]) -> int:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--summary", action="store_true", help="measure nothing: print what results.json has")
    console = Console()
    if not parser.parse_args(arguments).summary:
        for program in PROGRAMS:
            console.rule(" ".join(program))
            subprocess.run([sys.executable, "-m", f"benchmarks.{program[0]}", *program[1:]], check=False)
    known = recorded()
    console.print(summary(known))
    found = figures(known)
    if not parser.parse_args(arguments).summary:
        results.record("goals", found)
    return 0 if all(goal.reached(figure) for goal, figure in zip(GOALS, found.values(), strict=True)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
