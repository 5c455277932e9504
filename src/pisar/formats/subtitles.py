"""SRT and WebVTT: cues in order, none empty, none overlapping, of at most two lines of 42 characters.

A long segment becomes several cues. Each lasts from its first word to its last; where nobody told when the words were spoken, the
segment's time is shared out by the cues' length.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pisar.domain.transcripts import Segment, Transcript, Word

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
        began = replace(segment, start=max(segment.start, free_from / 1000))
        for block, (start, end) in zip(blocks, _times(began, blocks), strict=True):
            start_ms = max(free_from, round(1000 * start))
            free_from = max(start_ms + 1, round(1000 * end))
            yield Cue(start_ms, free_from, block)


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


def _times(segment: Segment, blocks: Sequence[tuple[str, ...]]) -> Iterator[tuple[float, float]]:
    """Yield when each block of a segment's lines is spoken, in seconds: the first from its start, the last to its end."""
    words = segment.words
    if _squeezed(*(word.text for word in words)) != _squeezed(segment.text):
        words = (Word(segment.start, segment.end, segment.text),)
    passed = 0
    for index, block in enumerate(blocks, 1):
        first, passed = passed, passed + len(_squeezed(*block))
        yield (
            segment.start if index == 1 else _time(words, first, ends=False),
            segment.end if index == len(blocks) else _time(words, passed, ends=True),
        )


def _time(words: Sequence[Word], place: int, *, ends: bool) -> float:
    """Return when the text that begins, or `ends`, at a place among the letters of the words does so; within a word it is shared out."""
    for word in words:
        length = len(_squeezed(word.text))
        if place < length or (ends and place == length):
            return word.start + (word.end - word.start) * place / length
        place -= length
    return words[-1].end


def _squeezed(*texts: str) -> str:
    """Return the texts' letters without any blanks, which lines and words have in different places."""
    return "".join("".join(texts).split())


def _clock(milliseconds: int, mark: str) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{thousandths:03}"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
