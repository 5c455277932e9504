"""Transcripts in every format, read back by parsers that others wrote."""

import io
import json
import zlib
from dataclasses import replace
from itertools import pairwise

import pytest
import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats import FILE_FORMATS, FORMATS
from pisar.formats.details import compression_ratio
from pisar.formats.subtitles import CUE_LINES, LINE_CHARACTERS, cues

TALK = Transcript(
    language="ru",
    duration=7.5,
    segments=(
        Segment(0.0, 1.25, "Привет, писарь."),
        Segment(1.25, 7.5, "Это длинная фраза, которую никак не уместить в две строки по сорок два знака, поэтому она делится на части."),
    ),
)
WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)
SEGMENTS = st.builds(
    lambda start, length, words: Segment(start, start + length, " ".join(words)),
    st.floats(0, 9000),
    st.floats(0.01, 60),
    st.lists(WORDS, min_size=1, max_size=40),
)


def timed(segment: Segment, shares: list[float]) -> Segment:
    """Return the segment with words whose times part it by the shares."""
    texts = segment.text.split()
    marks = [segment.start + share * (segment.end - segment.start) for share in sorted((shares * len(texts) * 2)[: 2 * len(texts)])]
    return replace(segment, words=tuple(map(Word, marks[::2], marks[1::2], texts)))


TIMED = st.builds(timed, SEGMENTS, st.lists(st.floats(0, 1), min_size=1, max_size=80))
OTHERS_WORDS = st.builds(lambda segment, other: replace(segment, words=other.words), SEGMENTS, TIMED)
TRANSCRIPTS = st.lists(SEGMENTS | TIMED | OTHERS_WORDS, max_size=6).map(
    lambda found: Transcript(language="en", duration=1e4, segments=tuple(sorted(found, key=lambda one: one.start)))
)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_subrip_is_numbered_from_one_with_commas():
    first, second, *_ = FORMATS["srt"].write(TALK).split("\n\n")
    assert first == "1\n00:00:00,000 --> 00:00:01,250\nПривет, писарь."
    assert second.startswith("2\n00:00:01,250 --> ")


def test_webvtt_has_its_header_and_points_and_escapes_markup():
    talk = Transcript(language="en", duration=3700, segments=(Segment(3600.5, 3601, "a <b> & c --> d"),))
    assert FORMATS["vtt"].write(talk) == ("WEBVTT\n\n01:00:00.500 --> 01:00:01.000\na &lt;b&gt; &amp; c --&gt; d\n\n")


def test_text_is_the_words_and_json_the_whole():
    assert FORMATS["text"].write(TALK) == TALK.text + "\n"
    told = json.loads(FORMATS["json"].write(TALK))
    assert (told["transcription"], told["language"], told["duration"]) == (TALK.text, "ru", 7.5)
    assert told["segments"][0] == {"start": 0.0, "end": 1.25, "text": "Привет, писарь."}


def test_verbose_json_is_json_with_the_task_and_what_the_engine_told_of_each_segment():
    words = (Word(0.0, 0.5, "Привет,"), Word(0.50049, 1.25, "писарь."))
    first = replace(
        TALK.segments[0], words=words, tokens=(3, 5), average_log_probability=-0.25, temperature=0.5, no_speech_probability=0.125
    )
    talk = replace(TALK, segments=(first, TALK.segments[1]), task="translate")
    told = json.loads(FORMATS["verbose_json"].write(talk))
    assert {name: told[name] for name in told if name != "segments"} == {
        "task": "translate",
        "transcription": TALK.text,
        "language": "ru",
        "duration": 7.5,
    }
    assert told["segments"][0] == {
        "id": 0,
        "start": 0.0,
        "end": 1.25,
        "text": "Привет, писарь.",
        "words": [{"word": "Привет,", "start": 0.0, "end": 0.5}, {"word": "писарь.", "start": 0.5, "end": 1.25}],
        "tokens": [3, 5],
        "avg_logprob": -0.25,
        "compression_ratio": round(27 / len(zlib.compress("Привет, писарь.".encode())), 4),
        "temperature": 0.5,
        "no_speech_prob": 0.125,
    }
    assert [(one["id"], one["words"], one["tokens"]) for one in told["segments"]] == [
        (0, told["segments"][0]["words"], [3, 5]),
        (1, [], []),
    ]


