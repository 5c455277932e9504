"""Where speech lies in a recording, and how times in the speech alone map back to times in the recording.

The engine hears only the speech, so it has no silence to invent text for, and hears one window of it at a time, cut where nobody speaks. A
piece is spans of speech laid end to end. What the engine says happened at second t of a piece is put at the second of the recording where
it was spoken.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile
from math import ceil

from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.domain.transcripts import Segment

MARGIN_SECONDS = 0.25
"""Margin that is kept on either side of speech: plosives and breath at its edges help the engine."""

MAX_STRETCH_SECONDS = 300.0
"""The longest stretch of a recording that a piece takes up, pauses included, so that a streaming reader need not hold more."""

JOIN_GAP_SECONDS = 1.0
"""Pauses up to this long are kept: cutting out every breath would hurt the engine more than silence does."""

MAX_PAUSE_IN_WORD_SECONDS = 0.35
"""The longest silence within a word."""

LEAST_HEARD_SECONDS = 0.03
"""The shortest speech that can be a word: the shortest sounds, the bursts of p, t and k, take about as long."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds; `end` is exclusive."""

    start: float
    end: float

    def earlier(self, seconds: float) -> "Span":
        """Return the span moved earlier by so many seconds."""
        return Span(self.start - seconds, self.end - seconds)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine will hear of a recording: `found`, where somebody speaks, and `pieces`, those spans with margins."""

    found: tuple[Span, ...]
    pieces: tuple[tuple[Span, ...], ...]

    def earlier(self, seconds: float) -> "Plan":
        """Return the plan with all times moved earlier by so many seconds, for a recording cut there."""
        moved = tuple(tuple(span.earlier(seconds) for span in piece) for piece in self.pieces)
        return Plan(tuple(span.earlier(seconds) for span in self.found), moved)


def pieces(found: Iterable[Span], duration: float, *, max_seconds: float) -> tuple[tuple[Span, ...], ...]:
    """Return speech as pieces for the engine: each some spans of at most `max_seconds` together, cut at pauses, all in order.

    Spans get margins, clipped to [0, duration] and to the middle of the pause they are in. Spans closer than JOIN_GAP_SECONDS are joined,
    pause and all. Speech that has no pause for `max_seconds` is cut there. Every span begins and ends at a sample. Speech that is found
    later in the recording changes none but the last two pieces.
    """
    cut: list[list[Span]] = []
    for span in _with_margins(_at_most(found, max_seconds), duration):
        piece = cut[-1] if cut else []
        joined = bool(piece) and span.start - piece[-1].end < JOIN_GAP_SECONDS
        added = span.end - (piece[-1].end if joined else span.start)
        too_far = bool(piece) and span.end - piece[0].start > MAX_STRETCH_SECONDS
        if not piece or too_far or total_seconds(piece) + added > max_seconds:
            cut.append([span])
        elif joined:
            piece[-1] = Span(piece[-1].start, span.end)
        else:
            piece.append(span)
    return tuple(map(tuple, cut))


def total_seconds(spans: Iterable[Span]) -> float:
    """Return the seconds of all spans together."""
    return sum(span.end - span.start for span in spans)


def _at_most(found: Iterable[Span], max_seconds: float) -> list[Span]:
    # Room for both margins is left, so that a stretch cut here fits a piece.
    room = max_seconds - 2 * MARGIN_SECONDS
    spans = []
    for span in found:
        parts = max(1, ceil((span.end - span.start) / room))
        length = (span.end - span.start) / parts
        spans += [Span(span.start + n * length, span.start + (n + 1) * length) for n in range(parts)]
    return spans


def _with_margins(spans: list[Span], duration: float) -> Iterator[Span]:
    for index, span in enumerate(spans):
        earliest = (spans[index - 1].end + span.start) / 2 if index else 0.0
        latest = (span.end + spans[index + 1].start) / 2 if index + 1 < len(spans) else duration
        yield Span(_at_sample(max(earliest, span.start - MARGIN_SECONDS)), _at_sample(min(latest, span.end + MARGIN_SECONDS)))


def sample_at(seconds: float) -> int:
    """Return the number of the sample nearest to a time."""
    return round(seconds * SAMPLE_RATE_HZ)


def _at_sample(seconds: float) -> float:
    return sample_at(seconds) / SAMPLE_RATE_HZ


def seams(spans: tuple[Span, ...]) -> tuple[float, ...]:
    """Return the seconds at which spans laid end to end meet."""
    return tuple(accumulate(span.end - span.start for span in spans[:-1]))


def to_recording(seconds: float, spans: tuple[Span, ...], *, ends: bool = False) -> float:
    """Return the recording's time of second `seconds` of the spans laid end to end; beyond their end, the end of the last.

    At the seam of two spans a time that begins something is put at the later span's start, and one that `ends` something at the earlier
    span's end: the pause between them belongs to neither.
    """
    starts = (0.0, *seams(spans))
    index = max(0, (bisect_left if ends else bisect_right)(starts, seconds) - 1)
    return min(spans[index].end, spans[index].start + max(0.0, seconds - starts[index]))


def placed(segment: Segment, piece: tuple[Span, ...], found: Sequence[Span]) -> Segment:
    """Return a segment of the piece with the recording's times, and with the share of its time in which nobody was heard."""
    times: list[Span] = []
    for word in segment.words:
        begun, ended = to_recording(word.start, piece), to_recording(word.end, piece, ends=True)
        start, end = within_speech(begun, max(begun, ended), found)
        times.append(Span(start, max(start, end)))
    moved = zip(segment.words, out_of_silence(times, found), strict=True)
    words = tuple(replace(word, start=time.start, end=time.end) for word, time in moved)
    start = words[0].start if words else to_recording(segment.start, piece)
    end = words[-1].end if words else to_recording(segment.end, piece, ends=True)
    silent_share = 1 - min(1.0, _heard_seconds(Span(start, end), found) / (end - start)) if end > start else 0.0
    return replace(segment, start=start, end=end, words=words, no_speech_probability=silent_share)


