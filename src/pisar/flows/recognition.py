"""Audio → transcript: decode, find the speech, recognise only that, put the times back where they were spoken."""

import logging
from time import perf_counter
from typing import TYPE_CHECKING

from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.speech import Span, to_recording, widen
from pisar.domain.transcripts import Segment, Transcript, without_loops
from pisar.ports import Decoder, Engine, SpeechDetector

if TYPE_CHECKING:
    from pisar.ports import Samples

log = logging.getLogger(__name__)


class Recognition:
    """The pure work of a transcription: no job, no chat, nothing kept."""

    def __init__(self, decoder: Decoder, detector: SpeechDetector, engine: Engine, limits: AudioLimits) -> None:
        self._decoder = decoder
        self._detector = detector
        self._engine = engine
        self._limits = limits

    def recognise(self, audio: bytes, options: Options) -> Transcript:
        """Return the transcript of an audio file; one without segments when nobody speaks. Raises Rejected as the decoder does."""
        samples = self._decoder.decode(audio, self._limits)
        duration = len(samples) / SAMPLE_RATE_HZ
        log.info("decoded", extra={"audio_seconds": round(duration, 2)})
        spans = widen(self._detector.find(samples), duration)
        log.info("listened", extra={"speech_seconds": round(sum(span.end - span.start for span in spans), 2)})
        if not spans:
            return Transcript(language="", duration=duration, segments=())
        started = perf_counter()
        heard = self._engine.transcribe(_speech(samples, spans), options)
        segments = without_loops(
            Segment(to_recording(segment.start, spans), to_recording(segment.end, spans), segment.text) for segment in heard.segments
        )
        log.info("recognised", extra={"engine_seconds": round(perf_counter() - started, 3), "language": heard.language})
        return Transcript(language=heard.language if segments else "", duration=duration, segments=segments)


def _speech(samples: "Samples", spans: tuple[Span, ...]) -> "Samples":
    import numpy as np  # noqa: PLC0415 - the functions import flows too and have no numpy

    return np.concatenate([samples[int(span.start * SAMPLE_RATE_HZ) : int(span.end * SAMPLE_RATE_HZ)] for span in spans])
