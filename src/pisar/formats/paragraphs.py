"""A long text in paragraphs, by the pauses between what was said. Pure.

A paragraph ends after a sentence: where a long pause follows, or, once it is long itself, where any pause does. What is short, such as
most voice messages, stays one paragraph.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats.wrapping import AUDIBLE_PAUSE_SECONDS, Piece, Stop

PARAGRAPH_END = "\n\n"
SHORT_CHARACTERS = 500
"""A text of no more is not divided: half a minute of speech, which a telephone shows whole."""

PAUSE_SECONDS = 2.0
"""Who is silent for so long most likely begins with something else."""

LEAST_CHARACTERS, LONG_CHARACTERS, MOST_CHARACTERS = 150, 600, 1200
"""A paragraph has at least so many. From the second number on it ends with a sentence that any pause follows, from the third with any."""


def in_paragraphs(transcript: Transcript) -> str:
    """Return the text as people read it: in paragraphs with an empty line between them, if it is long."""
    return PARAGRAPH_END.join(paragraphs(transcript))


def paragraphs(transcript: Transcript) -> list[str]:
    """Return the text in paragraphs, in order: joined by blanks they are the transcript's text. None if nobody spoke."""
    left = len(transcript.text)
    if left <= SHORT_CHARACTERS:
        return [transcript.text] if transcript.segments else []
    found, paragraph, length = list[str](), list[str](), 0
    for word, pause in _words(transcript.segments):
        paragraph.append(word)
        length += len(word) + 1
        left -= len(word) + 1
        if length >= LEAST_CHARACTERS <= left and _may_end(word, pause, length):
            found.append(" ".join(paragraph))
            paragraph, length = [], 0
    return [*found, " ".join(paragraph)]


def _words(segments: Sequence[Segment]) -> Iterator[tuple[str, float]]:
    """Yield the words of segments, or whole segments whose words are not known, with the pause after each in seconds."""
    spoken: list[Word] = []
    for segment in segments:
        known = " ".join(word.text for word in segment.words) == segment.text
        spoken += segment.words if known else [Word(segment.start, segment.end, segment.text)]
    for word, following in pairwise(spoken):
        yield word.text, following.start - word.end
    yield spoken[-1].text, 0.0


def _may_end(word: str, pause: float, length: int) -> bool:
    """Say whether a paragraph of that length may end with the word. Who speaks without full stops is parted by long pauses alone."""
    if Piece(word, spaced=True).stop is not Stop.SENTENCE:
        return pause >= PAUSE_SECONDS and length >= LONG_CHARACTERS
    return pause >= PAUSE_SECONDS or length >= MOST_CHARACTERS or (length >= LONG_CHARACTERS and pause >= AUDIBLE_PAUSE_SECONDS)
