"""Throws thousands of inputs of each kind: `python -m tests.fuzz [KIND …] [--count N] [--seed S] [--minutes M]`.

Exit status 1 if anything failed; it is printed with the seed and the round that make it again (`--only`).
"""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from random import Random

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.fuzz.running import Thrown, fuzz

KINDS = ("updates", "events", "forms", "media")
SHARD = 250
"""So many inputs are thrown by a process before it turns to another kind."""


def shard(name: str, count: int, seed: str, only: int | None = None) -> Thrown:
    """Throw some inputs of a kind, in a process of a pool."""
    return fuzz(import_module(f"tests.fuzz.{name}").KIND, count=count, seed=seed, only=only)


def main() -> int:
    """Read the command line, throw, and print what became of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"{', '.join(KINDS)}; all of them if none is named")
    parser.add_argument("--count", type=int, default=1000, help="how many inputs of each kind")
    parser.add_argument("--seed", default=str(Random().randrange(10**9)), help="where chance begins; printed")
    parser.add_argument("--minutes", type=float, default=30.0, help="after this no more are thrown")
    parser.add_argument("--only", type=int, help="the number of one round, to have it again; the seed is the one that was printed with it")
    given = parser.parse_args()
    kinds = given.kinds or KINDS
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    console = Console(width=150)
    console.print(f"seed {given.seed}")
    if given.only is not None:
        found = {name: [shard(name, given.count, given.seed, given.only)] for name in kinds}
    else:
        found = thrown(kinds, given.count, given.seed, given.minutes)
    table = Table("kind", "inputs", "at most", "how they ended")
    for name, shards in found.items():
        ended = sum((one.ended for one in shards), Counter[str]())
        most = {unit: max(one.most[unit] for one in shards) for unit in (shards[0].most if shards else ())}
        costs = ", ".join(f"{value:.1f} {unit}" for unit, value in most.items())
        table.add_row(name, f"{sum(ended.values()):,}", costs, ", ".join(f"{how} {times}" for how, times in sorted(ended.items())))
    console.print(table)
    failures = [f"{name}, {one.failure}" for name, shards in found.items() for one in shards if one.failure]
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def thrown(kinds: tuple[str, ...], count: int, seed: str, minutes: float) -> dict[str, list[Thrown]]:
    """Throw inputs of each kind in turn, on all cores; return what became of each shard."""
    ends = time.monotonic() + 60 * minutes
    found: dict[str, list[Thrown]] = {name: [] for name in kinds}
    shards = -(-count // SHARD)
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        ProcessPoolExecutor(len(os.sched_getaffinity(0)), max_tasks_per_child=None) as pool,
    ):
        task = progress.add_task("shards of inputs", total=shards * len(kinds))
        orders = ((number, name) for number in range(shards) for name in kinds)
        running = {pool.submit(shard, name, min(SHARD, count - number * SHARD), f"{seed}-{number}"): name for number, name in orders}
        for done in as_completed(running):
            found[running[done]].append(done.result())
            progress.advance(task)
            if found[running[done]][-1].failure or time.monotonic() > ends:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    return found


if __name__ == "__main__":
    sys.exit(main())
