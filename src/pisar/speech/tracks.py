"""Chooses the track of a recording in which somebody speaks: films have dubbed tracks, recorders of meetings one for each person.

The default track is kept unless nobody speaks in it. The search in the others ends with the first in which somebody speaks.
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
"""How many seconds of each track are searched first; whole tracks are searched only when nobody speaks in any of these beginnings."""

PATIENCE_SECONDS = 120.0
"""After this time the search ends: an hour of sound takes about 20 s of a core, so the file has many hours without speech."""


def spoken_track(
    decoder: Decoder,
    detector: SpeechDetector,
    audio: bytes,
    limits: AudioLimits,
    tracks: Sequence[int],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> int | None:
    """Return the first of these tracks in which anybody speaks, None if there is none or the search takes too long.

    A track that can't be decoded counts as silent. All tracks together may use the CPU time of one file. Raises Rejected(TOO_LONG) for a
    track over the limit, and Unavailable.
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
    """The beginning of a track. `left`: whether there is more of the track."""

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
