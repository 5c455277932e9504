"""SRT and WebVTT: cues in order, none empty, none overlapping, of at most two lines of 42 characters.

A long segment becomes several cues; its time is shared out by their length, since nobody told when each word was spoken.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from pisar.domain.transcripts import Transcript

LINE_CHARACTERS = 42
"""The longest line that is read at a glance: Netflix's Timed Text Style Guide, "Character Limitation"."""

CUE_LINES = 2


@dataclass(frozen=True, slots=True)
class Cue:
    """What is on screen from `start_ms` to `end_ms` (exclusive)."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues(transcript: Transcript) -> Iterator[Cue]:
    """Yield a transcript's cues."""
    free_from = 0
    for segment in transcript.segments:
        lines = textwrap.wrap(segment.text, LINE_CHARACTERS)
        blocks = [tuple(lines[index : index + CUE_LINES]) for index in range(0, len(lines), CUE_LINES)]
        characters = sum(map(_length, blocks))
        began = start = max(free_from, round(1000 * segment.start))
        duration = max(len(blocks), round(1000 * segment.end) - began)
        shown = 0
        for block in blocks:
            shown += _length(block)
            end = max(start + 1, began + duration * shown // characters)
            yield Cue(start, end, block)
            start = end
        free_from = start


def srt(transcript: Transcript) -> str:
    """Return the transcript as SubRip: numbered from 1, a comma before the milliseconds."""
    return "".join(
        f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n" + "\n".join(cue.lines) + "\n\n"
        for number, cue in enumerate(cues(transcript), 1)
    )


def vtt(transcript: Transcript) -> str:
    """Return the transcript as WebVTT (w3.org/TR/webvtt1): its header, a point before the milliseconds, markup escaped."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}\n" + "\n".join(map(_escaped, cue.lines)) + "\n\n"
        for cue in cues(transcript)
    )


def _length(block: tuple[str, ...]) -> int:
    return sum(map(len, block))


def _clock(milliseconds: int, mark: str) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{thousandths:03}"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
