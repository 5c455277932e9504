"""Cuts a long recording into parts of some minutes while it is decoded, so that only some minutes are in memory at a time.

A part consists of the same pieces that the engine would hear of the uncut recording. So the transcripts of the parts, one after another,
are the uncut recording's transcript.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pisar.domain.audio import FULL_SCALE, SAMPLE_RATE_HZ
from pisar.domain.speech import MAX_STRETCH_SECONDS, Plan, Span, pieces, sample_at
from pisar.ports.speech import SpeechDetector

if TYPE_CHECKING:
    import numpy as np

    from pisar.ports.speech import Samples

UNSETTLED = 2
"""How many of the latest pieces are unsettled: later speech may still change them (`pisar.domain.speech.pieces`)."""

SETTLED_SECONDS = 2 * MAX_STRETCH_SECONDS + 10
"""A piece that began so long ago is settled anyway: unfinished speech is at most five minutes old, and a piece at most that long."""

LOOK_SECONDS = 60.0
"""Seconds of the recording between two looks for settled pieces: each look plans all speech found so far anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a recording: its number from 0, its start in seconds, its 16-bit samples, and the plan of them.

    `plan`: the speech and pieces of the part, in seconds from the part's start.
    """

    number: int
    start: float
    pcm: "np.ndarray"
    plan: Plan

    @property
    def samples(self) -> "Samples":
        """Return the samples as the decoder gave them: float32 in [-1, 1], shape (n,)."""
        import numpy as np  # noqa: PLC0415 - the functions import flows too and have no numpy

        samples = self.pcm.astype(np.float32)
        samples /= FULL_SCALE
        return samples


class Cutting:
    """The parts of a recording, in order, to be iterated over once.

    `seconds`: how much was decoded so far; after the last part it is the recording's length. A part takes up `part_seconds` of the
    recording, or one piece if that is longer. Iteration raises whatever `blocks` raises.
    """

    def __init__(self, blocks: "Iterator[Samples]", detector: SpeechDetector, *, piece_seconds: float, part_seconds: float) -> None:
        self.seconds = 0.0
        self._blocks = blocks
        self._detector = detector
        self._piece_seconds = piece_seconds
        self._part_seconds = part_seconds
        self._held = _Held()
        self._found: list[Span] = []
        self._looked_at = 0.0
        self._cut = 0  # how many pieces are in parts
        self._count = 0
        self._ready: deque[Part] = deque()

    def __iter__(self) -> Iterator[Part]:
        """Yield the parts; none if nobody speaks."""
        for span in self._detector.follow(self._listened()):
            self._found.append(span)
            while self._ready:
                yield self._ready.popleft()
        self._prepare(self._planned())
        while self._ready:
            yield self._ready.popleft()

    def _listened(self) -> "Iterator[Samples]":
        for block in self._blocks:
            followed = self.seconds  # the detector has not heard this block yet
            self._held.add(block)
            self.seconds += len(block) / SAMPLE_RATE_HZ
            if self.seconds - self._looked_at >= LOOK_SECONDS:
                self._looked_at = self.seconds
                self._look(followed)
            yield block

    def _look(self, followed: float) -> None:
        """Prepare the parts that are settled, and drop the samples before those that are not."""
        planned = self._planned()
        old = sum(1 for piece in planned if piece[0].start < followed - SETTLED_SECONDS)
        settled = max(len(planned) - UNSETTLED, old, 0)
        # The last part of what is settled may grow, unless it is old.
        self._prepare(planned[:settled], growing=settled > old)
        left = planned[self._cut :]
        earliest = min(left[0][0].start if left else followed, followed - MAX_STRETCH_SECONDS - 1)
        self._held.drop(sample_at(earliest))

    def _planned(self) -> tuple[tuple[Span, ...], ...]:
        return pieces(self._found, self.seconds, max_seconds=self._piece_seconds)

    def _prepare(self, settled: tuple[tuple[Span, ...], ...], *, growing: bool = False) -> None:
        """Make parts of the settled pieces that are in no part yet; while more may come (`growing`), leave out the last part."""
        while self._cut < len(settled):
            start, end = settled[self._cut][0].start, settled[self._cut][-1].end
            upto = self._cut + 1
            while upto < len(settled) and settled[upto][-1].end - start <= self._part_seconds:
                end = settled[upto][-1].end
                upto += 1
            if growing and upto == len(settled):
                return
            found = tuple(span for span in self._found if span.start < end and span.end > start)
            plan = Plan(found, settled[self._cut : upto]).earlier(start)
            self._ready.append(Part(self._count, start, self._held.between(sample_at(start), sample_at(end)), plan))
            self._count += 1
            self._cut = upto


class _Held:
    """The latest samples of a recording, as the 16-bit integers that they were decoded from: half the memory."""

    def __init__(self) -> None:
        self._blocks: deque[np.ndarray] = deque()
        self._first = 0  # the number of the first sample that is held

    def add(self, block: "Samples") -> None:
        import numpy as np  # noqa: PLC0415 - the functions import flows too and have no numpy

        self._blocks.append(np.round(block * FULL_SCALE).astype(np.int16))

    def drop(self, before: int) -> None:
        """Drop whole blocks before a sample."""
        while self._blocks and self._first + len(self._blocks[0]) <= before:
            self._first += len(self._blocks.popleft())

    def between(self, start: int, end: int) -> "np.ndarray":
        """Return a copy of these samples."""
        import numpy as np  # noqa: PLC0415 - the functions import flows too and have no numpy

        found, first = [], self._first
        for block in self._blocks:
            found.append(block[max(0, start - first) : max(0, end - first)])
            first += len(block)
        return np.concatenate(found)
