"""What is asked of which engine: trials, each a set of requests to one engine, as many as the time allows.

Which prompts are heard is fixed: evenly spaced ones of the listing, so that a later run hears the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.hearing.corpora import LANGUAGES, WORK, Prompt, Wave, prompts, read_wave, write_wave
from benchmarks.hearing.engines import FEW, MANY, PEER, PISAR, STOCK, Engine, Request
from benchmarks.hearing.models import TYPES
from benchmarks.hearing.recordings import Composed, compose
from benchmarks.hearing.sounds import Sound, sounds

T = TypeVar("T")

ALL = 10_000
EXPECTED = "ru"
"""The language that a Russian chat is known to speak."""

TOLD, FOUND_OUT, IN_RUSSIAN_CHAT = "language told", "language found out", "in a Russian chat"
WHOLE, PARTS, SOUNDS, CONDITION = "whole recording", "recording in parts", "sounds", "condition: "
CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Size:
    """How many prompts of each language are heard: `told` is all that any other may be, since it is compared with that.

    `expected` alone may be more: how many are heard in a Russian chat. `peer_sounds`: how many sounds the peers hear. `sentences`: of how
    many prompts a recording is put together.
    """

    told: int
    beams: int
    found_out: int
    expected: int
    peer_sounds: int
    types: int
    conditions: int
    sentences: int
    timed: int


SIZES = {
    "full": Size(ALL, 46, ALL, ALL, ALL, 40, 20, 40, 10),
    "usual": Size(48, 16, 12, 106, 8, 16, 6, 20, 3),
    "short": Size(8, 3, 3, 6, 2, 2, 1, 10, 1),
}
"""About 3,900, 1,150 and 260 windows to hear: at 1.3 s of two cores for each, an hour and a half, 25 minutes and six."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Requests to one engine: `what` is measured by them, in which language; "" for all. Each has a name, and the text that is said."""

    what: str
    language: str
    engine: Engine
    requests: tuple[Request, ...]

    @property
    def cost(self) -> float:
        """Return about how long it takes, in windows heard."""
        beams = 1.7 if self.engine.beams > FEW else 1.0
        return beams * len(self.requests) * (8 if self.what in {WHOLE, PARTS} else 1)


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to hear: prompts by language, sounds, recordings put together of prompts, and conditions to hear prompts under."""

    size: Size
    prompts: dict[str, tuple[Prompt, ...]]
    sounds: tuple[Sound, ...]
    recordings: tuple[Composed, ...]
    conditions: dict[str, Callable[[Wave], Wave]]


def spread(items: Sequence[T], count: int) -> tuple[T, ...]:
    """Return so many of the items, evenly spaced; all if there are no more."""
    return tuple(items) if count >= len(items) else tuple(items[index * len(items) // count] for index in range(count))


def material(size: Size) -> Material:
    """Return what there is to hear, made if it is not there."""
    spoken = {language: prompts(language) for language in LANGUAGES}
    made = []
    for language in LANGUAGES:
        name = f"{language}-{size.sentences}"
        made.append(compose(name, spread(prompts(language), size.sentences), WORK / "recordings" / f"{name}.wav"))
    return Material(size, spoken, sounds(), tuple(made), conditions())


def conditions() -> dict[str, Callable[[Wave], Wave]]:
    """Return what recordings suffer, by name, without the clean one."""
    if find_spec("benchmarks.conditions") is None:
        return {}
    found = import_module("benchmarks.conditions").CONDITIONS
    return {name: condition for name, condition in found.items() if name != CLEAN}


def trials(heard: Material) -> list[Trial]:
    """Return all trials, the longest first."""
    found = [one for language in LANGUAGES for one in _of_prompts(heard, language)]
    found += [one for recording in heard.recordings for one in _of_recording(recording)]
    for told in ("", *LANGUAGES):
        found.append(Trial(SOUNDS, told, Engine(PISAR), _of_sounds(heard.sounds, told)))
    few = spread(heard.sounds, heard.size.peer_sounds)
    found += [Trial(SOUNDS, "", Engine(name), _of_sounds(few, "")) for name in (PEER, STOCK)]
    return sorted(found, key=lambda one: one.cost, reverse=True)


def _of_prompts(heard: Material, language: str) -> Iterator[Trial]:
    size, spoken = heard.size, heard.prompts[language]
    told = spread(spoken, size.told)

    def asked(count: int, of: Sequence[Prompt] = told, **options: Any) -> tuple[Request, ...]:
        return tuple(
            {"name": one.name, "path": str(one.path), "language": language, "text": one.text, **options} for one in spread(of, count)
        )

    for name in (PISAR, PEER, STOCK):
        yield Trial(TOLD, language, Engine(name), asked(size.told))
        yield Trial(TOLD, language, Engine(name, beams=MANY), asked(size.beams))
    for kind in TYPES[1:]:
        yield Trial(TOLD, language, Engine(PISAR, kind=kind), asked(size.types))
    yield Trial(FOUND_OUT, language, Engine(PISAR), asked(size.found_out, language=""))
    yield Trial(IN_RUSSIAN_CHAT, language, Engine(PISAR), asked(size.expected, spoken, language="", expected=[EXPECTED]))
    for condition, change in heard.conditions.items():
        changed = [{**one, "path": str(_changed(one, condition, change))} for one in asked(size.conditions)]
        yield Trial(f"{CONDITION}{condition}", language, Engine(PISAR), tuple(changed))


def _changed(request: Request, condition: str, change: Callable[[Wave], Wave]) -> Path:
    source = Path(str(request["path"]))
    target: Path = WORK / "conditions" / condition.replace(" ", "-") / str(request["language"]) / source.name
    write_wave(target, change(read_wave(source)))
    return target


def _of_recording(recording: Composed) -> Iterator[Trial]:
    request = {"name": recording.name, "path": str(recording.path), "language": recording.language, "words": True}
    yield Trial(WHOLE, recording.language, Engine(PISAR), (request,))
    yield Trial(PARTS, recording.language, Engine(PISAR), ({**request, "parts": True},))
    yield Trial(WHOLE, recording.language, Engine(PEER), (request,))


def _of_sounds(heard: Sequence[Sound], language: str) -> tuple[Request, ...]:
    return tuple({"name": one.name, "path": str(one.path), "language": language, "text": ""} for one in heard)