def test_what_repeats_itself_is_compressed_above_the_mark_of_a_failed_decoding():
    assert compression_ratio("дальше " * 30) > 2.4
    assert compression_ratio("дальше") < 1
    assert compression_ratio("") == 0


def test_files_in_all_formats_may_lie_beside_one_another():
    assert len({FORMATS[name].extension for name in FILE_FORMATS}) == len(FILE_FORMATS) == 4


def test_silence_is_empty_in_every_format():
    silence = Transcript(language="", duration=2, segments=())
    assert json.loads(FORMATS["verbose_json"].write(silence)) == {
        "task": "transcribe",
        "transcription": "",
        "language": "",
        "duration": 2,
        "segments": [],
    }
    assert [FORMATS[name].write(silence) for name in ("text", "srt", "vtt")] == ["", "", "WEBVTT\n\n"]


def three_cues(*words: Word) -> list[tuple[int, int, str]]:
    """Return when the cues of a segment from second 10 to 40 are shown, with the letter that each has 40 of a line, two lines a cue."""
    text = " ".join(letter * 40 for letter in "aabbcc")
    said = Transcript(language="en", duration=40, segments=(Segment(10, 40, text, words=words),))
    return [(cue.start_ms, cue.end_ms, cue.lines[0][0]) for cue in cues(said)]


def test_cues_of_a_long_segment_last_from_their_first_word_to_their_last():
    starts = (11, 12, 13, 30, 35, 37)
    words = [Word(start, start + 0.75, letter * 40) for start, letter in zip(starts, "aabbcc", strict=True)]
    assert three_cues(*words) == [(10_000, 12_750, "a"), (13_000, 30_750, "b"), (35_000, 40_000, "c")]


@pytest.mark.parametrize("words", [(), (Word(11, 12, "a" * 40),)], ids=["none", "others"])
def test_without_words_of_its_own_a_segments_time_is_shared_out_by_length(words):
    assert three_cues(*words) == [(10_000, 20_000, "a"), (20_000, 30_000, "b"), (30_000, 40_000, "c")]


def test_what_is_said_while_a_cue_still_stands_is_shown_after_it():
    long = " ".join(letter * 40 for letter in "aabbcc")
    said = Transcript(language="en", duration=40, segments=(Segment(0, 10, "before"), Segment(5, 40, long)))
    assert [(cue.start_ms, cue.end_ms) for cue in cues(said)] == [(0, 10_000), (10_000, 20_000), (20_000, 30_000), (30_000, 40_000)]


def test_a_word_longer_than_a_cue_is_shared_out_by_length():
    word = "".join(letter * 84 for letter in "abcd")
    said = Transcript(language="zh", duration=40, segments=(Segment(0, 40, word, words=(Word(4, 36, word),)),))
    assert [(cue.start_ms, cue.end_ms) for cue in cues(said)] == [(0, 12_000), (12_000, 20_000), (20_000, 28_000), (28_000, 40_000)]


@given(TRANSCRIPTS)
def test_cues_are_ordered_apart_short_and_lose_nothing(transcript: Transcript):
    shown = list(cues(transcript))
    assert all(0 <= cue.start_ms < cue.end_ms for cue in shown)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(shown))
    assert all(1 <= len(cue.lines) <= CUE_LINES and all(0 < len(line) <= LINE_CHARACTERS for line in cue.lines) for cue in shown)
    assert squeezed("".join(line for cue in shown for line in cue.lines)) == squeezed(transcript.text)


@given(TRANSCRIPTS)
def test_others_read_the_same_cues_from_both_subtitle_formats(transcript: Transcript):
    expected = [(cue.start_ms, cue.end_ms, "\n".join(cue.lines)) for cue in cues(transcript)]
    from_srt = [
        (round(one.start.total_seconds() * 1000), round(one.end.total_seconds() * 1000), one.content)
        for one in srt.parse(FORMATS["srt"].write(transcript))
    ]
    assert from_srt == expected
    from_vtt = webvtt.from_buffer(io.StringIO(FORMATS["vtt"].write(transcript)))
    assert [(milliseconds(one.start), milliseconds(one.end)) for one in from_vtt] == [cue[:2] for cue in expected]
    unescaped = [one.raw_text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for one in from_vtt]
    assert unescaped == [cue[2] for cue in expected]


def milliseconds(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return round(1000 * (3600 * int(hours) + 60 * int(minutes) + float(seconds)))
