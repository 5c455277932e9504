"""A transcript of a composed recording → how far its times are off: sentences found by their words, cues over pauses, words out of order.

The words of a recording and those of its transcript are aligned by the least edits, over all of it. A sentence's start is measured where
its first word was heard, or one that is spelt much like it; its end likewise by its last. So what was not heard is a word error and no
error of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import jiwer
from whisper_normalizer.basic import BasicTextNormalizer

from benchmarks.hearing.recordings import Composed

PAUSE_SECONDS = 1.0
"""Nothing may be on screen for longer than this while nobody speaks."""
ALIKE = 0.5
"""difflib's ratio from which a word that was heard is taken for the one that was said, misspelt."""
TOLERANCE_SECONDS = 0.0015
"""A subtitle's times are whole milliseconds."""

_PLAIN = BasicTextNormalizer()


@dataclass(frozen=True, slots=True)
class Times:
    """`starts` and `ends`: seconds by which each sentence that was found is late (early below nought). The rest counts.

    `sentences`: how many there are. `over_pauses`: cues that are on screen for over a second of a pause. `pauses`: how many are that long.
    `disordered`: words that begin before the one before them, or lie outside of their segment, or end before they begin.
    """

    sentences: int
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    pauses: int
    over_pauses: int
    disordered: int

    def __add__(self, other: "Times") -> "Times":
        return Times(
            self.sentences + other.sentences,
            self.starts + other.starts,
            self.ends + other.ends,
            self.pauses + other.pauses,
            self.over_pauses + other.over_pauses,
            self.disordered + other.disordered,
        )


NONE = Times(0, (), (), 0, 0, 0)


def measure(recording: Composed, segments: Sequence[dict[str, Any]], cues: Sequence[Sequence[Any]] | None = None) -> Times:
    """Return how a transcript's times stand to a recording's; without `cues` the segments are taken for them.

    A segment has `start`, `end`, `text` and `words`, each of those its start, end and text; one without words has its own times for all.
    """
    heard = [(start, end, word) for one in segments for start, end, text in _timed(one) for word in _plain(text)]
    said = [(number, word) for number, one in enumerate(recording.sentences) for word in _plain(one.text)]
    found = _aligned([word for _, word in said], [word for _, _, word in heard])
    first = {number: index for index, (number, _) in reversed(list(enumerate(said)))}
    last = {number: index for index, (number, _) in enumerate(said)}
    shown = [(one["start"], one["end"]) for one in segments] if cues is None else [(start, end) for start, end, *_ in cues]
    long = [pause for pause in recording.pauses if pause[1] - pause[0] > PAUSE_SECONDS]
    sentences = list(enumerate(recording.sentences))
    return Times(
        sentences=len(sentences),
        starts=tuple(heard[found[first[number]]][0] - one.start for number, one in sentences if first[number] in found),
        ends=tuple(heard[found[last[number]]][1] - one.end for number, one in sentences if last[number] in found),
        pauses=len(long),
        over_pauses=sum(any(min(end, after) - max(start, before) > PAUSE_SECONDS for before, after in long) for start, end in shown),
        disordered=_disordered(segments),
    )


def _timed(segment: dict[str, Any]) -> Sequence[Sequence[Any]]:
    return segment["words"] or [(segment["start"], segment["end"], segment["text"])]


def _plain(text: str) -> list[str]:
    return str(_PLAIN(text)).replace("ё", "е").split()


def _aligned(said: list[str], heard: list[str]) -> dict[int, int]:
    """Return which word that was heard stands for which word that was said, by their numbers."""
    if not said or not heard:
        return {}
    pairs = [
        (chunk.type == "equal", before, after)
        for chunk in jiwer.process_words(" ".join(said), " ".join(heard)).alignments[0]
        if chunk.type in {"equal", "substitute"}
        for before, after in enumerate(range(chunk.hyp_start_idx, chunk.hyp_end_idx), chunk.ref_start_idx)
    ]
    return {before: after for equal, before, after in pairs if equal or _alike(said[before], heard[after])}


def _alike(said: str, heard: str) -> bool:
    return SequenceMatcher(None, said, heard).ratio() >= ALIKE


def _disordered(segments: Sequence[dict[str, Any]]) -> int:
    count, latest = 0, 0.0
    for one in segments:
        for start, end, _ in one["words"]:
            inside = one["start"] - TOLERANCE_SECONDS <= start and end <= one["end"] + TOLERANCE_SECONDS
            count += not (inside and latest - TOLERANCE_SECONDS <= start <= end)
            latest = start
    return count
