"""Measure how well Pisar hears, beside its peers: `make hear`, or `SHORT=1 make hear`, or `FULL=1 make hear`.

As many engines at a time as there are cores, each on one thread, so that texts cost little; what takes how long is measured afterwards,
by engines that take turns on two threads. Exit status 1 where a goal is missed. The tables are kept in hear.json and the documents.

`--only languages times` measures those anew and keeps the others of the last run of that size, with the day of each.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import results
from benchmarks.hearing import figures, report
from benchmarks.hearing.corpora import LANGUAGES, WORK
from benchmarks.hearing.engines import FEW, MANY, PEER, PISAR, STOCK, Answer, Engine, EngineFailedError, Running, answers
from benchmarks.hearing.figures import Answers, Figures
from benchmarks.hearing.goals import unmet
from benchmarks.hearing.models import TYPES, peer_model, typed_model
from benchmarks.hearing.trials import FOUND_OUT, IN_RUSSIAN_CHAT, PARTS, SIZES, SOUNDS, WHOLE, Material, Trial, material, spread, trials
from pisar.adapters import ggml
from pisar.errors import Misconfigured

THREADS = 2
AGAIN = {"languages": (FOUND_OUT, IN_RUSSIAN_CHAT), "times": (WHOLE, PARTS), "sounds": (SOUNDS,)}
"""What can be measured without the rest, and which trials it takes."""
TURNS = (
    *(Engine(PISAR, kind=kind) for kind in TYPES),
    Engine(PISAR, beams=MANY),
    Engine(PEER),
    Engine(PEER, beams=MANY),
    Engine(STOCK),
    Engine(STOCK, beams=MANY),
)


def hear(asked: list[Trial], progress: Progress) -> list[tuple[Trial, list[Answer]]]:
    """Return each trial with its answers, several engines at a time."""
    total = progress.add_task("all", total=sum(len(trial.requests) for trial in asked))

    def one(trial: Trial) -> tuple[Trial, list[Answer]]:
        name = f"{trial.engine.label}: {' '.join(part for part in (trial.language, trial.what) if part)}"
        task = progress.add_task(name, total=len(trial.requests))

        def tell() -> None:
            progress.advance(task)
            progress.advance(total)

        began = perf_counter()
        found = trial, answers(trial.engine, trial.requests, tell=tell)
        progress.remove_task(task)
        if not progress.console.is_terminal:  # a log shows no bars
            progress.console.print(f"{name}: {len(trial.requests)} in {perf_counter() - began:.0f} s", highlight=False)
        return found

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(one, asked))


def take_turns(heard: Material, progress: Progress) -> Figures:
    """Return the seconds that each engine takes for a prompt on two threads: medians, and of each prompt's ratio to faster-whisper."""
    prompts = [one for language in LANGUAGES for one in spread(heard.prompts[language], heard.size.timed)]
    task = progress.add_task("seconds, taking turns", total=len(TURNS) * (1 + len(prompts)))
    taken: dict[str, list[float]] = {engine.label: [] for engine in TURNS}
    with ExitStack() as stack:
        running = {engine: stack.enter_context(Running(engine, threads=THREADS)) for engine in TURNS}
        for number, prompt in enumerate([prompts[0], *prompts]):
            for engine, process in running.items():
                answer = process.ask({"path": str(prompt.path), "language": prompt.language})
                if number:  # the first of all loads and warms up
                    taken[engine.label].append(answer["seconds"])
                progress.advance(task)
    peer = taken[Engine(PEER, beams=FEW).label]
    return {
        name: {
            "median": round(median(seconds), 3),
            "times_peer": round(median(theirs / ours for theirs, ours in zip(peer, seconds, strict=True)), 2),
        }
        for name, seconds in taken.items()
    }


def measured(size: str, progress: Progress) -> Figures:
    """Measure all and return the figures. Raises EngineFailedError, Misconfigured."""
    making = progress.add_task("models and recordings", total=len(TYPES) + 2)
    peer_model()  # here, for trials that run side by side would make the same
    progress.advance(making)
    for kind in TYPES:
        typed_model(kind)
        progress.advance(making)
    heard = material(SIZES[size])
    progress.remove_task(making)
    answered = hear(trials(heard), progress)
    _keep_texts(answered)
    seconds = take_turns(heard, progress)
    known = Answers(answered)
    return {
        "engine": ggml.describe(),
        "told": figures.told(known),
        "languages": figures.languages(known),
        "sounds": figures.sounds(known),
        "times": figures.times(known, heard.recordings),
        "conditions": figures.conditions(known),
        "types": figures.types(known, seconds),
        "seconds": seconds,
    }


def measured_again(size: str, groups: Sequence[str], progress: Progress) -> Figures:
    """Measure some groups anew and return the figures of the last run with them. Raises EngineFailedError, Misconfigured."""
    known: dict[str, Figures] = json.loads(report.FILE.read_text(encoding="utf-8")) if report.FILE.exists() else {}
    if size not in known:
        raise Misconfigured(f"no run of size {size} is kept that this could be a part of: measure all of it first")
    heard = material(SIZES[size])
    wanted = {what for group in groups for what in AGAIN[group]}
    answered = Answers(hear([one for one in trials(heard) if one.what in wanted], progress))
    fresh = {
        "languages": lambda: figures.languages(answered),
        "times": lambda: figures.times(answered, heard.recordings),
        "sounds": lambda: figures.sounds(answered),
    }
    before = {name: value for name, value in known[size].items() if name not in {"date", "machine", "days"}}
    days = known[size].get("days", {name: known[size]["date"] for name in before if name != "engine"})
    today = dict.fromkeys(groups, datetime.now(UTC).date().isoformat())
    return {**before, **{group: fresh[group]() for group in groups}, "days": {**days, **today}}


def _keep_texts(answered: list[tuple[Trial, list[Answer]]]) -> None:
    """Write what was heard of what was said, to be looked at, into build/hear/texts.json."""
    kept: dict[str, dict[str, Any]] = {}
    for trial, given in answered:
        texts = kept.setdefault(f"{trial.what}, {trial.language}", {})
        for request, answer in zip(trial.requests, given, strict=True):
            text = texts.setdefault(request["name"], {"said": request.get("text", "")})
            text[trial.engine.label] = figures.text_of(answer)
    (WORK / "texts.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Measure, print, record, and say what is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.hearing", description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="usual", help="how many prompts are heard")
    parser.add_argument("--only", nargs="+", choices=list(AGAIN), help="what to measure, the rest being kept from the last run")
    chosen = parser.parse_args(arguments)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            found = measured_again(chosen.size, chosen.only, progress) if chosen.only else measured(chosen.size, progress)
    except (Misconfigured, EngineFailedError) as error:
        sys.stderr.write(f"hear: {error}\n")
        return 2
    results.record(chosen.size, found, file=report.FILE)
    report.main([])
    console = Console(width=140)
    for grid in report.grids(found):
        console.print(grid.rich())
    console.print(f"{found['engine']}. What was heard of what was said lies in build/hear/texts.json.", highlight=False)
    missed = unmet(found)
    for one in missed:
        console.print(f"[red]missed:[/red] {one}", highlight=False)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
