"""Which language people mean by a word, and which one is chosen for a recording. Pure.

The engine's probabilities are weighted by the languages that a recording's sender is known to speak.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from unicodedata import category, normalize

from pisar.domain.language_names import AUTO, AUTOMATIC, NAMES

UNEXPECTED_WEIGHT = 0.003
"""The weight of an unexpected language beside an expected one: it is chosen where the engine is 330 times as sure of it.

Measured with Whisper-base on recorded prompts (`make hear`): it takes a Russian one for Ukrainian with a hundred times the probability, and
gives English ones nine hundred times that of Russian or more. The weight lies between the two.
"""

LEARNT_FROM_SECONDS = 5.0
"""A shorter recording teaches nothing: of a word or two even a large model may detect the wrong language."""

KNOWN_LANGUAGES = 3
"""How many of the latest languages are kept."""


_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})+")
_BEFORE = re.compile(r"(?:по|на|in|auf|en|to)[ -]+(?=\w)")
_AFTER = re.compile(r" (?:язык|языке|языком|мова|мовою|мові|мове|language|speech)$")
_ENDINGS = {"ий": ("и", "ом", "ого", "им", "ая", "ую", "ой"), "ська": ("ською", "ську", "ській", "ської", "ськи", "ський")}
"""How a name that ends so ends in a sentence: по-английски, на английском; українською."""


def language_named(text: str) -> str | None:
    """Return Whisper's code of the language that a text names, AUTO for "auto", None if it names none.

    Upper and lower case, accents, and punctuation around it are the same. It takes codes and names (`pisar.domain.language_names`), IETF
    tags such as en-US and zh-Hans, and "по-русски", "на английском", "in German", "українська мова".
    """
    if text in NAMES:
        return text
    word = _normal(text)
    names = _by_name()
    for tried in (word, _AFTER.sub("", word)):
        for name in (tried, _BEFORE.sub("", tried, count=1)):
            if name in names:
                return names[name]
    tag = _TAG.fullmatch(word)
    return names.get(tag[1]) if tag else None


def languages_named(text: str) -> tuple[str, ...]:
    """Return the codes of the languages that a list names, each once and in order, none if anything in it is no language.

    A list has commas between its languages, or blanks.
    """
    if one := language_named(text):
        return (one,)
    for pieces in (re.split(r"[,;]", text), re.split(r"[,;\s]+", text)):
        codes = [language_named(piece) for piece in pieces if piece.strip()]
        if codes and None not in codes:
            return tuple(dict.fromkeys(code for code in codes if code is not None))
    return ()


@cache
def _by_name() -> Mapping[str, str]:
    """Return the codes by every name, in the spelling of `_normal`. A code comes before another language's name."""
    names = {
        _normal(form): code for code, listed in (*NAMES.items(), (AUTO, AUTOMATIC)) for name in listed.split("|") for form in _forms(name)
    }
    return names | {code: code for code in NAMES}


def _forms(name: str) -> Iterator[str]:
    yield name
    for ending, others in _ENDINGS.items():
        if name.endswith(ending):
            yield from (name.removesuffix(ending) + other for other in others)


def _normal(text: str) -> str:
    """Return a text in lower case, without accents, and without blanks or punctuation around it."""
    plain = "".join(letter for letter in normalize("NFKD", text.casefold()) if category(letter) != "Mn")
    return " ".join(plain.split()).strip(" .,;:!?\"'«»„“”()[]-–—_/")


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
