"""Audio → transcript: decode, find the speech, recognise only that, put the times back where they were spoken."""

import logging
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.speech import Span, pieces, to_recording, total_seconds
from pisar.domain.transcripts import Segment, Transcript, without_loops
from pisar.ports import Decoder, Engine, SpeechDetector

if TYPE_CHECKING:
    from pisar.ports import Samples

log = logging.getLogger(__name__)

PIECE_SECONDS = 28.0
"""Whisper hears 30 s at a time: one full window a piece, with room for the times it gives to be right."""


class Recognition:
    """The pure work of a transcription: no job, no chat, nothing kept."""

    def __init__(
        self, decoder: Decoder, detector: SpeechDetector, engine: Engine, limits: AudioLimits, *, piece_seconds: float = PIECE_SECONDS
    ) -> None:
        self._decoder = decoder
        self._detector = detector
        self._engine = engine
        self._limits = limits
        self._piece_seconds = piece_seconds

    def recognise(self, audio: bytes, options: Options, *, on_progress: Callable[[float], None] | None = None) -> Transcript:
        """Return the transcript of an audio file; one without segments when nobody speaks. Raises Rejected as the decoder does.

        `on_progress` is told the share of the recording that is done, silence included: never less than before, and 1.0 at the end.
        """
        samples = self._decoder.decode(audio, self._limits)
        duration = len(samples) / SAMPLE_RATE_HZ
        log.info("decoded", extra={"audio_seconds": round(duration, 2)})
        cut = pieces(self._detector.find(samples), duration, max_seconds=self._piece_seconds)
        speech_seconds = sum(map(total_seconds, cut))
        log.info("listened", extra={"speech_seconds": round(speech_seconds, 2), "pieces": len(cut)})
        started = perf_counter()
        segments: list[Segment] = []
        language = ""
        for piece in cut:
            # One recording is in one language: that of its first piece in which anything is said.
            asked = replace(options, language=language) if language else options
            tell = on_progress and _in_recording(on_progress, piece, duration)
            heard = self._engine.transcribe(_speech(samples, piece), asked, on_progress=tell)
            language = language or heard.language
            segments += (Segment(to_recording(one.start, piece), to_recording(one.end, piece), one.text) for one in heard.segments)
        if on_progress:
            on_progress(1.0)
        said = without_loops(segments)
        if cut:
            log.info("recognised", extra={"engine_seconds": round(perf_counter() - started, 3), "language": language})
        return Transcript(language=language if said else "", duration=duration, segments=said)


def _in_recording(on_progress: Callable[[float], None], piece: tuple[Span, ...], duration: float) -> Callable[[float], None]:
    """Return what turns a share of the piece into one of the recording."""
    return lambda share: on_progress(to_recording(share * total_seconds(piece), piece) / duration)


def _speech(samples: "Samples", spans: tuple[Span, ...]) -> "Samples":
    import numpy as np  # noqa: PLC0415 - the functions import flows too and have no numpy

    return np.concatenate([samples[int(span.start * SAMPLE_RATE_HZ) : int(span.end * SAMPLE_RATE_HZ)] for span in spans])
