"""A recording followed block by block gives the very pieces, and the very samples, of one that is held whole."""

from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisar.domain.audio import FULL_SCALE
from pisar.domain.audio import SAMPLE_RATE_HZ as RATE
from pisar.domain.speech import MAX_STRETCH_SECONDS, Span, pieces, sample_at
from pisar.speech.cutting import Cutting, Part

WINDOW = 0.032
BLOCK = 30 * RATE
PIECE, PART = 28.0, 120.0

GAPS = st.one_of(st.floats(0.15, 1.2), st.sampled_from([5.0, 40.0, 400.0, 1500.0]))
LENGTHS = st.one_of(st.floats(0.2, 8), st.sampled_from([0.2, 30.0, 100.0, 299.0]))


class Follower:
    """Tells of spans that are known beforehand, each as late as a detector that waits for the silence after it."""

    def __init__(self, spans: tuple[Span, ...]) -> None:
        self._spans = spans

    def find(self, samples: np.ndarray) -> tuple[Span, ...]:
        del samples
        return self._spans

    def follow(self, blocks: Iterable[np.ndarray]) -> Iterator[Span]:
        seconds, told = 0.0, 0
        for block in blocks:
            seconds += len(block) / RATE
            while told < len(self._spans) and self._spans[told].end + 0.13 <= seconds:
                yield self._spans[told]
                told += 1
        yield from self._spans[told:]


def spans_of(lengths: list[tuple[float, float]]) -> tuple[Span, ...]:
    found, at = [], 0.0
    for gap, length in lengths:
        start = round((at + gap) / WINDOW) * WINDOW
        at = round((start + length) / WINDOW) * WINDOW
        found.append(Span(start, at))
    return tuple(found)


def cut(spans: tuple[Span, ...], samples: np.ndarray) -> tuple[Cutting, list[Part], int]:
    """Return the parts, and the most samples that were held."""
    blocks = (samples[start : start + BLOCK] for start in range(0, len(samples), BLOCK))
    cutting = Cutting(blocks, Follower(spans), piece_seconds=PIECE, part_seconds=PART)
    parts, most = [], 0
    for part in cutting:
        parts.append(part)
        most = max(most, sum(map(len, cutting._held._blocks)))
    return cutting, parts, most


def numbered(piece: Iterable[Span]) -> list[tuple[int, int]]:
    return [(sample_at(span.start), sample_at(span.end)) for span in piece]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(GAPS, LENGTHS), max_size=60), st.floats(0.3, 200))
def test_the_parts_hold_the_pieces_of_the_uncut_recording(lengths: list[tuple[float, float]], rest: float):
    spans = spans_of(lengths)
    samples = (np.arange(sample_at((spans[-1].end if spans else 0) + rest), dtype=np.int64) % 65_521 - FULL_SCALE).astype(np.float32)
    samples /= FULL_SCALE
    cutting, parts, most = cut(spans, samples)
    assert cutting.seconds == pytest.approx(len(samples) / RATE)
    expected = [numbered(piece) for piece in pieces(spans, len(samples) / RATE, max_seconds=PIECE)]
    assert [numbered(span.earlier(-part.start) for span in piece) for part in parts for piece in part.plan.pieces] == expected
    assert [part.number for part in parts] == list(range(len(parts)))
    for part in parts:
        first = sample_at(part.start)
        assert len(part.samples) <= PART * RATE or len(part.plan.pieces) == 1
        assert np.array_equal(part.samples, samples[first : first + len(part.samples)])
        assert part.plan.pieces[0][0].start == 0
        assert sample_at(part.plan.pieces[-1][-1].end) == len(part.samples)
    assert most <= 4 * MAX_STRETCH_SECONDS * RATE


def test_of_ordinary_speech_little_more_than_a_part_is_held():
    spans = spans_of([(0.5, 4.0)] * 800)
    samples = np.zeros(sample_at(spans[-1].end), np.float32)
    cutting, parts, most = cut(spans, samples)
    assert cutting.seconds == pytest.approx(3600, rel=0.01)
    assert 30 <= len(parts) <= 36
    assert most <= 400 * RATE


def test_what_stops_the_decoder_stops_the_cutting():
    def breaking() -> Iterator[np.ndarray]:
        yield np.zeros(BLOCK, np.float32)
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        list(Cutting(breaking(), Follower(()), piece_seconds=PIECE, part_seconds=PART))
