"""Texts → word errors, as OpenAI's own evaluation of Whisper counts them: normalised by its normalisers, then Levenshtein over words.

Russian goes through the basic normaliser with ё as е, which writers use as they like; English through the English one, which writes
"can't" as "can not" and "five" as "5".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

import jiwer
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer


@cache
def _normaliser(language: str) -> Callable[[str], str]:
    made: Callable[[str], str] = EnglishTextNormalizer() if language == "en" else BasicTextNormalizer()
    return made


def normalised(text: str, language: str) -> str:
    """Return the words of a text as they are compared, with single blanks between them."""
    return " ".join(_normaliser(language)(text).replace("ё", "е").split())


@dataclass(frozen=True, slots=True)
class Score:
    """Word errors of some texts, added up; `first_lost` and `last_lost` are texts whose first or last word was left out.

    `empty`: texts of which nothing was heard. `exact`: texts without an error.
    """

    texts: int = 0
    words: int = 0
    errors: int = 0
    first_lost: int = 0
    last_lost: int = 0
    empty: int = 0
    exact: int = 0

    @property
    def word_errors(self) -> float:
        """The share of errors to the words that were said."""
        return self.errors / self.words if self.words else 0.0

    def __add__(self, other: Self) -> "Score":
        return Score(*(getattr(self, name) + getattr(other, name) for name in Score.__slots__))


def score(said: str, heard: str, language: str) -> Score:
    """Return the errors of one text that was heard, against what was said. Raises ValueError if what was said has no words."""
    reference, hypothesis = normalised(said, language), normalised(heard, language)
    if not reference:
        raise ValueError(f"a text to compare with must have words, and this has none: {said!r}")
    words = len(reference.split())
    if not hypothesis:
        return Score(1, words, words, 1, 1, 1, 0)
    found = jiwer.process_words(reference, hypothesis)
    lost = {index for chunk in found.alignments[0] if chunk.type == "delete" for index in range(chunk.ref_start_idx, chunk.ref_end_idx)}
    errors = found.substitutions + found.deletions + found.insertions
    return Score(1, words, errors, int(0 in lost), int(words - 1 in lost), 0, int(errors == 0))


def total(pairs: Iterable[tuple[str, str]], language: str) -> Score:
    """Return the errors of all pairs of what was said and what was heard."""
    return sum((score(said, heard, language) for said, heard in pairs), Score())


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed; 0.0 of none."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 1).__int__() - 1)] if ordered else 0.0
