"""A recording of several tracks → the one in which somebody speaks: films have dubbed ones, recorders of meetings one for each person.

The default track is only left when nobody speaks in it, and a look at the others ends with the first who does.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from time import perf_counter
from typing import TYPE_CHECKING

from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits
from pisar.errors import Rejected, Rejection
from pisar.ports.speech import Decoder, SpeechDetector, Spent

if TYPE_CHECKING:
    from pisar.ports.speech import Samples

log = logging.getLogger(__name__)

LOOK_SECONDS = 600.0
"""Of each track so much is listened to first, and all of it only when nobody speaks at the beginning of any."""

PATIENCE_SECONDS = 120.0
"""After this the search is given up: an hour takes about 20 s of a core, so this is a file of many hours that nobody speaks in."""


def spoken_track(
    decoder: Decoder,
    detector: SpeechDetector,
    audio: bytes,
    limits: AudioLimits,
    tracks: Sequence[int],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> int | None:
    """Return the first of these tracks in which anybody speaks, None if there is none or it takes too long to find.

    A track that can't be decoded has nobody in it. All of them together have the CPU time of one file. Raises Rejected(TOO_LONG) for one
    that is over the limit, Unavailable.
    """
    ends, spent = perf_counter() + patience_seconds, Spent()
    for most in (LOOK_SECONDS, math.inf):
        longer = []
        for track in tracks:
            if perf_counter() >= ends:
                return None
            try:
                with closing(decoder.stream(audio, limits, track=track, spent=spent)) as blocks:
                    look = _Look(blocks, most, ends)
                    if next(detector.follow(look), None) is not None:
                        log.info("track chosen", extra={"track": track})
                        return track
            except Rejected as rejection:
                if rejection.code is Rejection.TOO_LONG:
                    raise
            else:
                if look.left:
                    longer.append(track)
        tracks = longer
    return None


class _Look:
    """The beginning of a track. `left`: whether there is more of it."""

    def __init__(self, blocks: "Iterator[Samples]", seconds: float, ends: float) -> None:
        self.left = False
        self._blocks = blocks
        self._seconds = seconds
        self._ends = ends

    def __iter__(self) -> "Iterator[Samples]":
        for block in self._blocks:
            if self._seconds <= 0 or perf_counter() >= self._ends:
                self.left = True
                return
            self._seconds -= len(block) / SAMPLE_RATE_HZ
            yield block
