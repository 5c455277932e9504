"""What callers may ask for."""

import _pywhispercpp as whisper
import pytest

from pisar.domain.jobs import Job, Options, accept
from pisar.domain.options import (
    KEPT_PROMPT_CHARACTERS,
    LANGUAGE_EXPECTED,
    LANGUAGES,
    as_prompt,
    listed_words,
    options,
)
from pisar.errors import Rejected, Rejection


def test_what_is_empty_takes_its_default():
    assert options() == Options(language="auto", task="transcribe", prompt="", temperature=0.0)
    assert options(language="", default_language="ru") == Options(language="ru")


def test_case_and_blanks_do_not_matter():
    assert options(language=" RU ", task="Translate", prompt=" Иванов ") == Options(language="ru", task="translate", prompt="Иванов")


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "klingon"},
        {"language": "ru,en"},
        {"language": "undefined"},
        {"language": "ру"},
        {"language": "\ud800"},
        {"task": "sing"},
        {"prompt": "half a character: \ud83c"},
        {"temperature": "-0.1"},
        {"temperature": "1.1"},
        {"temperature": "nan"},
        {"temperature": "inf"},
        {"temperature": "warm"},
        {"temperature": "0,0,5"},
        {"temperature": "1,5"},
        {"temperature": "0,"},
        {"track": "0"},
        {"track": "-1"},
        {"track": "1.0"},
        {"track": "١"},
        {"track": "first"},
        {"track": "1001"},
    ],
)
def test_what_nobody_can_do_is_refused_by_name(wrong: dict[str, str]):
    with pytest.raises(Rejected) as caught:
        options(**wrong)
    assert (caught.value.code, caught.value.details["option"]) == (Rejection.BAD_OPTION, next(iter(wrong)))


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("ru", "ru RU ru-RU ru_RU ru_RU.UTF-8 Russian russian RUSSIAN русский Русский rus"),
        ("zh", "zh zh-Hans zh_CN zh-Hans-CN Chinese 中文 cmn"),
        ("he", "he iw iw-IL Hebrew"),
        ("id", "id in IN in_ID id-ID Indonesian"),
        ("yi", "yi ji"),
        ("jw", "jw jv Javanese"),
        ("pt", "pt-BR pt_PT Portuguese(Brazil)"),
        ("en", "en en-US en_US.UTF-8 English English(US)"),
        ("auto", "auto AUTO Auto"),
    ],
)
def test_a_language_is_taken_as_clients_write_it(code: str, asked: str):
    assert {name: options(language=f" {name} ").language for name in asked.split()} == dict.fromkeys(asked.split(), code)


def test_what_names_no_language_is_repeated_beside_what_would():
    with pytest.raises(Rejected) as caught:
        options(language="klingon")
    assert caught.value.details == {"option": "language", "expected": f"{LANGUAGE_EXPECTED}, not 'klingon'"}


def test_of_a_long_prompt_the_end_is_kept_from_the_beginning_of_a_word_on():
    words = [f"слово{number}" for number in range(400)]
    kept = options(prompt=" ".join(words)).prompt
    assert words[-len(kept.split()) :] == kept.split()
    assert KEPT_PROMPT_CHARACTERS - len("слово100 ") < len(kept) <= KEPT_PROMPT_CHARACTERS


def test_a_prompt_that_just_fits_is_kept_and_so_is_the_end_of_one_without_blanks():
    fitting = "слово " * 333 + "ок"
    assert len(fitting) == KEPT_PROMPT_CHARACTERS
    assert options(prompt=fitting).prompt == options(prompt=f"раз {fitting}").prompt == fitting
    assert options(prompt="字" * 100_000).prompt == "字" * KEPT_PROMPT_CHARACTERS


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Марина, Бишкек, pgBouncer", ("Марина", "Бишкек", "pgBouncer")),
        (" Марина ;Жибек  Жолы\n\nBishkek,, \r\n", ("Марина", "Жибек Жолы", "Bishkek")),
        ("Марина, МАРИНА, Бишкек, марина", ("Марина", "Бишкек")),
        ("Ма\0ри\x1bна\u202e,\tpg\tBouncer.", ("Марина", "pg Bouncer")),
        ("می\u200cخواهم", ("می\u200cخواهم",)),
        (", ;\n.", ()),
    ],
)
def test_listed_words_are_each_there_once_in_order_and_clean(written: str, words: tuple[str, ...]):
    assert listed_words(written) == words


def test_a_list_of_words_is_a_prompt_with_a_full_stop():
    assert (as_prompt("Марина, Бишкек"), as_prompt("")) == ("Марина, Бишкек.", "")


@pytest.mark.parametrize(
    ("asked", "temperature"), [("", 0.0), (" ", 0.0), ("0", 0.0), (" 0.25 ", 0.25), ("1", 1.0), ("1e-1", 0.1), ("0,2", 0.2), (",5", 0.5)]
)
def test_a_temperature_is_a_number_from_nothing_to_one(asked: str, temperature: float):
    assert options(temperature=asked) == Options(temperature=temperature)


@pytest.mark.parametrize(("asked", "track"), [("", None), (" ", None), ("1", 1), (" 2 ", 2), ("1000", 1000)])
def test_a_track_is_counted_from_one(asked: str, track: int | None):
    assert options(track=asked) == Options(track=track)


def test_a_job_accepted_before_there_was_a_temperature_has_none():
    job = accept("j1", owner="a", now=0, lease_seconds=1, options=Options(language="ru", temperature=0.5))
    older = job.encode().replace(b', "temperature": 0.5', b"")
    assert b"temperature" not in older
    assert Job.decode(older).options == Options(language="ru", temperature=0.0)
    assert Job.decode(job.encode()) == job


def test_the_languages_are_those_of_the_engine():
    assert {whisper.whisper_lang_str(index) for index in range(whisper.whisper_lang_max_id() + 1)} == LANGUAGES.keys()


def test_every_language_has_a_name_of_its_own():
    assert (LANGUAGES["ru"], LANGUAGES["en"], LANGUAGES["haw"], LANGUAGES["ht"]) == ("russian", "english", "hawaiian", "haitian creole")
    assert len(set(LANGUAGES.values())) == len(LANGUAGES) == 100
    assert all(name == name.lower().strip() != "" for name in LANGUAGES.values())
