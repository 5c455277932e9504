"""The decoding details of a segment and its words (tokens, log probability, temperature), named as in Whisper and OpenAI's API. Pure."""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from pisar.domain.corrections import CorrectedSegment, CorrectedWord
from pisar.domain.transcripts import Segment, Word


def decoding(segment: Segment) -> Mapping[str, Any]:
    """Return a segment's tokens and how sure they are; `no_speech_prob` is 1 less the share of its time in which speech was heard."""
    return {
        "tokens": list(segment.tokens),
        "avg_logprob": round(segment.average_log_probability, 4),
        "compression_ratio": round(compression_ratio(segment.text), 4),
        "temperature": segment.temperature,
        "no_speech_prob": round(segment.no_speech_probability, 4),
    }


def words(segments: Iterable[Segment]) -> list[Mapping[str, Any]]:
    """Return the words of segments, times in seconds."""
    return [
        {"word": word.text, "start": round(word.start, 3), "end": round(word.end, 3), **original(word)}
        for segment in segments
        for word in segment.words
    ]


def original(one: Word | Segment) -> Mapping[str, str]:
    """Return what was heard in the place of a corrected word or segment; nothing for one as it was heard."""
    return {"original": one.original} if isinstance(one, CorrectedWord | CorrectedSegment) else {}


def compression_ratio(text: str) -> float:
    """Return how much shorter zlib makes a text in UTF-8: above 2.4 it most likely repeats itself (openai/whisper, `utils.py`)."""
    spelled = text.encode()
    return len(spelled) / len(zlib.compress(spelled))
