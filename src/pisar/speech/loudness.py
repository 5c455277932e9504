"""Quiet speech → speech as loud as most, for an engine that hears the quiet less well.

whisper.cpp takes all that is below a fixed power for silence (the 1e-10 of its logarithm), so a voice at -45 dBFS loses its consonants:
"Colors waiting" for "Callers waiting". Where somebody speaks is found out beforehand, so nothing is made speech by this; and each piece
is raised by its own loudness, so that a long recording that is cut into parts gets the same samples as one that is not.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pisar.domain.speech import Span, sample_at

if TYPE_CHECKING:
    from pisar.ports.speech import Samples

QUIET_RMS = 0.0126
"""-38 dBFS: whoever is louder is left as they are, and nearly everybody is (a voice message has about -20 dBFS)."""

WANTED_RMS = 0.1
"""-20 dBFS."""

MOST_PEAK, MOST_GAIN = 0.9, 100.0
"""Nothing is clipped by it, and nothing raised by more than 40 dB: below that there is more rounding than voice."""


def raise_quiet(samples: "Samples", pieces: Iterable[tuple[Span, ...]]) -> None:
    """Make the pieces that are quiet louder, in place."""
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
