"""Throws generated inputs at a door: hypothesis makes them, several at one world in turn, and makes smaller what fails.

An input is made of chance, which hypothesis holds (`st.randoms`), so that it can take choices back while it looks for the smallest
sequence of inputs that still fails.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, strategies

SHOWN_CHARACTERS = 2000
AT_ONE_WORLD = 8
"""So many inputs at most meet a world, so that they meet what others have left there, and a failure is small."""
WORLDS_OF_A_ROUND = 25


class FoundError(AssertionError):
    """An input that was not answered as it should be."""

    def __init__(self, what: str, given: Any) -> None:
        super().__init__(f"{what}: {_shown(given)}")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of inputs.

    `attempt` makes an input of chance and throws it at a world: it returns how that ended, in a word, and raises for what nobody foresaw.
    `look_over` raises for what is left in a world. `most` returns what the inputs so far have cost at most, by its unit.
    """

    attempt: Callable[[Random, Any], str]
    new_world: Callable[[], Any]
    look_over: Callable[[Any], None]
    most: Callable[[], Mapping[str, float]] = dict


@dataclass(frozen=True, slots=True)
class Thrown:
    """How many inputs ended in which way, what they cost at most, and what failed: None if nothing did."""

    ended: Counter[str]
    most: Mapping[str, float] = field(default_factory=dict)
    failure: str | None = None


def noted(given: Any) -> Any:
    """Return an input, which is told if it fails."""
    hypothesis.note(f"input: {_shown(given)}")
    return given


def _shown(given: Any) -> str:
    try:
        return repr(given)[:SHOWN_CHARACTERS]
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "one with a number of thousands of digits"


def fuzz(kind: Kind, *, count: int, seed: str, only: int | None = None) -> Thrown:
    """Throw so many inputs, or a few more, in rounds; stop at the first that fails. `only`: the number of a round, to have it again."""
    ended: Counter[str] = Counter()

    def throw(chances: list[Random]) -> None:
        world = kind.new_world()
        for chance in chances:
            ended[kind.attempt(chance, world)] += 1
        kind.look_over(world)

    number = only or 0
    with _silence():
        while sum(ended.values()) < count:
            try:
                _round(throw, f"{seed}/{number}")
            except Exception:  # noqa: BLE001 - whatever it is, it is a finding
                return Thrown(ended, kind.most(), f"round {number} of seed {seed}:\n{traceback.format_exc()}")
            if only is not None:
                break
            number += 1
    return Thrown(ended, kind.most())


def _round(throw: Callable[[list[Random]], None], seed: str) -> None:
    chances = strategies.lists(strategies.randoms(use_true_random=False), min_size=1, max_size=AT_ONE_WORLD)
    limits = hypothesis.settings(
        max_examples=WORLDS_OF_A_ROUND,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    hypothesis.seed(seed)(limits(hypothesis.given(chances)(throw)))()


@contextmanager
def _silence() -> Any:
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
