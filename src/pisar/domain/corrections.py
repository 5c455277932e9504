"""What a client corrects in a transcript: words, or the whole texts of segments without words. Pure.

The transcript itself is never changed; a corrected one is made of it. Segments and words keep their places: one that is taken away has an
empty text there, so that a place means the same in both. `spoken` leaves the empty ones out.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from pisar.domain.strict_json import parse_json
from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.domain.wording import is_one_line
from pisar.errors import Rejected, Rejection, Unreadable

MAX_WORD_CHARACTERS = 200
MAX_SEGMENT_CHARACTERS = 2000
MAX_CORRECTIONS = 10_000
"""How many corrections one transcript has at most: an hour of speech has as many words."""

Place = tuple[int, int | None]
"""Where a correction is: the segment's number from 0, and the word's within it; None for the whole text of a segment without words."""


@dataclass(frozen=True, slots=True)
class CorrectedWord(Word):
    """A word in a client's version; `original` is what was heard. An empty text: it was taken away."""

    original: str = ""


@dataclass(frozen=True, slots=True)
class CorrectedSegment(Segment):
    """A segment in a client's version whose words are not known; `original` is what was heard."""

    original: str = ""


@dataclass(frozen=True, slots=True)
class Corrections:
    """A client's corrections of one transcript: the new text of each place."""

    texts: Mapping[Place, str]

    def changed(self, transcript: Transcript, asked: Iterable[tuple[Place, str | None]]) -> Self:
        """Return the corrections with others made or, for None, taken back. Raises Rejected(BAD_OPTION) for what can't be corrected so."""
        texts = dict(self.texts)
        for place, text in asked:
            heard = _heard(transcript, place)
            _check(place, text)
            texts.pop(place, None)
            if text is not None and (plain := text.strip()) != heard:
                texts[place] = plain
        if len(texts) > MAX_CORRECTIONS:
            raise _bad("corrections", f"at most {MAX_CORRECTIONS} corrections of one text")
        return replace(self, texts=dict(sorted(texts.items(), key=lambda one: (one[0][0], -1 if one[0][1] is None else one[0][1]))))

    def applied(self, transcript: Transcript) -> Transcript:
        """Return the corrected transcript. A correction of a place that the transcript does not have changes nothing."""
        touched = {segment for segment, _ in self.texts}
        segments = (self._segment(number, one) if number in touched else one for number, one in enumerate(transcript.segments))
        return replace(transcript, segments=tuple(segments))

    def encode(self) -> bytes:
        """Return the corrections as UTF-8 JSON."""
        listed = [[segment, word, text] for (segment, word), text in self.texts.items()]
        return json.dumps({"version": 1, "corrections": listed}, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the corrections that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = parse_json(body)
            if fields["version"] != 1:
                raise ValueError("unknown version")  # noqa: TRY301 - one way out for every malformed object
            return cls({(segment, word): text for segment, word, text in fields["corrections"]})
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"not a text's corrections: {type(error).__name__}") from error

    def _segment(self, number: int, segment: Segment) -> Segment:
        if not segment.words:
            text = self.texts.get((number, None))
            if text is None:
                return segment
            return CorrectedSegment(**{name: getattr(segment, name) for name in Segment.__slots__} | {"text": text}, original=segment.text)
        words = tuple(
            word if (text := self.texts.get((number, at))) is None else CorrectedWord(word.start, word.end, text, word.text)
            for at, word in enumerate(segment.words)
        )
        return replace(segment, words=words, text=_spelled(segment, words))


NONE = Corrections({})


def spoken(transcript: Transcript) -> Transcript:
    """Return the transcript without the words and segments that were taken away."""
    segments = (replace(one, words=tuple(word for word in one.words if word.text)) for one in transcript.segments if one.text)
    return replace(transcript, segments=tuple(segments))


def _spelled(segment: Segment, words: tuple[Word, ...]) -> str:
    """Return a segment's text with its corrected words in the place of those heard, and what is between them as it was."""
    text, rest = "", segment.text
    for heard, word in zip(segment.words, words, strict=True):
        before, found, after = rest.partition(heard.text)
        if not found:  # its words spell another text
            return " ".join(one.text for one in words if one.text)
        text, rest = text + before + word.text, after
    return re.sub(r"\s+", " ", text + rest).strip()


def _heard(transcript: Transcript, place: Place) -> str:
    segment, word = place
    if not 0 <= segment < len(transcript.segments):
        raise _bad("segment", f"the number of a segment, from 0 to {len(transcript.segments) - 1}")
    found = transcript.segments[segment]
    if word is None:
        if found.words:
            raise _bad("word", f"the number of a word of segment {segment}, which has words")
        return found.text
    if not 0 <= word < len(found.words):
        expected = (
            f"a number from 0 to {len(found.words) - 1} in segment {segment}" if found.words else f"none: segment {segment} has no words"
        )
        raise _bad("word", expected)
    return found.words[word].text


def _check(place: Place, text: str | None) -> None:
    longest = MAX_SEGMENT_CHARACTERS if place[1] is None else MAX_WORD_CHARACTERS
    if text is not None and (len(text) > longest or not is_one_line(text)):
        raise _bad("text", f"at most {longest} characters on one line, or null to take a correction back")


def _bad(option: str, expected: str) -> Rejected:
    return Rejected(Rejection.BAD_OPTION, {"option": option, "expected": expected})
