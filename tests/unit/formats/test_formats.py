"""Transcripts in every format, read back by parsers that others wrote."""

import io
import json
from itertools import pairwise

import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.transcripts import Segment, Transcript
from pisar.formats import FORMATS
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
TRANSCRIPTS = st.lists(SEGMENTS, max_size=6).map(
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


def test_silence_is_empty_in_every_format():
    silence = Transcript(language="", duration=2, segments=())
    assert [FORMATS[name].write(silence) for name in ("text", "srt", "vtt")] == ["", "", "WEBVTT\n\n"]


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
