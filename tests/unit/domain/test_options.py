"""What callers may ask for."""

import _pywhispercpp as whisper
import pytest

from pisar.domain.jobs import Options
from pisar.domain.options import LANGUAGES, MAX_PROMPT_CHARACTERS, options
from pisar.errors import Rejected


def test_what_is_empty_takes_its_default():
    assert options() == Options(language="auto", task="transcribe", prompt="")
    assert options(language="", default_language="ru") == Options(language="ru")


def test_case_and_blanks_do_not_matter():
    assert options(language=" RU ", task="Translate", prompt=" Иванов ") == Options(language="ru", task="translate", prompt="Иванов")


@pytest.mark.parametrize(
    "wrong", [{"language": "klingon"}, {"language": "ru-RU"}, {"task": "sing"}, {"prompt": "x" * (MAX_PROMPT_CHARACTERS + 1)}]
)
def test_what_nobody_can_do_is_refused_by_name(wrong: dict[str, str]):
    with pytest.raises(Rejected) as caught:
        options(**wrong)
    assert caught.value.details["option"] == next(iter(wrong))


def test_the_languages_are_those_of_the_engine():
    assert {whisper.whisper_lang_str(index) for index in range(whisper.whisper_lang_max_id() + 1)} == LANGUAGES
