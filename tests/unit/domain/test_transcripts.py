"""A transcript survives its encoding, and a looping engine is cut short."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.transcripts import MAX_REPEATS, MIN_LOOP_TOKENS, Segment, Transcript, Word, without_loops, without_repeats
from pisar.errors import Unreadable

seconds = st.floats(0, 1e5)
texts = st.text(max_size=20)
segments = st.builds(
    Segment,
    seconds,
    seconds,
    texts,
    words=st.lists(st.builds(Word, seconds, seconds, texts), max_size=3).map(tuple),
    tokens=st.lists(st.integers(0, 51_000), max_size=3).map(tuple),
    average_log_probability=st.floats(-20, 0),
    temperature=st.floats(0, 1),
    no_speech_probability=st.floats(0, 1),
)
transcripts = st.builds(
    Transcript,
    language=st.sampled_from(["", "ru", "en"]),
    duration=seconds,
    segments=st.lists(segments, max_size=5).map(tuple),
    task=st.sampled_from(["transcribe", "translate"]),
)


@given(transcripts)
def test_what_is_encoded_is_decoded(transcript):
    assert Transcript.decode(transcript.encode()) == transcript


def test_the_encoding_is_json_that_people_can_read():
    said = Segment(0.0, 1.0, "привет", words=(Word(0.25, 0.75, "привет"),), tokens=(7,), average_log_probability=-0.5)
    assert Transcript(language="ru", duration=1.5, segments=(said,)).encode().decode() == (
        '{"version": 1, "language": "ru", "duration": 1.5, "segments": [{"start": 0.0, "end": 1.0, "text": "привет", '
        '"words": [{"start": 0.25, "end": 0.75, "text": "привет"}], "tokens": [7], "average_log_probability": -0.5, '
        '"temperature": 0.0, "no_speech_probability": 0.0}], "task": "transcribe"}'
    )


def test_a_transcript_stored_before_there_were_words_is_read_without_them():
    stored = '{"version": 1, "language": "ru", "duration": 1.5, "segments": [{"start": 0.0, "end": 1.0, "text": "привет"}]}'
    assert Transcript.decode(stored.encode()) == Transcript(language="ru", duration=1.5, segments=(Segment(0.0, 1.0, "привет"),))


def test_a_transcript_of_a_later_version_is_read_without_what_is_new_in_it():
    word = {"start": 0.0, "end": 1.0, "text": "a", "more": 1}
    stored = {"version": 1, "language": "", "duration": 2.0, "more": 1, "segments": [word | {"words": [word]}]}
    assert Transcript.decode(json.dumps(stored).encode()) == Transcript(
        language="", duration=2.0, segments=(Segment(0.0, 1.0, "a", words=(Word(0.0, 1.0, "a"),)),)
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
        b'{"version": 1, "language": "", "duration": 0, "segments": [1]}',
        b'{"version": 1, "language": "", "duration": 0, "segments": [{"start": 0, "end": 1, "text": "a", "tokens": 7}]}',
        b'{"version": 1, "language": "", "duration": 0, "segments": [{"start": 0, "end": 1, "text": "a", "words": null}]}',
        b'{"version": 1, "language": "", "duration": 0, "segments": [{"start": 0, "end": 1, "text": "a", "words": [{"start": 0}]}]}',
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


@given(st.lists(st.sampled_from(["a", "A.", "b", ""]), max_size=30).map(lambda texts: said(*texts)), st.integers(0, 30))
def test_what_is_kept_does_not_depend_on_when_it_is_asked(spoken, cut):
    assert without_loops((*without_loops(spoken[:cut]), *spoken[cut:])) == without_loops(spoken)
    assert without_loops(spoken)[: len(without_loops(spoken[:cut]))] == without_loops(spoken[:cut])


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ("", ""),
        ("no" * 11, "no" * 11),  # 22 tokens: people say so
        ("a" * 23, "a" * 23),
        ("a" * 24, "aaa"),
        ("thanks" * 3, "thanks" * 3),
        ("thanks" * 4, "thanks" * 3),
        ("so thanks." + "thanks" * 30, "so thanks." + "thanks" * 3),
        ("thanks" * 30 + "tha", "thanks" * 3),
        ("thanks" * 30 + "that", "thanks" * 3 + "that"),
        ("x" * 40 + "y" * 40, "xxxyyy"),
    ],
)
def test_a_phrase_within_a_segment_is_kept_three_times_in_a_row(tokens, kept):
    assert "".join(without_repeats(tokens)) == kept


@given(st.lists(st.integers(0, 2), max_size=60), st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(4, 9))
def test_a_loop_of_any_phrase_is_cut_to_less_than_it_was_and_what_was_said_before_stays(before, phrase, times):
    looped = before + phrase * times
    kept = list(without_repeats(looped))
    assert len(kept) <= len(looped)
    if len(phrase) * times >= MIN_LOOP_TOKENS:
        assert len(kept) < len(looped)
    assert set(kept) == set(looped)
    if len(phrase) < MIN_LOOP_TOKENS:  # a longer one may be a loop itself
        assert list(without_repeats([10, *phrase])) == [10, *phrase]
