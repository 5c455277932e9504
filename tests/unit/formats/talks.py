"""Talks for tests of the formats: whatever may be said, with words whose times are there, another segment's, or not there."""

from dataclasses import replace

from hypothesis import strategies as st

from pisar.domain.transcripts import Segment, Transcript, Word

WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)
SEGMENTS = st.builds(
    lambda start, length, words: Segment(start, start + length, " ".join(words)),
    st.floats(0, 9000),
    st.floats(0.01, 60),
    st.lists(WORDS, min_size=1, max_size=40),
)


def timed(segment: Segment, shares: list[float]) -> Segment:
    """Return the segment with words whose times part it by the shares."""
    texts = segment.text.split()
    marks = [segment.start + share * (segment.end - segment.start) for share in sorted((shares * len(texts) * 2)[: 2 * len(texts)])]
    return replace(segment, words=tuple(map(Word, marks[::2], marks[1::2], texts)))


TIMED = st.builds(timed, SEGMENTS, st.lists(st.floats(0, 1), min_size=1, max_size=80))
OTHERS_WORDS = st.builds(lambda segment, other: replace(segment, words=other.words), SEGMENTS, TIMED)
TRANSCRIPTS = st.lists(SEGMENTS | TIMED | OTHERS_WORDS, max_size=6).map(
    lambda found: Transcript(language="en", duration=1e4, segments=tuple(sorted(found, key=lambda one: one.start)))
)
