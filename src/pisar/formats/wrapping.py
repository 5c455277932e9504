"""A text's stretches as blocks of at most two lines: at the end of a sentence, else of a clause, else evenly. Pure.

A block is filled only as far as the others are, so that no word is left over for a block of its own. The rules are those of Netflix's
Timed Text Style Guide ("Line Treatment", "Duration"): one line where one is enough, breaks after punctuation, none between an article or
a preposition and what it belongs to, the second line rather the longer one, at most seven seconds. The best division is searched for,
with a cost for each thing that a reader stumbles over, as TeX does for paragraphs (Knuth and Plass 1981).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import accumulate, pairwise
from unicodedata import category, east_asian_width

LINE_CHARACTERS = 42
"""The longest line that is read at a glance: Netflix's Timed Text Style Guide, "Character Limitation"."""

WIDE_CHARACTERS = 16
"""The same for Chinese and Korean, by its guides for these; a wide letter counts as that part of a line."""

BLOCK_LINES = 2

LONG_SECONDS = 7.0
"""How long a block may stand: the same guide, "Duration"."""

SHORT_WIDTH = LINE_CHARACTERS / 3
"""What is no longer looks like a remainder."""

SHORT_WORD_LETTERS = 3
"""Articles, prepositions and conjunctions of most languages are no longer; such a word goes with what follows."""

AUDIBLE_PAUSE_SECONDS = 0.3
"""A pause that a listener takes for the end of a phrase."""

LONG, REMAINDER, ALONE = 1.5, 5.0, 1000.0
"""The most that a block's length costs, what a remainder costs, and a word alone: each more than all that may stand against it."""

FIRST_WIDE = "\u1100"
"""No letter before it is wide: the table EastAsianWidth.txt of Unicode, which is asked for those from it on."""

_RUNS = re.compile(r"\S+")
_CLOSING = "\"'»”’)]}›」』）】》"
_SENTENCE_ENDS = tuple(".!?…。！？؟।")
_CLAUSE_ENDS = tuple(",;:—–-，、；：،؛")


class Stop(IntEnum):
    """What ends with a piece."""

    NOTHING = 0
    CLAUSE = 1
    SENTENCE = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """What no line break goes through: a word, or a letter where words have no blanks; `spaced`: a blank stands before it.

    It is spoken from `start` to `end`, in seconds.
    """

    text: str
    spaced: bool
    start: float = 0.0
    end: float = 0.0

    @property
    def stop(self) -> Stop:
        """What ends here. A capital and at most two letters before a point end nothing: most are titles and initials, as in "Mr. Lee"."""
        bare = self.text.rstrip(_CLOSING)
        if bare.endswith(_SENTENCE_ENDS):
            title = bare[:1].isupper() and bare.endswith(".") and len(bare) <= SHORT_WORD_LETTERS + 1
            return Stop.NOTHING if title else Stop.SENTENCE
        return Stop.CLAUSE if bare.endswith(_CLAUSE_ENDS) else Stop.NOTHING


def width(text: str) -> float:
    """Return how much of a line a text takes, in narrow letters."""
    wide = 0 if _is_narrow(text) else sum(east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide * (LINE_CHARACTERS / WIDE_CHARACTERS - 1)


def _is_narrow(text: str) -> bool:
    return text.isascii() or max(text) < FIRST_WIDE


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text, none wider than a line: words, of which wide letters and what is too long for a line are taken apart."""
    for run in _RUNS.finditer(text):
        for index, part in enumerate(_apart(run.group())):
            yield Piece(part, spaced=index == 0 and run.start() > 0)


def _apart(run: str) -> list[str]:
    """Return a text without blanks in parts: wide letters one by one with the punctuation beside them, others together."""
    if _is_narrow(run) and len(run) <= LINE_CHARACTERS:
        return [run]
    parts = [""]
    for letter, following in pairwise(run + " "):
        parts[-1] += letter
        opens, joins = category(letter) in {"Ps", "Pi"}, category(following)[0] in "MP" and category(following) not in {"Ps", "Pi"}
        wide = east_asian_width(letter) in "WF" or east_asian_width(following) in "WF"
        full = width(parts[-1] + following) > LINE_CHARACTERS
        if full or (wide and not opens and not joins):
            parts.append("")
    return [part for part in parts if part]


class Blocks:
    """The pieces of one stretch of speech, to be divided."""

    def __init__(self, found: Sequence[Piece]) -> None:
        self._pieces = found
        self._ends = list(accumulate((one.spaced + width(one.text) for one in found), initial=0.0))
        self._starts = [end + one.spaced for end, one in zip(self._ends, found, strict=False)]
        self._breaks = [0.0, *(_break_cost(before, after) for before, after in pairwise(found)), 0.0]

    def divide(self) -> list[range]:
        """Return which pieces each block has, at the least cost."""
        count = len(self._pieces)
        best, begins = [0.0] + [float("inf")] * count, [0] * (count + 1)
        for first in range(count):
            for after in range(first + 1, self._reach[self._reach[first]] + 1):
                if (cost := best[first] + self._cost(first, after)) < best[after]:
                    best[after], begins[after] = cost, first
        found, after = [], count
        while after:
            found.append(range(begins[after], after))
            after = begins[after]
        return found[::-1]

    def lines(self, block: range) -> tuple[str, ...]:
        """Return a block's one or two lines."""
        first, after = block.start, block.stop
        if self._width(first, after) <= LINE_CHARACTERS:
            return (self._text(first, after),)
        fitting = [middle for middle in block[1:] if middle <= self._reach[first] and self._reach[middle] >= after]
        middle = min(fitting, key=lambda place: self._line_cost(first, place, after))
        return self._text(first, middle), self._text(middle, after)

    @cached_property
    def _reach(self) -> list[int]:
        """Where a line that begins at each piece ends at the latest."""
        reach, after = [], 0
        for first in range(len(self._pieces)):
            while after < len(self._pieces) and self._width(first, after + 1) <= LINE_CHARACTERS:
                after += 1
            reach.append(after)
        return [*reach, len(self._pieces)]

    def _width(self, first: int, after: int) -> float:
        return self._ends[after] - self._starts[first]

    def _text(self, first: int, after: int) -> str:
        return "".join(" " * one.spaced + one.text for one in self._pieces[first:after]).lstrip()

    def _cost(self, first: int, after: int) -> float:
        wide = self._width(first, after)
        cost = self._breaks[after] + (1 - wide / (BLOCK_LINES * LINE_CHARACTERS)) ** 2
        if (seconds := self._pieces[after - 1].end - self._pieces[first].start) > LONG_SECONDS:
            cost += min(LONG, seconds - LONG_SECONDS)
        if wide <= SHORT_WIDTH and after - first < len(self._pieces):
            cost += REMAINDER
        return cost + ALONE if after - first == 1 < len(self._pieces) else cost

    def _line_cost(self, first: int, middle: int, after: int) -> float:
        above, below = self._width(first, middle), self._width(middle, after)
        cost = ((above - below) / LINE_CHARACTERS) ** 2 + 0.1 * (above > below) + self._breaks[middle]
        return cost + 0.5 * (min(above, below) <= SHORT_WIDTH)


def _break_cost(before: Piece, after: Piece) -> float:
    """Return what it costs to part two pieces."""
    cost = (1.0, 0.25, 0.0)[before.stop]
    if after.start - before.end >= AUDIBLE_PAUSE_SECONDS:
        return cost / 2
    return cost + 0.4 if before.stop is Stop.NOTHING and len(before.text.rstrip(".")) <= SHORT_WORD_LETTERS else cost
