"""Figures → tables: for the terminal, and for docs/hearing.md and docs/engine.md in Markdown, between marker lines.

`python -m benchmarks.hearing.report` writes the documents' parts; with --check it says whether they are fresh.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.hearing.corpora import LANGUAGES, ROOT
from benchmarks.hearing.engines import PEER, PISAR, STOCK
from benchmarks.hearing.figures import Figures
from benchmarks.hearing.goals import NAMES, rows
from benchmarks.hearing.trials import FOUND_OUT, IN_RUSSIAN_CHAT
from pisar.generated_text import with_part

FILE = Path(__file__).parent.parent / "hear.json"
DOCUMENTS = {"hear": ROOT / "docs" / "hearing.md", "types": ROOT / "docs" / "engine.md"}
BEST_FIRST = ("full", "usual", "short")
"""Which run the documents tell of: the largest that there is."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its title, its columns' names, and its rows; the first column has words, the others have figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return it in Markdown."""
        made = [f"| {' | '.join(self.columns)} |", "|---|" + "---:|" * (len(self.columns) - 1)]
        return "\n".join([f"**{self.title}**", "", *made, *(f"| {' | '.join(row)} |" for row in self.rows), ""])

    def rich(self) -> Table:
        """Return it for the terminal."""
        table = Table(*self.columns, title=self.title)
        for row in self.rows:
            table.add_row(*row)
        return table


def recorded(file: Path = FILE) -> Figures | None:
    """Return the figures of the largest run that is kept, None if there is none."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return next((known[name] for name in BEST_FIRST if name in known), None)


def grids(figures: Figures) -> list[Grid]:
    """Return all tables of a run."""
    return [
        _goals(figures),
        *_told(figures["told"]),
        _languages(figures["languages"]),
        _sounds(figures["sounds"]),
        _times(figures["times"]),
    ] + [grid for grid in (_conditions(figures["conditions"]), _types(figures["types"]), _seconds(figures["seconds"])) if grid.rows]


def _goals(figures: Figures) -> Grid:
    made = []
    for one in rows(figures):
        measured = "not measured" if one.measured is None else f"{one.measured:g}"
        made.append((one.what, measured if one.reached else f"**{measured}**", f"{one.sign} {one.goal:g}", one.of))
    return Grid("Goals; in bold what is missed", ("", "measured", "goal", "on"), tuple(made))


def _told(told: Figures) -> Iterable[Grid]:
    for language in LANGUAGES:
        made = []
        for way, spelled in (("greedy", "greedy"), ("greedy_of_the_same", "greedy, those of the next row"), ("beams", "five beams")):
            for name in (PISAR, PEER, STOCK):
                one = told[language][way][name]
                lost = f"{one['first_lost']}, {one['last_lost']}"
                made.append((f"{name}, {spelled}", str(one["prompts"]), _percent(one), str(one["exact"]), lost, str(one["empty"])))
        columns = ("", "prompts", "word errors", "exact", "first, last word lost", "empty")
        yield Grid(f"{NAMES[language]}, language told", columns, tuple(made))


def _languages(languages: Figures) -> Grid:
    made = []
    for what in (FOUND_OUT, IN_RUSSIAN_CHAT):
        for language in LANGUAGES:
            one = languages[what][language]
            others = ", ".join(sorted(set(one["others"].values())))
            taken = f"{len(one['others'])}{f' ({others})' if others else ''}"
            made.append((f"{NAMES[language]}, {what}", str(one["prompts"]), _percent(one), taken))
    return Grid("Language not told: Pisar, greedy", ("", "prompts", "word errors", "taken for another language"), tuple(made))


def _sounds(sounds: Figures) -> Grid:
    made = tuple((name, str(one["sounds"]), str(len(one["false"]))) for name, one in sounds.items())
    return Grid("Sounds without speech", ("", "sounds", "given text"), made)


def _times(times: Figures) -> Grid:
    made = []
    for language in LANGUAGES:
        for way, one in times.get(language, {}).items():
            edges = [f"{_seconds_of(one[edge]['median'])}, {_seconds_of(one[edge]['p95'])}" for edge in ("start", "end")]
            over = f"{one['cues_over_pauses']} of {one['pauses']}"
            found = f"{one['start']['found']}, {one['end']['found']} of {one['sentences']}"
            made.append((f"{NAMES[language]}: {way}", *edges, found, over, str(one["words_out_of_place"])))
    columns = ("", "start off by, s: median, 95 of 100", "end", "found", "cues over pauses", "words out of place")
    return Grid("Times in recordings with pauses of 0.3 to 60 s", columns, tuple(made))


def _conditions(conditions: Figures) -> Grid:
    made = tuple((name, *(_percent(one[language]) for language in LANGUAGES)) for name, one in conditions.items())
    prompts = ", ".join(f"{one['prompts']} prompts" for one in next(iter(conditions.values()), {}).values())
    return Grid(f"Word errors under conditions: Pisar, greedy, language told, {prompts}", ("", *NAMES.values()), made)


def _types(types: Figures) -> Grid:
    made = tuple((kind, *(_percent(one[language]) for language in LANGUAGES), _seconds_of(one["seconds"])) for kind, one in types.items())
    prompts = ", ".join(f"{types['f16'][language]['prompts']} {NAMES[language]}" for language in LANGUAGES)
    return Grid(f"Types of weights: Pisar, greedy, language told; prompts: {prompts}", ("", *NAMES.values(), "seconds a prompt"), made)


def _seconds(seconds: Figures) -> Grid:
    made = tuple((name, _seconds_of(one["median"]), f"{one['times_peer']:.2f}") for name, one in seconds.items())
    title = "Seconds a prompt, two threads, taking turns"
    return Grid(title, ("", "median", "times faster-whisper, greedy"), made)


def _percent(one: dict[str, Any]) -> str:
    return f"{one['word_errors']:.2f} %" if one["prompts"] else "–"


def _seconds_of(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def parts(figures: Figures | None) -> dict[str, str]:
    """Return the documents' parts by the names of their markers."""
    if figures is None:
        return dict.fromkeys(DOCUMENTS, "Not measured yet: run `make hear`.\n")
    earlier = {day: [name for name, its in figures.get("days", {}).items() if its == day] for day in figures.get("days", {}).values()}
    kept = "".join(f" Of {day}: {', '.join(sorted(names))}." for day, names in sorted(earlier.items()) if day != figures["date"])
    below = f"Measured by `make hear` on {figures['date']}: {figures['machine']}. Pisar's {figures['engine']}.{kept}\n"
    return {
        "hear": "\n".join([*(grid.markdown() for grid in grids(figures)), below]),
        "types": "\n".join([_types(figures["types"]).markdown(), below]),
    }


def main(arguments: Sequence[str]) -> int:
    """Write the documents' parts, or with --check say that one is stale and return 1."""
    made = parts(recorded())
    for name, document in DOCUMENTS.items():
        found = document.read_text(encoding="utf-8")
        fresh = with_part(found, name, made[name])
        if found == fresh:
            continue
        if "--check" in arguments:
            sys.stderr.write(f"what docs/{document.name} says of hearing is stale: run `make docs`\n")
            return 1
        document.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
