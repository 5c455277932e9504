"""Runs a door over so many generated inputs. Each input comes of the seed and its number, so that any can be had again."""

import argparse
import logging
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

SHOWN_CHARACTERS = 2000
MOST_FAILURES = 5

Try = Callable[[Random], str]
"""Makes an input of chance and throws it; returns how it ended, in a word; raises for what nobody foresaw."""


class FoundError(AssertionError):
    """An input that was not answered as it should be."""

    def __init__(self, what: str, given: Any) -> None:
        super().__init__(f"{what}: {repr(given)[:SHOWN_CHARACTERS]}")


def fuzz(
    name: str, attempt: Try, finish: Callable[[], None], *, count: int, seed: int, only: int | None = None, seconds: float | None = None
) -> Counter[str]:
    """Return how many inputs ended in which way; print what failed, and raise SystemExit if anything did.

    `finish` looks over what all of them have left. `only`: the number of the one input to throw. `seconds`: after so long no more are
    thrown.
    """
    logging.disable(logging.CRITICAL)
    ended: Counter[str] = Counter()
    failures, started = 0, time.monotonic()
    for number in range(count) if only is None else (only,):
        if seconds is not None and time.monotonic() - started > seconds:
            break
        try:
            ended[attempt(Random(f"{seed}/{number}"))] += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            ended["failed"] += 1
            failures += 1
            print(f"{name}: input {number} of seed {seed} failed (--seed {seed} --only {number}):", file=sys.stderr)
            traceback.print_exc()
            if failures == MOST_FAILURES:
                break
    try:
        finish()
    except Exception:  # noqa: BLE001 - as above
        failures += 1
        print(f"{name}: something is left of the last inputs of seed {seed}:", file=sys.stderr)
        traceback.print_exc()
    told = ", ".join(f"{how} {times}" for how, times in sorted(ended.items()))
    print(f"{name}: {sum(ended.values())} inputs of seed {seed} in {time.monotonic() - started:.0f} s: {told}", flush=True)
    logging.disable(logging.NOTSET)
    if failures:
        raise SystemExit(1)
    return ended


def main(name: str, attempt: Try, finish: Callable[[], None]) -> None:
    """Read the command line and throw."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.fuzz.{name}")
    parser.add_argument("--count", type=int, default=1000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=Random().randrange(10**9), help="where chance begins; printed")
    parser.add_argument("--only", type=int, help="the number of one input, to have it again")
    parser.add_argument("--seconds", type=float, help="stop after so long")
    given = parser.parse_args()
    fuzz(name, attempt, finish, count=given.count, seed=given.seed, only=given.only, seconds=given.seconds)
