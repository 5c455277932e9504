"""Margins, pauses, and the way back from the speech alone to the recording."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.speech import JOIN_GAP_SECONDS, MARGIN_SECONDS, Span, to_recording, widen

DURATION = 60.0
raw = st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 10)).map(lambda pair: Span(pair[0], pair[0] + pair[1])), max_size=8)
spoken = raw.map(lambda spans: widen(spans, DURATION)).filter(bool)


@pytest.mark.parametrize(
    ("spans", "widened"),
    [
        ([], ()),
        ([Span(3, 4)], (Span(2.75, 4.25),)),
        ([Span(0.1, 9.9)], (Span(0, 10),)),
        ([Span(1, 2), Span(3, 4)], (Span(0.75, 4.25),)),  # half a second apart once widened
        ([Span(1, 2), Span(3.5, 4)], (Span(0.75, 2.25), Span(3.25, 4.25))),  # just a second: kept apart
        ([Span(5, 6), Span(1, 2)], (Span(0.75, 2.25), Span(4.75, 6.25))),
        ([Span(1, 8), Span(2, 3)], (Span(0.75, 8.25),)),
        ([Span(11, 12)], ()),  # beyond the end
    ],
)
def test_spans_get_margins_and_short_pauses_are_kept(spans, widened):
    assert widen(spans, 10) == widened


@given(raw)
def test_widened_spans_hold_all_speech_in_order_a_pause_apart_and_within_the_recording(spans):
    widened = widen(spans, DURATION)
    assert all(0 <= span.start < span.end <= DURATION for span in widened)
    assert all(after.start - before.end >= JOIN_GAP_SECONDS for before, after in pairwise(widened))
    for span in spans:
        start, end = max(0, span.start - MARGIN_SECONDS), min(DURATION, span.end + MARGIN_SECONDS)
        around = [one for one in widened if one.start <= start and one.end >= end]
        assert len(around) == 1


@pytest.mark.parametrize(("seconds", "recording"), [(-1, 10), (0, 10), (1.5, 11.5), (2, 20), (4, 22), (5, 23), (99, 23)])
def test_times_in_the_speech_map_to_times_in_the_recording(seconds, recording):
    assert to_recording(seconds, (Span(10, 12), Span(20, 23))) == recording


@given(spoken, st.lists(st.floats(0, 80), min_size=2, max_size=10).map(sorted))
def test_later_in_the_speech_is_later_in_the_recording_and_always_in_a_span(spans, times):
    mapped = [to_recording(seconds, spans) for seconds in times]
    assert mapped == sorted(mapped)
    assert all(any(span.start <= one <= span.end for span in spans) for one in mapped)


@given(spoken, st.data())
def test_the_way_back_is_the_inverse_of_laying_speech_end_to_end(spans, data):
    index = data.draw(st.integers(0, len(spans) - 1))
    within = data.draw(st.floats(0, 0.999)) * (spans[index].end - spans[index].start)
    before = sum(span.end - span.start for span in spans[:index])
    assert to_recording(before + within, spans) == pytest.approx(spans[index].start + within, abs=1e-6)
