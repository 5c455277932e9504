"""Where speech lies in a recording, and how times in the speech alone map back to times in the recording.

The engine hears only the speech, so it has no silence to invent text for. Pieces of speech are laid end to end; what it
says happened at second t of that is looked up in the same map and put where it was spoken.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

MARGIN_SECONDS = 0.25
"""Kept on either side of speech: plosives and breath at the edges help the engine."""

JOIN_GAP_SECONDS = 1.0
"""Pauses up to this long stay as they are: cutting every breath would hurt the engine more than silence does."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds; `end` is exclusive."""

    start: float
    end: float


def widen(spans: Iterable[Span], duration: float) -> tuple[Span, ...]:
    """Return ordered spans with margins added, clipped to [0, duration], those closer than JOIN_GAP_SECONDS joined."""
    widened: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        start, end = max(0.0, span.start - MARGIN_SECONDS), min(duration, span.end + MARGIN_SECONDS)
        if widened and start - widened[-1].end < JOIN_GAP_SECONDS:
            widened[-1] = Span(widened[-1].start, max(end, widened[-1].end))
        elif start < end:
            widened.append(Span(start, end))
    return tuple(widened)


def to_recording(seconds: float, spans: tuple[Span, ...]) -> float:
    """Return the recording's time of second `seconds` of the spans laid end to end; beyond the last it is the last one's end."""
    starts, total = [], 0.0
    for span in spans:
        starts.append(total)
        total += span.end - span.start
    index = max(0, bisect_right(starts, seconds) - 1)
    return min(spans[index].end, spans[index].start + max(0.0, seconds - starts[index]))
