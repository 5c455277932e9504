"""Names that people chose, made fit to be written by the bot."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.bot.answer_messages import units
from pisar.bot.names import NAME_UNITS, file_title, shown_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Анна", "Анна"),
        ("  Анна \n\r\t Петрова ", "Анна Петрова"),
        ("Anna\u202egnp.exe\u2066", "Annagnp.exe"),
        ("\u200b\u2060\ufeff", ""),
        ("a\u2028b\u2029c\x00d", "a b c d"),
        ("Ё́лка", "Ё́лка"),
        ("e" + "\u0301" * 50 + "x", "e\u0301\u0301x"),
        ("й" * 4096, "й" * NAME_UNITS + "…"),
        ("🎧" * 4096, "🎧" * (NAME_UNITS // 2) + "…"),
        ("", ""),
    ],
)
def test_a_name_is_a_line_of_what_can_be_seen(name: str, shown: str):
    assert shown_name(name) == shown


@given(st.text())
def test_no_name_is_long_or_leaves_its_line(name: str):
    shown = shown_name(name)
    assert units(shown) <= NAME_UNITS + 1
    assert shown_name(shown.removesuffix("…")) == shown.removesuffix("…")
    assert not [letter for letter in shown if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Лекция 3.mp3", "Лекция 3"),
        ("talk.2026.ogg", "talk.2026"),
        ("../../etc/passwd", "passwd"),
        ("C:\\music\\song.mp3", "song"),
        ('a"b<c>:d|e?*.wav', "a b c d e"),
        ("...", ""),
        (".ogg", "ogg"),
        ("запись\u202e3pm.ogg", "запись3pm"),
        ("й" * 300 + ".mp3", "й" * NAME_UNITS + "…"),
        ("", ""),
    ],
)
def test_a_file_title_is_the_name_without_folders_and_ending(name: str, title: str):
    assert file_title(name) == title