def within_speech(start: float, end: float, found: Sequence[Span]) -> tuple[float, float]:
    """Return a word's times without the silence at its edges: from the first speech `found` in it to the end of the last.

    Speech beyond a pause of MAX_PAUSE_IN_WORD_SECONDS is no part of the word: of the stretches between such pauses the longest is kept. A
    word in which no speech was found keeps its times.
    """
    heard: list[Span] = []
    for span in found[max(0, bisect_right(found, start, key=lambda span: span.end)) :]:
        if span.start >= end:
            break
        part = Span(max(start, span.start), min(end, span.end))
        if heard and part.start - heard[-1].end < MAX_PAUSE_IN_WORD_SECONDS:
            heard[-1] = Span(heard[-1].start, part.end)
        else:
            heard.append(part)
    most = max(heard, key=lambda span: span.end - span.start, default=Span(start, end))
    return most.start, most.end


def out_of_silence(words: Sequence[Span], found: Sequence[Span]) -> list[Span]:
    """Return the times of a segment's words; words in silence at either end share the time of the nearest word that is heard.

    The engine lets a segment begin where the last one ended, and may put its first words, or its last, into a pause.
    """
    heard = [index for index, word in enumerate(words) if _heard_seconds(word, found) >= LEAST_HEARD_SECONDS]
    if not heard:
        return list(words)
    first, last = heard[0], heard[-1]
    if first == last:
        return _shares(words[first], len(words))
    return [*_shares(words[first], first + 1), *words[first + 1 : last], *_shares(words[last], len(words) - last)]


def _shares(word: Span, count: int) -> list[Span]:
    """Return a word's time in so many equal shares."""
    share = (word.end - word.start) / count
    return [Span(word.start + n * share, word.start + (n + 1) * share) for n in range(count)]


def _heard_seconds(word: Span, found: Sequence[Span]) -> float:
    nearby = found[max(0, bisect_right(found, word.start, key=lambda span: span.end)) :]
    return sum(
        max(0.0, min(word.end, span.end) - max(word.start, span.start)) for span in takewhile(lambda one: one.start < word.end, nearby)
    )
