"""A transcript as people and programs want it: plain text, subtitles, JSON. Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pisar.domain.bucket import MEDIA_TYPES
from pisar.domain.transcripts import Transcript
from pisar.formats.details import decoding, original, words
from pisar.formats.paragraphs import in_paragraphs
from pisar.formats.subtitles import srt, vtt


@dataclass(frozen=True, slots=True)
class Format:
    """How to write a transcript: its media type, the usual file extension, and the function from transcript to text."""

    media_type: str
    extension: str
    write: Callable[[Transcript], str]
    shows_places: bool = False
    """Whether segments and words that a client took away keep their places, empty."""


def as_json(transcript: Transcript) -> Mapping[str, Any]:
    """Return the transcript as Pisar's API answers it: text, language, duration in seconds, segments with times in seconds.

    The text is one line, whatever its length: programs find the segments' texts in it, and those of a stream's events.
    """
    return {
        "transcription": transcript.text,
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "segments": [{"start": round(one.start, 3), "end": round(one.end, 3), "text": one.text} for one in transcript.segments],
    }


def as_verbose_json(transcript: Transcript) -> Mapping[str, Any]:
    """Return what `as_json` does, with the task, and for each segment its number from 0, its words, and what `decoding` tells."""
    plain = as_json(transcript)
    segments = [
        {"id": number, **shown, "words": words([segment]), **decoding(segment), **original(segment)}
        for number, (shown, segment) in enumerate(zip(plain["segments"], transcript.segments, strict=True))
    ]
    return {"task": transcript.task, **plain, "segments": segments}


def as_text(transcript: Transcript) -> str:
    """Return the text, a long one in paragraphs with an empty line between them, and a line end; nothing at all if nobody spoke."""
    return in_paragraphs(transcript) + "\n" if transcript.segments else ""


FORMATS: Mapping[str, Format] = {
    "json": Format(MEDIA_TYPES["json"], "json", lambda transcript: json.dumps(as_json(transcript), ensure_ascii=False)),
    "verbose_json": Format(
        MEDIA_TYPES["json"], "json", lambda transcript: json.dumps(as_verbose_json(transcript), ensure_ascii=False), shows_places=True
    ),
    "text": Format(MEDIA_TYPES["txt"], "txt", as_text),
    "srt": Format(MEDIA_TYPES["srt"], "srt", srt),
    "vtt": Format(MEDIA_TYPES["vtt"], "vtt", vtt),
}
"""Every format by the name an API caller gives it."""

FILE_FORMATS = ("json", "text", "srt", "vtt")
"""The formats that files are written in: no two have the same extension, so that all of them may lie beside one recording."""
