"""A transcript as OpenAI's API answers it, so that clients written for that one read ours. Pure.

The rule: what its reference names is there under its name (Create transcription, Create translation, Transcription streaming events;
the official client's `openai.types.audio` in version 3.57), filled as the model whisper-1 fills it, and nothing is made up. So the
last event of a stream has no `usage`: there it can only be counted in tokens, which nobody is billed for here.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from pisar.domain.options import LANGUAGES
from pisar.domain.transcripts import Segment, Transcript
from pisar.formats import as_text
from pisar.formats.details import decoding, words
from pisar.formats.subtitles import srt, vtt

SEGMENT, WORD = "segment", "word"

GRANULARITIES = (SEGMENT, WORD)
"""What `timestamp_granularities[]` may ask for."""

EVENTS_MEDIA_TYPE = "text/event-stream"
"""What a stream of `text_delta` and `text_done` is sent as."""

FRAMES_PER_SECOND = 100
"""Whisper's spectrogram has a frame every 10 ms; `seek` counts them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How to answer with a transcript: the media type, and the function from transcript and asked granularities to text."""

    media_type: str
    write: Callable[[Transcript, Collection[str]], str]


def as_json(transcript: Transcript) -> Mapping[str, Any]:
    """Return the object of `response_format` json."""
    return {"text": transcript.text, "usage": _usage(transcript)}


def as_verbose_json(transcript: Transcript, granularities: Collection[str] = (SEGMENT,)) -> Mapping[str, Any]:
    """Return the object of `response_format` verbose_json, with words if asked, and without segments if only words are asked."""
    shown: dict[str, Any] = {
        "task": transcript.task,
        "language": _language(transcript),
        "duration": round(transcript.duration, 3),
        "text": transcript.text,
    }
    if WORD in granularities:
        shown["words"] = words(transcript.segments)
    if SEGMENT in granularities or WORD not in granularities:
        shown["segments"] = [_segment(number, segment) for number, segment in enumerate(transcript.segments)]
    return shown | {"usage": _usage(transcript)}


FORMATS: Mapping[str, Answer] = {
    "json": Answer("application/json", lambda transcript, _: _dumped(as_json(transcript))),
    "text": Answer("text/plain; charset=utf-8", lambda transcript, _: as_text(transcript)),
    "srt": Answer("application/x-subrip; charset=utf-8", lambda transcript, _: srt(transcript)),
    "verbose_json": Answer("application/json", lambda transcript, granularities: _dumped(as_verbose_json(transcript, granularities))),
    "vtt": Answer("text/vtt; charset=utf-8", lambda transcript, _: vtt(transcript)),
}
"""Every `response_format` that whisper-1 has, by its name."""


def text_delta(segments: Iterable[Segment], *, first: bool) -> str:
    """Return the event with the text of more segments; the deltas of a transcript's segments, joined, are its text.

    `first`: no event came before this one.
    """
    text = " ".join(segment.text for segment in segments)
    return event({"type": "transcript.text.delta", "delta": text if first else f" {text}"})


def text_done(transcript: Transcript) -> str:
    """Return the event that ends a stream: the whole text."""
    return event({"type": "transcript.text.done", "text": transcript.text})


def event(data: Mapping[str, Any]) -> str:
    """Return a server-sent event (html.spec.whatwg.org, "Server-sent events"). Of an `error`, the official client raises it."""
    return f"data: {_dumped(data)}\n\n"


def error(message: str, kind: str, param: str | None = None, code: str | None = None) -> Mapping[str, Any]:
    """Return the object of an error. `kind` is its `type`, such as invalid_request_error; `param` the field it is about."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _segment(number: int, segment: Segment) -> Mapping[str, Any]:
    """Return a segment; its text begins with a blank, as Whisper's own do, so that joined they are a text."""
    return {
        "id": number,
        "seek": round(FRAMES_PER_SECOND * segment.start),
        "start": round(segment.start, 3),
        "end": round(segment.end, 3),
        "text": f" {segment.text}",
        **decoding(segment),
    }


def _language(transcript: Transcript) -> str:
    """Return the English name of the text's language; "" if nobody spoke and none was found out."""
    if transcript.task == "translate":
        return "english"
    return LANGUAGES.get(transcript.language, transcript.language)


def _usage(transcript: Transcript) -> Mapping[str, Any]:
    return {"type": "duration", "seconds": ceil(transcript.duration)}


def _dumped(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)
