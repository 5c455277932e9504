"""Which language is spoken: what the engine hears, weighted by what is known of who speaks. Pure."""

from collections.abc import Collection, Mapping

UNEXPECTED_WEIGHT = 0.003
"""How much a language counts that nobody expects, beside one that is expected: it is taken where the engine is 330 times as sure of it.

Of people's prompts Whisper-base takes a Russian one for Ukrainian with a hundred times the probability, and gives English ones nine
hundred times that of Russian or more (`make hear`): this lies between the two.
"""

LEARNT_FROM_SECONDS = 5.0
"""A shorter recording tells nothing of what is spoken where it came from: of a word or two even a large model may be wrong."""

KNOWN_LANGUAGES = 3
"""So many of the latest are kept."""


def learnt(known: tuple[str, ...], language: str, *, seconds: float) -> tuple[str, ...]:
    """Return the languages known to be spoken, newest first, after a recording of so many seconds in one; "" is nobody's."""
    if not language or language in known or seconds < LEARNT_FROM_SECONDS:
        return known
    return (language, *known)[:KNOWN_LANGUAGES]


def choose(probabilities: Mapping[str, float], *, allowed: Collection[str] = (), expected: Collection[str] = ()) -> str:
    """Return the likeliest language by its code: of those `allowed`, or of all if there are none, with the `expected` ones favoured.

    `probabilities` has the engine's, from 0 to 1, by code. Where nothing is expected every language counts the same.
    """
    codes = [code for code in probabilities if code in allowed] or list(probabilities)
    return max(codes, key=lambda code: probabilities[code] * (1.0 if not expected or code in expected else UNEXPECTED_WEIGHT))
