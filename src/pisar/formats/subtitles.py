"""SRT and WebVTT: cues in order, none empty, none overlapping, of at most two lines of 42 characters, balanced by `pisar.formats.wrapping`.

A long segment becomes several cues. Each lasts from its first word to its last, and none goes over a pause of more than a second; where
nobody told when the words were spoken, the segment's time is shared out by the cues' length. A cue that is too short to be read stands
a moment longer, into silence alone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats.wrapping import Blocks, Piece, pieces

PAUSE_SECONDS = 1.0
"""No cue goes over a longer one."""

READABLE_MS = 833
"""The shortest time in which a cue is read, 5/6 of a second: Netflix's Timed Text Style Guide, "Duration"."""

LINGER_MS = 500
"""So long a cue may stand after its last word: the same guide, "Timing to Audio", 12 frames."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What is on screen from `start_ms` to `end_ms` (exclusive)."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues(transcript: Transcript) -> list[Cue]:
    """Return a transcript's cues."""
    found: list[Cue] = []
    for segment in transcript.segments:
        free_from = found[-1].end_ms if found else 0
        for start, end, lines in _blocks(replace(segment, start=max(segment.start, free_from / 1000))):
            start_ms = max(free_from, round(1000 * start))
            free_from = max(start_ms + 1, round(1000 * end))
            found.append(Cue(start_ms, free_from, lines))
    silent_from = [after.start_ms for after in found[1:]] + [max(round(1000 * transcript.duration), found[-1].end_ms if found else 0)]
    return [_lingering(cue, until) for cue, until in zip(found, silent_from, strict=False)]


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


def _lingering(cue: Cue, until_ms: int) -> Cue:
    """Return the cue with time to be read, as far as nothing follows before `until_ms`."""
    return replace(cue, end_ms=max(cue.end_ms, min(cue.start_ms + READABLE_MS, cue.end_ms + LINGER_MS, until_ms)))


def _blocks(segment: Segment) -> Iterator[tuple[float, float, tuple[str, ...]]]:
    """Yield start, end and lines of each cue of a segment; times in seconds."""
    for stretch in _stretches(segment):
        blocks = Blocks(stretch)
        for block in blocks.divide():
            yield stretch[block.start].start, stretch[block.stop - 1].end, blocks.lines(block)


def _stretches(segment: Segment) -> Iterator[list[Piece]]:
    """Yield the pieces of a segment with their times, parted where the words tell of a pause."""
    words = _words(segment)
    lengths = [len(_squeezed(word.text)) for word in words]
    ends = list(accumulate(lengths))
    pauses = [place for place, (word, following) in zip(ends, pairwise(words), strict=False) if following.start - word.end > PAUSE_SECONDS]
    passed = 0
    for text in _cut(segment.text, pauses):
        stretch = []
        for piece in pieces(text):
            start = _time(words, ends, bisect_right(ends, passed), passed)
            passed += len(piece.text)
            stretch.append(replace(piece, start=start, end=_time(words, ends, bisect_left(ends, passed), passed)))
        yield stretch


def _cut(text: str, places: Sequence[int]) -> Iterator[str]:
    """Yield a text in parts that are cut behind so many letters, blanks not counted."""
    letters = [index for index, letter in enumerate(text) if not letter.isspace()]
    marks = [0, *(letters[place] for place in places), len(text)]
    return (text[start:end] for start, end in pairwise(marks))


def _words(segment: Segment) -> Sequence[Word]:
    """Return the words of a segment, from its start to its end; one in their place if they spell another text.

    What lies between the segment's bounds and its words is theirs, unless that is a pause.
    """
    words = segment.words
    if _squeezed(*(word.text for word in words)) != _squeezed(segment.text):
        return (Word(segment.start, segment.end, segment.text),)
    first, last = words[0], words[-1]
    if first.start - segment.start <= PAUSE_SECONDS:
        words = (replace(first, start=segment.start), *words[1:])
    if segment.end - last.end <= PAUSE_SECONDS:
        words = (*words[:-1], replace(words[-1], end=segment.end))
    return words


def _time(words: Sequence[Word], ends: Sequence[int], index: int, place: int) -> float:
    """Return when a place among the letters is spoken: in the word of that index, whose time is shared out among its own."""
    if index >= len(words):
        return words[-1].end
    word, first = words[index], ends[index - 1] if index else 0
    return word.start + (word.end - word.start) * (place - first) / max(1, ends[index] - first)


def _squeezed(*texts: str) -> str:
    """Return the texts' letters without any blanks, which lines and words have in different places."""
    return "".join("".join(texts).split())


def _clock(milliseconds: int, mark: str) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{thousandths:03}"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
