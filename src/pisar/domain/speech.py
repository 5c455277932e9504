"""Where speech lies in a recording, and how times in the speech alone map back to times in the recording.

The engine hears only the speech, so it has no silence to invent text for, and a window's worth at a time, cut where nobody
speaks. Pieces of speech are laid end to end; what it says happened at second t of that is looked up in the same map and put
where it was spoken.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from pisar.domain.audio import SAMPLE_RATE_HZ

MARGIN_SECONDS = 0.25
"""Kept on either side of speech: plosives and breath at the edges help the engine."""

MAX_STRETCH_SECONDS = 300.0
"""A piece, its pauses included, takes up no more of the recording, so that who follows a recording need not hold more of it."""

JOIN_GAP_SECONDS = 1.0
"""Pauses up to this long stay as they are: cutting every breath would hurt the engine more than silence does."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds; `end` is exclusive."""

    start: float
    end: float

    def earlier(self, seconds: float) -> "Span":
        """Return the span so much earlier."""
        return Span(self.start - seconds, self.end - seconds)


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a recording the engine will hear: `found` is where somebody speaks, `pieces` those spans with margins, for the engine."""

    found: tuple[Span, ...]
    pieces: tuple[tuple[Span, ...], ...]

    def earlier(self, seconds: float) -> "Plan":
        """Return the plan of a recording that begins so much later."""
        moved = tuple(tuple(span.earlier(seconds) for span in piece) for piece in self.pieces)
        return Plan(tuple(span.earlier(seconds) for span in self.found), moved)


def pieces(found: Iterable[Span], duration: float, *, max_seconds: float) -> tuple[tuple[Span, ...], ...]:
    """Return speech as pieces for the engine: each some spans of at most `max_seconds` together, cut at pauses, all in order.

    Spans get margins, clipped to [0, duration] and to the middle of the pause they are in; those closer than JOIN_GAP_SECONDS
    are joined, pause and all. Speech without a pause for so long is cut where the time is up. Every span begins and ends at a
    sample. What speech there is later changes none but the last two pieces.
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
    """Return how long the spans are together."""
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


def to_recording(seconds: float, spans: tuple[Span, ...]) -> float:
    """Return the recording's time of second `seconds` of the spans laid end to end; beyond the last it is the last one's end."""
    starts, total = [], 0.0
    for span in spans:
        starts.append(total)
        total += span.end - span.start
    index = max(0, bisect_right(starts, seconds) - 1)
    return min(spans[index].end, spans[index].start + max(0.0, seconds - starts[index]))
