"""whisper.cpp's segments and tokens → segments and words with times in seconds. Pure.

whisper.cpp counts time in ticks of 10 ms from the start of what it heard, and its times are estimates: they may coincide, run past the
end, or lie on the wrong side of a place where the samples were joined because a pause was cut out. Text is never dropped for its times.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

from pisar.domain.transcripts import Segment, Word

TICKS_PER_SECOND = 100
"""whisper.cpp counts time in steps of 10 ms."""

SENTENCE_SECONDS = 0.8
"""So much farther from a seam a sentence's end may lie than another word's and still be taken for what was said before the pause."""

CLAUSE_SECONDS = 0.3
"""The same for a comma, and for where whisper.cpp itself ends a segment."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text as whisper.cpp tells it: times in ticks, the natural logarithm of its probability, its bytes in UTF-8.

    A letter may be cut between two tokens. The times are estimates: they may coincide and lie beyond the segment's.
    """

    id: int
    start_ticks: int
    end_ticks: int
    log_probability: float
    spelling: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A segment as whisper.cpp tells it: times in ticks, text, and the tokens that spell it."""

    start_ticks: int
    end_ticks: int
    text: str
    tokens: tuple[Token, ...] = ()

    def later(self, ticks: int) -> Self:
        """Return the same, said so many ticks later."""
        moved = tuple(replace(token, start_ticks=token.start_ticks + ticks, end_ticks=token.end_ticks + ticks) for token in self.tokens)
        return replace(self, start_ticks=self.start_ticks + ticks, end_ticks=self.end_ticks + ticks, tokens=moved)


@dataclass(frozen=True, slots=True)
class _Timed:
    """A segment in seconds, and for each of its words how many tokens come before the one that the word begins in."""

    start: float
    end: float
    text: str
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
    firsts: tuple[int, ...]


def to_segments(said: Iterable[Said], duration: float, temperature: float = 0.0, seams: Sequence[float] = ()) -> tuple[Segment, ...]:
    """Return segments from what whisper.cpp said: no empty text, in order, apart, within `duration` seconds.

    `seams`: the seconds at which samples were joined. A segment over one is divided there, between two words, and each word lies on
    the side of the seam where it was said. Where a segment has words it begins with the first and ends with the last of them.
    """
    segments: list[Segment] = []
    previous_end = 0.0
    for one in said:
        if not one.text.strip():
            continue
        timed = _timed(one, previous_end, duration)
        previous_end = timed.end
        segments += [_segment(part, temperature) for part in _divided(timed, seams)]
    return tuple(segments)


def to_words(tokens: Sequence[Token], start: float, end: float) -> tuple[Word, ...]:
    """Return the words that tokens spell: in order, apart, none empty, within the segment from `start` to `end`, in seconds.

    Words are what blanks divide, whatever the borders of tokens. A language without blanks gives one for each run between them.
    A word takes at least a tick, or its even share of the segment where there are more words than ticks.
    """
    return _words(tokens, start, end)[0]


def _timed(said: Said, earliest: float, duration: float) -> _Timed:
    # Whisper's times may run past the end (its window is 30 s) or stand still.
    tick = 1 / TICKS_PER_SECOND
    start = min(max(said.start_ticks / TICKS_PER_SECOND, earliest), max(0.0, duration - tick))
    end = min(max(said.end_ticks / TICKS_PER_SECOND, start + tick), duration)
    words, firsts = _words(said.tokens, start, end)
    return _Timed(start, end, said.text.strip(), said.tokens, words, firsts)


def _words(tokens: Sequence[Token], start: float, end: float) -> tuple[tuple[Word, ...], tuple[int, ...]]:
    owners = [index for index, token in enumerate(tokens) for _ in token.spelling]
    runs = [
        (text, owners[run.start()], owners[run.end() - 1])
        for run in re.finditer(rb"\S+", b"".join(token.spelling for token in tokens))
        if (text := run.group().decode("utf-8", "replace").strip())
    ]
    step = min(1 / TICKS_PER_SECOND, (end - start) / max(1, len(runs)))
    starts: list[float] = []
    for left, (_, first, _) in zip(range(len(runs), 0, -1), runs, strict=True):
        earliest = starts[-1] + step if starts else start
        starts.append(max(start, min(max(tokens[first].start_ticks / TICKS_PER_SECOND, earliest), end - left * step)))
    words = tuple(
        Word(begun, min(max(tokens[last].end_ticks / TICKS_PER_SECOND, begun + step), next_begun), text)
        for (begun, next_begun), (text, _, last) in zip(pairwise([*starts, end]), runs, strict=True)
    )
    return words, tuple(first for _, first, _ in runs)


def _divided(timed: _Timed, seams: Sequence[float]) -> Iterator[_Timed]:
    """Yield the parts of a segment between the seams that it lies over."""
    for seam in seams:
        if not timed.words or not timed.start < seam < timed.end:
            continue
        place = min(range(len(timed.words) + 1), key=lambda place: _misfit(timed.words, place, seam))
        if place:
            yield _clipped(timed, 0, place, timed.start, seam)
        if place == len(timed.words):
            return
        timed = _clipped(timed, place, len(timed.words), seam, timed.end)
    yield timed


def _misfit(words: Sequence[Word], place: int, seam: float) -> float:
    """Return by how many seconds the border before word number `place` misses the seam, less what speaks for it."""
    if place == 0:
        return max(0.0, seam - words[0].start) - CLAUSE_SECONDS
    after = words[place].start if place < len(words) else math.inf
    missed = max(0.0, words[place - 1].end - seam, seam - after)
    if words[place - 1].text.endswith((".", "!", "?", "…", "。", "！", "？")):
        return missed - SENTENCE_SECONDS
    return missed - CLAUSE_SECONDS if place == len(words) or words[place - 1].text.endswith((",", ";", ":", "、", "，")) else missed


def _clipped(timed: _Timed, first: int, last: int, start: float, end: float) -> _Timed:
    """Return the words from number `first` to before `last` as a segment of its own, moved to between `start` and `end`."""
    kept = timed.words[first:last]
    step = min(1 / TICKS_PER_SECOND, (end - start) / len(kept))
    words: list[Word] = []
    for left, word in zip(range(len(kept), 0, -1), kept, strict=True):
        earliest = words[-1].end if words else start
        begun = max(earliest, min(word.start, end - left * step))
        words.append(Word(begun, max(begun + step, min(word.end, end - (left - 1) * step)), word.text))
    begin = timed.firsts[first] if first else 0
    finish = timed.firsts[last] if last < len(timed.firsts) else len(timed.tokens)
    text = timed.text if len(kept) == len(timed.words) else _text(timed.tokens[begin:finish], kept)
    return _Timed(
        words[0].start, words[-1].end, text, timed.tokens[begin:finish], tuple(words), tuple(n - begin for n in timed.firsts[first:last])
    )


def _text(tokens: Sequence[Token], words: Sequence[Word]) -> str:
    """Return what the tokens spell, or where one reaches into a neighbour's word the words with blanks between."""
    spelled = b"".join(token.spelling for token in tokens).decode("utf-8", "replace").strip()
    return spelled if spelled.split() == [word.text for word in words] else " ".join(word.text for word in words)


def _segment(timed: _Timed, temperature: float) -> Segment:
    return Segment(
        timed.start,
        timed.end,
        timed.text,
        words=timed.words,
        tokens=tuple(token.id for token in timed.tokens),
        average_log_probability=sum(token.log_probability for token in timed.tokens) / max(1, len(timed.tokens)),
        temperature=temperature,
    )
