"""Which language is taken for the spoken one, and what is learnt of who speaks."""

import pytest

from pisar.domain.chats import ChatSettings
from pisar.domain.languages import choose, learnt

UNSURE = {"uk": 0.5, "ru": 0.4, "pl": 0.06, "en": 0.04}
SURE = {"en": 0.81, "ru": 0.0009, "uk": 0.0005}
MISTAKEN = {"uk": 0.9861, "ru": 0.0099}
"""Both as Whisper-base hears people's prompts, the one most like Russian of the English ones, and a Russian one."""


@pytest.mark.parametrize(
    ("probabilities", "allowed", "expected", "taken"),
    [
        (UNSURE, (), (), "uk"),
        (UNSURE, (), ("ru",), "ru"),
        (UNSURE, (), ("en", "ru"), "ru"),
        (UNSURE, ("pl", "en"), (), "pl"),
        (UNSURE, ("pl", "en"), ("ru",), "pl"),
        (UNSURE, ("pl", "en"), ("en",), "en"),
        (UNSURE, ("xx",), (), "uk"),
        (SURE, (), ("ru",), "en"),
        (SURE, ("ru", "uk"), (), "ru"),
        (MISTAKEN, (), ("ru",), "ru"),
        (MISTAKEN, (), (), "uk"),
        ({"ru": 0.998, "uk": 0.002}, (), ("uk",), "ru"),
        ({"ru": 0.996, "uk": 0.004}, (), ("uk",), "uk"),
    ],
)
def test_the_likeliest_allowed_language_is_taken_and_an_expected_one_counts_far_more(probabilities, allowed, expected, taken):
    assert choose(probabilities, allowed=allowed, expected=expected) == taken


@pytest.mark.parametrize(
    ("known", "language", "seconds", "after"),
    [
        ((), "ru", 5.0, ("ru",)),
        ((), "ru", 4.9, ()),
        ((), "", 60.0, ()),
        (("ru",), "ru", 60.0, ("ru",)),
        (("ru",), "en", 60.0, ("en", "ru")),
        (("ru", "en", "de"), "fr", 60.0, ("fr", "ru", "en")),
    ],
)
def test_the_languages_of_the_latest_recordings_are_learnt_from_those_long_enough(known, language, seconds, after):
    assert learnt(known, language, seconds=seconds) == after


@pytest.mark.parametrize(
    ("spoken", "language_code", "expected"),
    [
        ((), None, ()),
        ((), "", ()),
        ((), "ru", ("ru",)),
        ((), "pt-BR", ("pt",)),
        ((), "xx", ()),
        (("en",), "ru", ("en", "ru")),
        (("ru", "en"), "ru", ("ru", "en")),
    ],
)
def test_a_chat_is_expected_to_speak_what_it_spoke_and_what_its_telegram_is_in(spoken, language_code, expected):
    assert ChatSettings(spoken=spoken).expected(language_code) == expected
