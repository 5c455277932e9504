"""Transcripts in every format, read back by parsers that others wrote."""

import io
import json
import zlib
from dataclasses import replace

import srt
import webvtt
from hypothesis import given

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats import FILE_FORMATS, FORMATS
from pisar.formats.details import compression_ratio
from pisar.formats.subtitles import cues

from .talks import TRANSCRIPTS

TALK = Transcript(
    language="ru",
    duration=7.5,
    segments=(
        Segment(0.0, 1.25, "Привет, писарь."),
        Segment(1.25, 7.5, "Это длинная фраза, которую никак не уместить в две строки по сорок два знака, поэтому она делится на части."),
    ),
)


def test_subrip_is_numbered_from_one_with_commas():
    first, second, *_ = FORMATS["srt"].write(TALK).split("\n\n")
    assert first == "1\n00:00:00,000 --> 00:00:01,250\nПривет, писарь."
    assert second.startswith("2\n00:00:01,250 --> ")


def test_webvtt_has_its_header_and_points_and_escapes_markup():
    talk = Transcript(language="en", duration=3700, segments=(Segment(3600.5, 3601, "a <b> & c --> d"),))
    assert FORMATS["vtt"].write(talk) == ("WEBVTT\n\n01:00:00.500 --> 01:00:01.333\na &lt;b&gt; &amp; c --&gt; d\n\n")


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
