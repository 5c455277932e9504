"""How a transcript is parted into cues, and when each is shown."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.transcripts import Segment, Transcript, Word
from pisar.formats.subtitles import LINGER_MS, PAUSE_SECONDS, cues
from pisar.formats.wrapping import BLOCK_LINES, LINE_CHARACTERS, WIDE_CHARACTERS

from .talks import TIMED, TRANSCRIPTS

WORDS_OF_LINES = st.lists(st.text("abcdeжзик.,!?", min_size=1, max_size=LINE_CHARACTERS // 2 - 1), min_size=1, max_size=60)
"""Words of which two fit into a line, so that three fit into a cue, and none need be left over."""

MEETING = (
    "The committee met on Thursday to discuss the budget for the coming year and agreed that the proposal should be sent to every "
    "department before the end of the month."
)


def talk(*segments: Segment) -> Transcript:
    return Transcript(language="en", duration=60, segments=segments)


def told(*segments: Segment) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(cue.start_ms, cue.end_ms, cue.lines) for cue in cues(talk(*segments))]


def spoken(*words: tuple[float, float, str]) -> Segment:
    """Return a segment of words with their times."""
    return Segment(words[0][0], words[-1][1], " ".join(text for _, _, text in words), words=tuple(Word(*word) for word in words))


def lines(text: str) -> list[tuple[str, ...]]:
    """Return the lines of the cues of a text that is said as fast as people read."""
    return [shown for _, _, shown in told(Segment(0, len(text) / 15, text))]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_cues_and_lines_are_balanced():
    assert lines(MEETING) == [
        ("The committee met on Thursday to discuss", "the budget for the coming year and agreed"),
        ("that the proposal should be sent to every", "department before the end of the month."),
    ]


def test_no_word_is_left_over_because_a_cue_was_full():
    full = "Nothing of what was said at that long table was ever written down by any one"
    assert [len(shown) for shown in (lines(full), lines(f"{full} of them all"))] == [1, 2]
    assert lines(f"{full} of them all") == [
        ("Nothing of what", "was said at that long table"),
        ("was ever written down", "by any one of them all"),
    ]


@pytest.mark.parametrize("short", ["Congratulations!", "Yes, I am."])
def test_not_even_a_sentence_is_a_cue_of_its_own_where_it_is_one_word_or_very_short(short: str):
    full = "nobody who was there on that day had ever seen so many people in the old town hall"
    shown = [" ".join(cue) for cue in lines(f"{short} {full}")]
    assert (len(shown), shown[0].startswith(f"{short} nobody")) == (2, True)


def test_cues_end_where_sentences_do_before_they_end_where_clauses_do():
    assert lines("Hello there! This is Marina calling from Bishkek, and the train is two hours late, so we will come home at night.") == [
        ("Hello there!", "This is Marina calling from Bishkek,"),
        ("and the train is two hours late,", "so we will come home at night."),
    ]
    assert lines("We should have left before it began to rain. It is too late to walk there now, because the river is very high.") == [
        ("We should have left", "before it began to rain."),
        ("It is too late to walk there now,", "because the river is very high."),
    ]


def test_an_abbreviation_or_a_small_word_stays_with_what_follows_it():
    assert lines("Everybody wanted to know whether Mr. Ivanov had come.") == [("Everybody wanted to know", "whether Mr. Ivanov had come.")]
    assert lines("Мы встретимся завтра утром у входа в центральный парк.") == [
        ("Мы встретимся завтра утром", "у входа в центральный парк.")
    ]


def test_a_text_that_fits_into_one_line_stays_one_line():
    assert lines("Yes. No. Perhaps we shall see it tomorrow.") == [("Yes. No. Perhaps we shall see it tomorrow.",)]


def test_a_text_without_blanks_is_parted_after_punctuation_into_lines_as_wide_as_those_of_others():
    assert lines("今天下午三点我们在会议室开会，讨论明年的预算和新的项目计划，请大家准时参加，并且带上上周发给大家的文件，谢谢。") == [
        ("今天下午三点我们在会议室开会，", "讨论明年的预算和新的项目计划，"),
        ("请大家准时参加，并且带上", "上周发给大家的文件，谢谢。"),
    ]


@pytest.mark.parametrize("words", [(), (Word(11, 12, "a" * 40),)], ids=["none", "others"])
def test_without_words_of_its_own_a_segments_time_is_shared_out_by_length(words):
    text = " ".join(letter * 20 for letter in "aabbccddeeff")
    shown = told(Segment(10, 28, text, words=words))
    assert [(start, end, line[0][0]) for start, end, line in shown] == [(10_000, 16_000, "a"), (16_000, 22_000, "c"), (22_000, 28_000, "e")]


def test_cues_last_from_their_first_word_to_their_last():
    text = [(0.2, 0.5, "The"), (0.5, 1.5, "committee"), (1.5, 1.9, "met."), (2.5, 3.0, "Nobody"), (3.0, 4.0, "listened"), (4.0, 4.75, "to")]
    more = [
        (4.75, 5.25, "any"),
        (5.25, 6.5, "proposals"),
        (6.5, 7.25, "that"),
        (7.25, 8.5, "were"),
        (8.5, 9.25, "made"),
        (9.25, 10, "later."),
    ]
    rest = [(10.5, 11.5, "Then"), (11.5, 12, "everybody"), (12, 12.5, "went"), (12.5, 13, "home.")]
    assert told(spoken(*text, *more, *rest)) == [
        (200, 6_500, ("The committee met.", "Nobody listened to any proposals")),
        (6_500, 13_000, ("that were made later.", "Then everybody went home.")),
    ]


def test_after_a_pause_of_more_than_a_second_a_new_cue_begins_and_the_earlier_one_ends_at_its_last_word():
    assert told(spoken((0, 1, "Good"), (1, 1.5, "morning."), (5.2, 6, "Come"), (6, 6.5, "in."))) == [
        (0, 1_500, ("Good morning.",)),
        (5_200, 6_500, ("Come in.",)),
    ]
    assert told(spoken((0, 1, "Good"), (1, 1.5, "morning."), (2.5, 3, "Come"), (3, 3.5, "in."))) == [
        (0, 3_500, ("Good morning. Come in.",))
    ]


def test_a_pause_within_a_text_without_blanks_parts_it_too():
    words = (Word(1, 3, "今天下午"), Word(7, 9, "我们开会。"))
    assert told(Segment(1, 9, "今天下午我们开会。", words=words)) == [(1_000, 3_000, ("今天下午",)), (7_000, 9_000, ("我们开会。",))]


def test_a_segment_that_is_longer_than_its_words_by_a_pause_gives_no_cue_for_that():
    words = (Word(3, 4, "Good"), Word(4, 5, "morning."))
    assert told(Segment(0, 20, "Good morning.", words=words)) == [(3_000, 5_000, ("Good morning.",))]
    assert told(Segment(2.5, 5.5, "Good morning.", words=words)) == [(2_500, 5_500, ("Good morning.",))]


def test_a_cue_too_short_to_be_read_stands_on_into_silence_until_the_next_begins():
    assert told(spoken((1, 1.25, "Yes.")), spoken((5, 5.7, "No.")), spoken((5.75, 6.75, "Perhaps."))) == [
        (1_000, 1_750, ("Yes.",)),
        (5_000, 5_750, ("No.",)),
        (5_750, 6_750, ("Perhaps.",)),
    ]
    assert told(spoken((1, 1.6, "Yes."))) == [(1_000, 1_833, ("Yes.",))]
    assert told(spoken((59.5, 59.75, "Yes."))) == [(59_500, 60_000, ("Yes.",))]


def test_what_is_said_while_a_cue_still_stands_is_shown_after_it():
    long = " ".join(letter * 20 for letter in "aabbccddeeff")
    shown = told(Segment(0, 10, "before"), Segment(5, 28, long))
    assert [(start, end) for start, end, _ in shown] == [(0, 10_000), (10_000, 16_000), (16_000, 22_000), (22_000, 28_000)]


def test_a_word_longer_than_a_cue_is_shared_out_by_length():
    word = "".join(letter * 84 for letter in "abcd")
    shown = told(Segment(0, 40, word, words=(Word(4, 36, word),)))
    assert [(start, end) for start, end, _ in shown] == [(4_000, 12_000), (12_000, 20_000), (20_000, 28_000), (28_000, 36_000)]


@given(TRANSCRIPTS)
def test_cues_are_ordered_apart_short_and_lose_nothing(transcript: Transcript):
    shown = cues(transcript)
    assert all(0 <= cue.start_ms < cue.end_ms for cue in shown)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(shown))
    assert all(1 <= len(cue.lines) <= BLOCK_LINES and all(0 < len(line) <= LINE_CHARACTERS for line in cue.lines) for cue in shown)
    assert squeezed("".join(line for cue in shown for line in cue.lines)) == squeezed(transcript.text)


@given(WORDS_OF_LINES)
def test_no_cue_is_a_single_word_unless_nothing_else_is_said(words: list[str]):
    shown = lines(" ".join(words))
    assert [word for cue in shown for line in cue for word in line.split()] == words
    assert min(sum(len(line.split()) for line in cue) for cue in shown) >= min(2, len(words))


@given(st.text("今天下午我们开会，。！", min_size=1, max_size=400))
def test_without_blanks_no_cue_is_a_remainder_and_no_line_too_wide(text: str):
    shown = lines(text)
    assert "".join(line for cue in shown for line in cue) == text
    assert max(len(line) for cue in shown for line in cue) <= WIDE_CHARACTERS
    assert min(sum(map(len, cue)) for cue in shown) >= min(6, len(text))


@given(TIMED)
def test_no_cue_goes_over_a_pause_of_more_than_a_second(segment: Segment):
    shown = cues(Transcript(language="en", duration=1e4, segments=(segment,)))
    pauses = [(before.end, after.start) for before, after in pairwise(segment.words) if after.start - before.end > PAUSE_SECONDS]
    over = [min(cue.end_ms / 1000, end) - max(cue.start_ms / 1000, start) for cue in shown for start, end in pauses]
    assert max(over, default=0) <= (LINGER_MS + len(shown)) / 1000 + 0.001
