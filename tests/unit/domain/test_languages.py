"""Which language is taken for the spoken one, and what is learnt of who speaks."""

import pytest

from pisar.domain.chats import ChatSettings
from pisar.domain.language_names import AUTO, NAMES
from pisar.domain.languages import choose, language_named, languages_named, learnt
from pisar.domain.options import LANGUAGES

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


# What people call languages


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("ru", "ru RU русский Русский по-русски русском russian rus ru-RU «русский» русский."),
        ("uk", "uk ua укр украинский українська українською ukrainian UKR uk_UA"),
        ("en", "en английский английском англійська English eng en-US en-gb-oxendict"),
        ("de", "de немецкий німецька German Deutsch ger deu"),
        ("zh", "zh китайский Chinese 中文 zh-Hans zh-TW cn"),
        ("he", "he iw иврит עברית Hebrew"),
        ("kk", "kk kz казахский қазақша Kazakh"),
        ("tr", "tr Türkçe TÜRKÇE turkce турецкий"),
        ("yue", "yue cantonese zh-yue"),
        (AUTO, "auto AUTO авто"),
    ],
)
def test_a_language_has_a_code_and_names_in_several_languages(code: str, names: str):
    assert {name: language_named(name) for name in names.split()} == dict.fromkeys(names.split(), code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("на английском", "en"),
        ("по русски", "ru"),
        ("in German", "de"),
        ("українська мова", "uk"),
        ("haitian creole", "ht"),
        ("  en! ", "en"),
    ],
)
def test_a_name_may_stand_in_a_few_words(text: str, code: str):
    assert language_named(text) == code


@pytest.mark.parametrize("text", ["", "-", "xx", "xx-US", "please", "деревня", "спасибо", "ru xx", "english breakfast", "на"])
def test_other_words_name_no_language(text: str):
    assert language_named(text) is None


def test_every_code_and_english_name_of_whisper_is_known_and_no_name_means_two_languages():
    assert {word: language_named(word) for word in (*LANGUAGES, *LANGUAGES.values())} == {code: code for code in LANGUAGES} | {
        name: code for code, name in LANGUAGES.items()
    }
    meant = [(name, code) for code, names in NAMES.items() for name in names.split("|")]
    assert {name: language_named(name) for name, _ in meant} == dict(meant)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ru", ("ru",)),
        ("ru, английский", ("ru", "en")),
        ("русский английский ru", ("ru", "en")),
        ("Haitian Creole, en", ("ht", "en")),
        ("ru, xx", ()),
        ("", ()),
        (",", ()),
    ],
)
def test_a_list_names_its_languages_or_none(text: str, codes: tuple[str, ...]):
    assert languages_named(text) == codes
