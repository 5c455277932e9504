"""Where a long text is divided into paragraphs."""

from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats import FORMATS, as_json
from pisar.formats.openai import as_json as as_openais_json
from pisar.formats.paragraphs import LEAST_CHARACTERS, MOST_CHARACTERS, SHORT_CHARACTERS, paragraphs

from .talks import TRANSCRIPTS

SENTENCE = "Nobody in the village knew when it would come. "
THOUGHT = (SENTENCE * 5).strip()
RAMBLING = ("and nobody in the village knew when it would come " * 14).strip()


def said(*texts: str, pause: float) -> Transcript:
    """Return a talk of those texts, ten seconds each, with a pause between them."""
    segments = tuple(Segment(n * (10 + pause), n * (10 + pause) + 10, text) for n, text in enumerate(texts))
    return Transcript(language="en", duration=1000, segments=segments)


def test_a_long_text_is_divided_where_a_sentence_ends_and_a_pause_of_two_seconds_follows():
    assert paragraphs(said(THOUGHT, THOUGHT, THOUGHT, pause=2.0)) == [THOUGHT, THOUGHT, THOUGHT]
    assert paragraphs(said(THOUGHT, THOUGHT, THOUGHT, pause=1.9)) == [f"{THOUGHT} {THOUGHT} {THOUGHT}"]


def test_a_short_text_stays_one_paragraph_whatever_its_pauses():
    assert paragraphs(said(*["Nobody knew."] * 10, pause=60)) == [" ".join(["Nobody knew."] * 10)]


def test_sentences_with_long_pauses_between_them_do_not_become_a_paragraph_each():
    found = paragraphs(said(*[SENTENCE.strip()] * 20, pause=5))
    assert found == [(SENTENCE * 4).strip()] * 5


def test_in_the_middle_of_a_sentence_no_paragraph_ends():
    halves = THOUGHT[:-1], f"then. {THOUGHT}"
    assert paragraphs(said(*halves, pause=10)) == [" ".join(halves)]


def test_a_long_paragraph_ends_with_a_sentence_that_a_shorter_pause_follows():
    assert paragraphs(said(*[THOUGHT] * 6, pause=0.5)) == [" ".join([THOUGHT] * 3)] * 2


def test_a_very_long_one_ends_with_a_sentence_though_nobody_took_breath():
    least = 1 + MOST_CHARACTERS // (len(THOUGHT) + 1)
    assert paragraphs(said(*[THOUGHT] * 3 * least, pause=0)) == [" ".join([THOUGHT] * least)] * 3


def test_who_speaks_without_full_stops_is_parted_by_long_pauses_alone():
    assert paragraphs(said(RAMBLING, RAMBLING, pause=2)) == [RAMBLING, RAMBLING]
    assert paragraphs(said(RAMBLING, RAMBLING, pause=1)) == [f"{RAMBLING} {RAMBLING}"]


def test_a_pause_within_a_segment_counts_where_the_words_tell_of_it():
    texts = f"{THOUGHT} {THOUGHT} {THOUGHT}".split()
    starts = [n * 0.4 + (30 if n >= len(texts) // 3 else 0) for n in range(len(texts))]
    words = tuple(Word(start, start + 0.4, text) for start, text in zip(starts, texts, strict=True))
    talk = Transcript(language="en", duration=90, segments=(Segment(0, 90, " ".join(texts), words=words),))
    assert paragraphs(talk) == [THOUGHT, f"{THOUGHT} {THOUGHT}"]


def test_what_is_written_for_people_has_empty_lines_between_paragraphs_and_what_is_for_programs_is_one_line():
    talk = said(THOUGHT, THOUGHT, THOUGHT, pause=3)
    assert FORMATS["text"].write(talk) == f"{THOUGHT}\n\n{THOUGHT}\n\n{THOUGHT}\n"
    assert as_json(talk)["transcription"] == as_openais_json(talk)["text"] == talk.text == f"{THOUGHT} {THOUGHT} {THOUGHT}"


def test_silence_has_no_paragraphs():
    assert paragraphs(Transcript(language="", duration=1, segments=())) == []


@given(TRANSCRIPTS | st.builds(said, *[st.sampled_from([THOUGHT, RAMBLING, "Yes."])] * 8, pause=st.floats(0, 4)))
def test_paragraphs_joined_are_the_text_and_none_is_a_crumb(transcript: Transcript):
    found = paragraphs(transcript)
    assert " ".join(found) == transcript.text
    assert len(found) == 1 or all(len(one) >= LEAST_CHARACTERS - 1 for one in found)
    assert len(transcript.text) > SHORT_CHARACTERS or len(found) <= 1
