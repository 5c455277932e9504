"""Transcripts as OpenAI's API answers them: the shapes are those of its reference and of its official client's types."""

import json
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats import FORMATS as OURS
from pisar.formats import openai

HELLO = Segment(
    0.0,
    1.25,
    "Привет, писарь.",
    words=(Word(0.0, 0.5, "Привет,"), Word(0.50049, 1.25, "писарь.")),
    tokens=(3, 5),
    average_log_probability=-0.25,
    temperature=0.5,
    no_speech_probability=0.125,
)
TALK = Transcript(language="ru", duration=7.2504, segments=(HELLO, Segment(2.5, 7.25, "Как дела?", words=(Word(2.5, 3.0, "Как"),))))
SILENCE = Transcript(language="", duration=2.0, segments=())

SHOWN_HELLO = {
    "id": 0,
    "seek": 0,
    "start": 0.0,
    "end": 1.25,
    "text": " Привет, писарь.",
    "tokens": [3, 5],
    "temperature": 0.5,
    "avg_logprob": -0.25,
    "compression_ratio": round(27 / len(zlib.compress("Привет, писарь.".encode())), 4),
    "no_speech_prob": 0.125,
}
SHOWN_WORDS = [
    {"word": "Привет,", "start": 0.0, "end": 0.5},
    {"word": "писарь.", "start": 0.5, "end": 1.25},
    {"word": "Как", "start": 2.5, "end": 3.0},
]


def told(name: str, transcript: Transcript = TALK, granularities: tuple[str, ...] = ("segment",)) -> object:
    return json.loads(openai.FORMATS[name].write(transcript, granularities))


def data(event: str) -> dict[str, object]:
    assert event.startswith("data: ")
    assert event.endswith("\n\n")
    assert event.count("\n") == 2
    return json.loads(event.removeprefix("data: "))


def test_json_is_the_text_and_the_begun_seconds():
    assert told("json") == {"text": "Привет, писарь. Как дела?", "usage": {"type": "duration", "seconds": 8}}
    assert told("json", SILENCE) == {"text": "", "usage": {"type": "duration", "seconds": 2}}


def test_verbose_json_has_segments_under_whispers_names():
    answer = told("verbose_json")
    assert {name: answer[name] for name in answer if name != "segments"} == {
        "task": "transcribe",
        "language": "russian",
        "duration": 7.25,
        "text": "Привет, писарь. Как дела?",
        "usage": {"type": "duration", "seconds": 8},
    }
    first, second = answer["segments"]
    assert first == SHOWN_HELLO
    assert (second["id"], second["seek"], second["text"]) == (1, 250, " Как дела?")


@pytest.mark.parametrize(
    ("granularities", "parts"),
    [
        ((), {"segments"}),
        (("segment",), {"segments"}),
        (("word",), {"words"}),
        (("word", "segment"), {"words", "segments"}),
    ],
)
def test_verbose_json_has_words_and_segments_as_asked(granularities, parts):
    answer = told("verbose_json", TALK, granularities)
    assert answer.keys() - {"task", "language", "duration", "text", "usage"} == parts
    assert answer.get("words", SHOWN_WORDS) == SHOWN_WORDS
    assert answer.get("segments", [SHOWN_HELLO])[0] == SHOWN_HELLO


def test_a_translation_is_in_english_whatever_was_spoken():
    answer = told("verbose_json", replace(TALK, task="translate"))
    assert (answer["task"], answer["language"]) == ("translate", "english")


def test_silence_has_no_language_and_no_segments():
    answer = told("verbose_json", SILENCE, ("word", "segment"))
    assert (answer["language"], answer["text"], answer["segments"], answer["words"]) == ("", "", [], [])


@pytest.mark.parametrize("name", ["text", "srt", "vtt"])
def test_text_and_subtitles_are_our_own(name):
    assert openai.FORMATS[name].write(TALK, ()) == OURS[name].write(TALK)
    assert openai.FORMATS[name].media_type == OURS[name].media_type


def test_objects_are_json_by_their_media_type():
    assert {name for name in openai.FORMATS if openai.FORMATS[name].media_type == "application/json"} == {"json", "verbose_json"}


def test_a_stream_is_deltas_and_the_whole_text():
    assert data(openai.text_delta([HELLO], first=True)) == {"type": "transcript.text.delta", "delta": "Привет, писарь."}
    assert data(openai.text_delta([HELLO], first=False)) == {"type": "transcript.text.delta", "delta": " Привет, писарь."}
    assert data(openai.text_done(TALK)) == {"type": "transcript.text.done", "text": "Привет, писарь. Как дела?"}


TEXTS = st.text(min_size=1, max_size=10).filter(str.strip).map(str.strip)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=4))
def test_the_deltas_of_a_transcript_joined_are_its_text(pieces):
    told = [[Segment(0, 1, text) for text in texts] for texts in pieces]
    transcript = Transcript(language="en", duration=1, segments=tuple(segment for segments in told for segment in segments))
    deltas = [data(openai.text_delta(segments, first=number == 0))["delta"] for number, segments in enumerate(told)]
    assert "".join(deltas) == data(openai.text_done(transcript))["text"] == transcript.text


def test_an_error_names_its_type_the_field_and_a_code():
    assert openai.error("No.", "invalid_request_error") == {
        "error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}
    }
    assert openai.error("No.", "server_error", "file", "too_big") == {
        "error": {"message": "No.", "type": "server_error", "param": "file", "code": "too_big"}
    }
    assert data(openai.event(openai.error("Да.", "server_error")))["error"]["message"] == "Да."
