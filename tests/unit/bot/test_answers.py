"""Long texts into messages."""

from hypothesis import given
from hypothesis import strategies as st

from pisar.bot.answers import CAPTION_UNITS, MESSAGE_UNITS, DocumentAnswer, TextAnswer, answer, split, units

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


def test_a_short_text_is_one_message_as_it_is():
    assert answer("привет", "ru") == TextAnswer(("привет",))


def test_two_messages_are_numbered():
    shown = answer("слово " * 1000, "ru")
    assert isinstance(shown, TextAnswer)
    assert [part[-6:] for part in shown.messages] == [" (1/2)", " (2/2)"]
    assert all(units(part) <= MESSAGE_UNITS for part in shown.messages)


def test_from_three_messages_on_it_is_a_document_with_a_preview():
    text = "слово " * 3000 + "конец"
    shown = answer(text, "ru")
    assert isinstance(shown, DocumentAnswer)
    assert shown.content.decode() == text
    assert text.startswith(shown.caption.rstrip("…"))
    assert units(shown.caption) <= CAPTION_UNITS


def test_a_sentence_is_the_first_choice_for_a_cut_and_a_word_the_second():
    assert split("Раз два. Три четыре пять", 16) == ["Раз два.", "Три четыре пять"]
    assert split("раз два три четыре", 12) == ["раз два три", "четыре"]
    assert split("абвгдежз", 3) == ["абв", "где", "жз"]


def test_a_letter_outside_the_basic_plane_counts_twice_and_stays_whole():
    assert units("a🎧") == 3
    assert split("🎧🎧🎧", 3) == ["🎧", "🎧", "🎧"]


@given(TEXTS, st.integers(2, 40))
def test_no_part_is_too_long_or_empty_and_only_blanks_are_lost(text: str, limit: int):
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(TEXTS.map(lambda text: text * 200))
def test_every_answer_fits_telegram(text: str):
    shown = answer(text, "en")
    if isinstance(shown, TextAnswer):
        assert all(0 < units(part) <= MESSAGE_UNITS for part in shown.messages)
    else:
        assert 0 < units(shown.caption) <= CAPTION_UNITS
