"""Fields of forms and queries as clients write them."""

import pytest

from pisar.errors import Rejected
from pisar.web.fields import check_names, listed, one, seconds, yes


def named(call) -> str:
    with pytest.raises(Rejected) as caught:
        call()
    return str(caught.value.details["option"])


@pytest.mark.parametrize(("texts", "text"), [((), ""), (("",), ""), ((" ", "\n"), ""), (("ru",), "ru"), (("", "ru", "ru"), "ru")])
def test_a_blank_text_is_no_text_and_the_same_twice_is_one(texts: tuple[str, ...], text: str):
    assert one({"language": texts} if texts else {}, "language") == text


def test_two_texts_that_differ_are_refused():
    assert named(lambda: one({"language": ("ru", "en")}, "language")) == "language"


@pytest.mark.parametrize(
    "texts",
    [
        ("word", "segment"),
        ("word,segment",),
        (" word , segment ",),
        ('["word", "segment"]',),
        ("['word','segment']",),
        ("[word, segment]",),
        ("", "word", "segment,", "word"),
        ("[]", '["word"]', "segment"),
    ],
)
def test_a_list_is_repeated_or_has_commas_or_is_json(texts: tuple[str, ...]):
    assert listed({"a": texts}, "a") == ("word", "segment")


@pytest.mark.parametrize("texts", [(), ("",), (" ",), ("[]",), (",",), ('[""]',), ("", "[ ]")])
def test_a_list_of_nothing_is_empty(texts: tuple[str, ...]):
    assert listed({"a": texts}, "a") == ()


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "1", "on", "yes", " true "])
def test_what_clients_write_for_true(text: str):
    assert yes(text, "stream") is True


@pytest.mark.parametrize("text", ["", " ", "false", "False", "0", "off", "no"])
def test_what_clients_write_for_false(text: str):
    assert yes(text, "stream") is False


@pytest.mark.parametrize("text", ["maybe", "2", "-1", "tru"])
def test_what_is_neither_is_refused(text: str):
    assert named(lambda: yes(text, "stream")) == "stream"


def test_seconds_are_a_number():
    assert [seconds(text, "wait", default=9) for text in ("", " ", "0", "1.5")] == [9, 9, 0, 1.5]
    assert [named(lambda text=text: seconds(text, "wait", default=9)) for text in ("soon", "-1", "nan", "1,000")] == ["wait"] * 4


def test_an_unknown_field_is_named_with_those_there_are():
    with pytest.raises(Rejected) as caught:
        check_names({"language": ("ru",), "langauge": ("",)}, ("language", "task"))
    assert caught.value.details == {"option": "langauge", "expected": "nothing of this name: the options are language, task"}
