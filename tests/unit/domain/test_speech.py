"""Margins, pauses, and the way back from the speech alone to the recording."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.speech import MARGIN_SECONDS, Span, out_of_silence, pieces, seams, to_recording, total_seconds, within_speech

DURATION = 60.0


def laid_out(pauses_and_lengths):
    """Return spans one after another, as a detector finds them: apart, in order, within the recording."""
    spans, now = [], 0.0
    for pause, length in pauses_and_lengths:
        start, end = now + pause + 0.13, now + pause + 0.13 + length
        if end > DURATION:
            break
        spans.append(Span(start, end))
        now = end
    return spans


FOUND = st.lists(st.tuples(st.floats(0.0, 4), st.floats(0.1, 12)), max_size=8).map(laid_out)
PIECES = FOUND.map(lambda found: pieces(found, DURATION, max_seconds=1000)).filter(bool)
spoken = PIECES.map(lambda cut: cut[0])


@pytest.mark.parametrize(
    ("found", "cut"),
    [
        ([], ()),
        ([Span(3, 4)], ((Span(2.75, 4.25),),)),
        ([Span(0.1, 9.9)], ((Span(0, 10),),)),
        ([Span(1, 2), Span(3, 4)], ((Span(0.75, 4.25),),)),  # half a second apart once widened: the pause stays
        ([Span(1, 2), Span(3.5, 4)], ((Span(0.75, 2.25), Span(3.25, 4.25)),)),  # a second: it goes
    ],
)
def test_spans_get_margins_and_short_pauses_are_kept(found, cut):
    assert pieces(found, 10, max_seconds=28) == cut


def test_a_piece_ends_at_the_last_pause_that_fits():
    found = [Span(0, 4), Span(4.2, 8), Span(8.2, 12)]
    assert pieces(found, 12, max_seconds=9) == ((Span(0, 8.1),), (Span(8.1, 12),))


def test_speech_without_a_pause_is_cut_where_the_time_is_up():
    cut = pieces([Span(0, 30)], 30, max_seconds=10)
    assert len(cut) == 4
    assert cut[0][0].start == 0
    assert cut[-1][-1].end == 30
    assert all(total_seconds(piece) <= 10 for piece in cut)


@given(FOUND, st.floats(2, 30))
def test_pieces_hold_all_speech_once_in_order_and_none_is_too_long(found, max_seconds):
    cut = pieces(found, DURATION, max_seconds=max_seconds)
    flat = [span for piece in cut for span in piece]
    assert all(0 <= span.start < span.end <= DURATION for span in flat)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(flat))
    assert all(total_seconds(piece) <= max_seconds + 1e-6 for piece in cut)
    for span in found:
        held = sum(max(0.0, min(span.end, one.end) - max(span.start, one.start)) for one in flat)
        assert held == pytest.approx(span.end - span.start)
    assert total_seconds(flat) <= total_seconds(found) + sum(2 * MARGIN_SECONDS + 1 for _ in found)


@pytest.mark.parametrize(("seconds", "recording"), [(-1, 10), (0, 10), (1.5, 11.5), (2, 20), (4, 22), (5, 23), (99, 23)])
def test_times_in_the_speech_map_to_times_in_the_recording(seconds, recording):
    assert to_recording(seconds, (Span(10, 12), Span(20, 23))) == recording


@pytest.mark.parametrize(("seconds", "recording"), [(-1, 10), (0, 10), (1.5, 11.5), (2, 12), (4, 22), (5, 23), (99, 23)])
def test_what_ends_where_two_spans_meet_ends_before_the_pause(seconds, recording):
    assert to_recording(seconds, (Span(10, 12), Span(20, 23)), ends=True) == recording


@given(spoken)
def test_at_every_seam_the_pause_belongs_to_nobody(spans):
    assert [to_recording(seam, spans) for seam in seams(spans)] == [span.start for span in spans[1:]]
    assert [to_recording(seam, spans, ends=True) for seam in seams(spans)] == pytest.approx([span.end for span in spans[:-1]])


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        (1.2, 1.8, (1.2, 1.8)),
        (0.5, 1.5, (1.0, 1.5)),
        (1.5, 2.1, (1.5, 2.0)),
        (1.5, 2.6, (1.5, 2.6)),  # a stop within the word
        (2.8, 4.5, (4.0, 4.5)),  # most of it is beyond the pause
        (2.5, 4.1, (2.5, 3.0)),
        (3.2, 3.8, (3.2, 3.8)),  # nobody was found to speak
        (0.0, 9.0, (1.0, 3.0)),
    ],
)
def test_a_word_lies_within_the_speech_it_has_most_of(start, end, kept):
    assert within_speech(start, end, (Span(1.0, 2.0), Span(2.3, 3.0), Span(4.0, 5.0))) == kept


@pytest.mark.parametrize(
    ("words", "placed"),
    [
        ([(4.0, 4.4), (4.4, 5.0)], [(4.0, 4.4), (4.4, 5.0)]),  # nothing to mend
        ([(2.99, 3.2), (4.0, 4.4), (4.4, 5.0)], [(4.0, 4.2), (4.2, 4.4), (4.4, 5.0)]),  # a trace of the speech before the pause
        ([(3.1, 3.2), (3.2, 3.9), (4.1, 4.7)], [(4.1, 4.3), (4.3, 4.5), (4.5, 4.7)]),  # two words in the pause
        ([(4.0, 4.4), (4.6, 5.0), (5.1, 6.0)], [(4.0, 4.4), (4.6, 4.8), (4.8, 5.0)]),  # the last word in the pause behind it
        ([(3.1, 3.9), (4.1, 4.7), (5.1, 6.0)], [(4.1, 4.3), (4.3, 4.5), (4.5, 4.7)]),  # on either side of the one that is heard
        ([(3.1, 3.2), (3.2, 3.9)], [(3.1, 3.2), (3.2, 3.9)]),  # nobody was found to speak at all
        ([], []),
    ],
)
def test_no_segment_begins_or_ends_in_a_pause(words, placed):
    found = (Span(1.0, 3.0), Span(4.0, 5.0))
    moved = out_of_silence([Span(*word) for word in words], found)
    assert [(round(one.start, 6), round(one.end, 6)) for one in moved] == placed


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
