"""A transcript survives its encoding, and a looping engine is cut short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.transcripts import MAX_REPEATS, Segment, Transcript, without_loops
from pisar.errors import Unreadable

segments = st.builds(Segment, st.floats(0, 1e5), st.floats(0, 1e5), st.text(max_size=20))
transcripts = st.builds(
    Transcript, language=st.sampled_from(["", "ru", "en"]), duration=st.floats(0, 1e5), segments=st.lists(segments, max_size=5).map(tuple)
)


@given(transcripts)
def test_what_is_encoded_is_decoded(transcript):
    assert Transcript.decode(transcript.encode()) == transcript


def test_the_encoding_is_json_that_people_can_read():
    transcript = Transcript(language="ru", duration=1.5, segments=(Segment(0.0, 1.0, "привет"),))
    assert transcript.encode().decode() == (
        '{"version": 1, "language": "ru", "duration": 1.5, "segments": [{"start": 0.0, "end": 1.0, "text": "привет"}]}'
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"version": 2, "language": "", "duration": 0, "segments": []}',
        b'{"version": 1, "language": "", "duration": 0}',
        b'{"version": 1, "language": "", "duration": 0, "segments": [{"start": 0}]}',
        b'{"version": 1, "language": "", "duration": 0, "segments": [], "more": 1}',
    ],
)
def test_anything_else_is_unreadable_and_the_error_does_not_quote_it(body):
    with pytest.raises(Unreadable, match=r"^not a transcript: \w+$"):
        Transcript.decode(body)


def test_the_text_is_the_segments_joined_by_blanks():
    assert Transcript(language="en", duration=2, segments=(Segment(0, 1, "a b."), Segment(1, 2, "c"))).text == "a b. c"
    assert Transcript(language="", duration=2, segments=()).text == ""


def said(*texts: str) -> tuple[Segment, ...]:
    return tuple(Segment(index, index + 1, text) for index, text in enumerate(texts))


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        ([], []),
        (["a", "b", "a", "b", "a", "b", "a", "b"], ["a", "b", "a", "b", "a", "b", "a", "b"]),
        (["a"] * 3, ["a"] * 3),
        (["a"] * 9 + ["b"], ["a", "a", "a", "b"]),
        (["No.", "no", "NO!", "no…", "yes"], ["No.", "no", "NO!", "yes"]),
        (["", "a", ""], ["a"]),
        (["a", "a", "a", "", "a"], ["a", "a", "a"]),  # silence between does not make it less of a loop
    ],
)
def test_a_phrase_is_kept_three_times_in_a_row(texts, kept):
    assert [segment.text for segment in without_loops(said(*texts))] == kept


@given(st.lists(st.sampled_from(["a", "A.", "b", ""]), max_size=30).map(lambda texts: said(*texts)))
def test_what_is_kept_is_in_order_never_empty_and_does_not_loop(spoken):
    kept = without_loops(spoken)
    assert [segment for segment in spoken if segment in kept] == list(kept)
    assert all(segment.text for segment in kept)
    phrases = [segment.text.casefold().strip(".") for segment in kept]
    assert all(len(set(phrases[at : at + MAX_REPEATS + 1])) > 1 for at in range(len(phrases) - MAX_REPEATS))
    assert without_loops(kept) == kept
