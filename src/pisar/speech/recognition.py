"""Turns audio into a transcript: decodes it, finds the speech, recognises only that, and maps the times back to the recording."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.speech import Plan, Span, pieces, placed, sample_at, seams, to_recording, total_seconds
from pisar.domain.transcripts import Segment, Transcript, without_loops
from pisar.ports.speech import Decoder, Engine, SpeechDetector
from pisar.speech.cutting import Cutting
from pisar.speech.loudness import raise_quiet
from pisar.speech.tracks import spoken_track

if TYPE_CHECKING:
    from pisar.ports.speech import Samples

log = logging.getLogger(__name__)

PIECE_SECONDS = 28.0
"""The longest piece in seconds: Whisper hears 30 s at a time, and a shorter piece leaves room for the times it gives to be right."""


LANGUAGE_PIECES = 5
"""How many pieces of a long recording's part are tried to detect the language for all parts; after that the next part is tried."""


@dataclass(frozen=True, eq=False)
class Heard:
    """A decoded recording: its samples, the spans in which somebody speaks (`found`), and the pieces for the engine.

    `pieces`: the spans of `found` with margins around them; none when nobody speaks.
    """

    samples: "Samples"
    found: tuple[Span, ...]
    pieces: tuple[tuple[Span, ...], ...]

    @cached_property
    def duration(self) -> float:
        """The recording's length in seconds."""
        return len(self.samples) / SAMPLE_RATE_HZ

    @cached_property
    def speech_seconds(self) -> float:
        """The seconds of the recording that the engine will hear, margins included."""
        return sum(map(total_seconds, self.pieces))


class Recognition:
    """Decoding, speech detection and recognition together, without jobs, chats or storage. First `listen`, then `recognise`."""

    def __init__(
        self, decoder: Decoder, detector: SpeechDetector, engine: Engine, limits: AudioLimits, *, piece_seconds: float = PIECE_SECONDS
    ) -> None:
        self._decoder = decoder
        self._detector = detector
        self._engine = engine
        self._limits = limits
        self._piece_seconds = piece_seconds

    def listen(self, audio: bytes, *, plan: Plan | None = None, max_seconds: float | None = None, track: int | None = None) -> Heard:
        """Decode an audio file and find the speech in it, a small part of the work; with a `plan` the speech is known already.

        Of several tracks it decodes the one asked for, else the default one, else the first in which anybody speaks. Raises Rejected as the
        decoder does; TOO_LONG for a recording longer than `max_seconds` or the limits.
        """
        limits = self._limits
        if max_seconds is not None:
            limits = replace(limits, max_seconds=min(max_seconds, limits.max_seconds))
        samples = self._decoded(audio, limits, track)
        if plan is None:
            found = self._detector.find(samples)
            if not found and track is None and (other := self._spoken(audio, limits, self._decoder.tracks(audio)[1:])) is not None:
                samples = self._decoded(audio, limits, other)
                found = self._detector.find(samples)
            plan = Plan(found, pieces(found, len(samples) / SAMPLE_RATE_HZ, max_seconds=self._piece_seconds))
        raise_quiet(samples, plan.pieces)
        heard = Heard(samples, plan.found, plan.pieces)
        log.info("listened", extra={"speech_seconds": round(heard.speech_seconds, 2), "pieces": len(heard.pieces)})
        return heard

    def cut(self, audio: bytes, *, part_seconds: float, track: int | None = None) -> "Cutting":
        """Return an iterator over the parts of a recording that is too long for one. Iteration raises Rejected as the decoder does.

        The track is chosen first, as `listen` chooses it.
        """
        if track is None and len(tracks := self._decoder.tracks(audio)) > 1:
            track = self._spoken(audio, self._limits, tracks)
        blocks = self._decoder.stream(audio, self._limits, track=track)
        return Cutting(blocks, self._detector, piece_seconds=self._piece_seconds, part_seconds=part_seconds)

    def _decoded(self, audio: bytes, limits: AudioLimits, track: int | None) -> "Samples":
        samples = self._decoder.decode(audio, limits, track=track)
        log.info("decoded", extra={"audio_seconds": round(len(samples) / SAMPLE_RATE_HZ, 2)})
        return samples

    def _spoken(self, audio: bytes, limits: AudioLimits, tracks: tuple[int, ...]) -> int | None:
        return spoken_track(self._decoder, self._detector, audio, limits, tracks)

    def language_of(self, samples: "Samples", plan: Plan, options: Options, *, check: Callable[[], None]) -> str:
        """Return the language of the first piece in which anything is said, "" if nothing is. Recognises no more pieces than that takes."""
        raise_quiet(samples, plan.pieces[:LANGUAGE_PIECES])
        for piece in plan.pieces[:LANGUAGE_PIECES]:
            answer = self._engine.transcribe(_speech(samples, piece), options, check=check)
            if answer.language:
                return answer.language
        return ""

    def recognise(
        self,
        heard: Heard,
        options: Options,
        *,
        on_progress: Callable[[float], None] | None = None,
        on_segments: Callable[[tuple[Segment, ...]], None] | None = None,
        check: Callable[[], None] | None = None,
    ) -> Transcript:
        """Return the transcript of a recording; one without segments when nobody speaks.

        `on_progress` is called with the share of the recording that is done, silence included: it never falls, and is 1.0 at the end.
        `on_segments` is called with the segments of each piece in which anything is said, as soon as they are known; together they are the
        transcript's. `check` is called often, by the engine. Whatever any of them raises stops the work and comes out.
        """
        started = perf_counter()
        said: tuple[Segment, ...] = ()
        languages: Counter[str] = Counter()
        for piece in heard.pieces:
            # What is spoken where a recording begins is expected from there on; a piece in another language must be surer of that.
            first = next(iter(languages), "")
            asked = replace(options, expected=(first,)) if first else options
            tell = on_progress and _in_recording(on_progress, piece, heard.duration)
            answer = self._engine.transcribe(_speech(heard.samples, piece), asked, seams=seams(piece), on_progress=tell, check=check)
            before = said
            said = without_loops((*before, *(placed(segment, piece, heard.found) for segment in answer.segments)))
            if answer.language:
                languages[answer.language] += sum(len(segment.text) for segment in answer.segments)
            if on_segments and len(said) > len(before):
                on_segments(said[len(before) :])
        if on_progress:
            on_progress(1.0)
        language = max(languages, key=lambda code: languages[code], default="")
        if heard.pieces:
            log.info("recognised", extra={"engine_seconds": round(perf_counter() - started, 3), "language": ",".join(languages)})
        return Transcript(language=language if said else "", duration=heard.duration, segments=said, task=options.task)


def _in_recording(on_progress: Callable[[float], None], piece: tuple[Span, ...], duration: float) -> Callable[[float], None]:
    """Return a function that turns a share of the piece into one of the recording."""
    seconds = total_seconds(piece)
    return lambda share: on_progress(to_recording(share * seconds, piece) / duration)


def _speech(samples: "Samples", spans: tuple[Span, ...]) -> "Samples":
    import numpy as np  # noqa: PLC0415 - the functions import flows too and have no numpy

    return np.concatenate([samples[sample_at(span.start) : sample_at(span.end)] for span in spans])
