"""Where a pause was cut out, no segment and no word lies over the place."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.adapters.whisper_words import Said, Token, to_segments


def said(start: int, end: int, *words: tuple[int, int, str]) -> Said:
    tokens = tuple(Token(number, begun, ended, -0.5, f" {text}".encode()) for number, (begun, ended, text) in enumerate(words))
    return Said(start, end, " ".join(text for _, _, text in words), tokens)


def shown(segments):
    return [(one.start, one.end, one.text, tuple((word.start, word.end) for word in one.words), one.tokens) for one in segments]


@pytest.mark.parametrize(
    ("one", "seams", "parts"),
    [
        (
            said(0, 400, (0, 90, "one"), (100, 190, "two."), (210, 300, "three"), (310, 400, "four")),
            (2.0,),
            [(0, 1.9, "one two.", ((0, 0.9), (1.0, 1.9)), (0, 1)), (2.1, 4.0, "three four", ((2.1, 3.0), (3.1, 4.0)), (2, 3))],
        ),
        (  # the sentence ends a little late by whisper.cpp's clock: what is before the pause is what ends with it
            said(0, 400, (0, 90, "one"), (100, 240, "two."), (240, 400, "three")),
            (2.0,),
            [(0, 2.0, "one two.", ((0, 0.9), (1.0, 2.0)), (0, 1)), (2.4, 4.0, "three", ((2.4, 4.0),), (2,))],
        ),
        (  # or early
            said(0, 400, (0, 90, "one."), (150, 260, "two"), (260, 400, "three")),
            (2.0,),
            [(0, 0.9, "one.", ((0, 0.9),), (0,)), (2.0, 4.0, "two three", ((2.0, 2.6), (2.6, 4.0)), (1, 2))],
        ),
        (  # the segment swallows the whole pause, and all of its words are before it
            said(0, 400, (0, 90, "one"), (100, 190, "two")),
            (2.0,),
            [(0, 1.9, "one two", ((0, 0.9), (1.0, 1.9)), (0, 1))],
        ),
        (  # or after it
            said(100, 400, (210, 290, "one"), (300, 400, "two")),
            (2.0,),
            [(2.1, 4.0, "one two", ((2.1, 2.9), (3.0, 4.0)), (0, 1))],
        ),
        (
            said(0, 600, (0, 190, "one."), (200, 390, "two."), (400, 600, "three.")),
            (2.0, 4.0),
            [(0, 1.9, "one.", ((0, 1.9),), (0,)), (2.0, 3.9, "two.", ((2.0, 3.9),), (1,)), (4.0, 6.0, "three.", ((4.0, 6.0),), (2,))],
        ),
        (said(0, 100, (0, 100, "one")), (2.0,), [(0, 1.0, "one", ((0, 1.0),), (0,))]),
    ],
)
def test_a_segment_is_divided_where_a_pause_was_cut_out(one, seams, parts):
    assert shown(to_segments([one], 10.0, seams=seams)) == parts


WORDS = st.tuples(st.integers(0, 1500), st.integers(0, 1500), st.sampled_from(["а", "да.", "нет,", "слово"]))


@given(st.lists(st.lists(WORDS, max_size=6), max_size=5), st.lists(st.floats(0.3, 14), max_size=4, unique=True))
def test_every_word_is_kept_in_order_on_one_side_of_every_seam(spoken, places):
    seams = tuple(sorted(places))
    texts = [said(min((w[0] for w in words), default=0), max((w[1] for w in words), default=1), *words) for words in spoken]
    segments = to_segments(texts, 30.0, seams=seams)
    words = [word for segment in segments for word in segment.words]
    assert [word.text for word in words] == [text for one in spoken for _, _, text in one]
    assert [token for segment in segments for token in segment.tokens] == [token.id for one in texts for token in one.tokens]
    assert not [(segment, seam) for segment in segments for seam in seams if segment.start < seam < segment.end]
    assert all(segment.start <= segment.words[0].start and segment.words[-1].end <= segment.end for segment in segments)
    assert all(before.end <= after.start for before, after in pairwise(words))
    assert all(before.end <= after.start for before, after in pairwise(segments))
