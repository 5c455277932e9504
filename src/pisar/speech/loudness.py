"""Makes quiet speech as loud as most speech is, for an engine that hears quiet speech less well.

whisper.cpp takes all power below a fixed value for silence (the 1e-10 of its logarithm), so a voice at -45 dBFS loses its consonants:
"Colors waiting" for "Callers waiting". Speech is detected beforehand, so louder noise does not become speech. Each piece is raised by its
own loudness, so that the parts of a long recording get the same samples as the uncut recording.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pisar.domain.speech import Span, sample_at

if TYPE_CHECKING:
    from pisar.ports.speech import Samples

QUIET_RMS = 0.0126
"""The loudness below which a piece is raised: -38 dBFS. Nearly all speech is louder (a voice message has about -20 dBFS)."""

WANTED_RMS = 0.1
"""The loudness that a quiet piece is raised to: -20 dBFS."""

MOST_PEAK, MOST_GAIN = 0.9, 100.0
"""Limits of the raise: no sample is clipped, and none is raised by more than 40 dB, below which there is more rounding than voice."""


def raise_quiet(samples: "Samples", pieces: Iterable[tuple[Span, ...]]) -> None:
    """Raise the quiet pieces of the samples, in place."""
    import numpy as np  # noqa: PLC0415 - the functions import flows too and have no numpy

    for piece in pieces:
        spoken = [samples[sample_at(span.start) : sample_at(span.end)] for span in piece]
        power = sum(float(np.dot(one, one)) for one in spoken) / max(1, sum(map(len, spoken)))
        if not 0 < power < QUIET_RMS**2:
            continue
        peak = max(float(np.abs(one).max()) for one in spoken if len(one))
        gain = min(WANTED_RMS / power**0.5, MOST_PEAK / peak, MOST_GAIN)
        for one in spoken:
            np.multiply(one, np.float32(gain), out=one)
