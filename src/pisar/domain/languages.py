"""Chooses the language of a recording: the engine's probabilities, weighted by the languages its sender is known to speak. Pure."""

from collections.abc import Collection, Mapping

UNEXPECTED_WEIGHT = 0.003
"""The weight of an unexpected language beside an expected one: it is chosen where the engine is 330 times as sure of it.

Measured with Whisper-base on recorded prompts (`make hear`): it takes a Russian one for Ukrainian with a hundred times the probability, and
gives English ones nine hundred times that of Russian or more. The weight lies between the two.
"""

LEARNT_FROM_SECONDS = 5.0
"""A shorter recording teaches nothing: of a word or two even a large model may detect the wrong language."""

KNOWN_LANGUAGES = 3
"""How many of the latest languages are kept."""


def learnt(known: tuple[str, ...], language: str, *, seconds: float) -> tuple[str, ...]:
    """Return the known languages, newest first, after a recording of so many seconds in `language`; "" means nobody spoke."""
    if not language or language in known or seconds < LEARNT_FROM_SECONDS:
        return known
    return (language, *known)[:KNOWN_LANGUAGES]


def choose(probabilities: Mapping[str, float], *, allowed: Collection[str] = (), expected: Collection[str] = ()) -> str:
    """Return the code of the likeliest language among `allowed`, or among all if that is empty; the `expected` ones are favoured.

    `probabilities`: the engine's, from 0 to 1, by code. Where `expected` is empty, every language has the same weight.
    """
    codes = [code for code in probabilities if code in allowed] or list(probabilities)
    return max(codes, key=lambda code: probabilities[code] * (1.0 if not expected or code in expected else UNEXPECTED_WEIGHT))
