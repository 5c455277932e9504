"""Texts are compared as OpenAI's evaluation compares them, and their errors are counted word by word."""

import pytest

from benchmarks.hearing.scoring import Score, normalised, percentile, score, total


def test_russian_is_compared_without_case_marks_and_the_dots_of_yo():
    assert normalised("Нажмите «Решётку», ещё раз…", "ru") == "нажмите решетку еще раз"


def test_english_is_compared_with_contractions_and_numbers_spelt_one_way():
    assert normalised("You can't, press five.", "en") == normalised("you can not press 5", "en") == "you can not press 5"


def test_the_same_words_have_no_errors():
    assert score("Введите пароль.", "введите пароль", "ru") == Score(texts=1, words=2, exact=1)


def test_words_that_are_wrong_left_out_and_added_are_errors():
    assert score("введите номер телефона сейчас", "введите номера сейчас же", "ru") == Score(texts=1, words=4, errors=3)


def test_the_first_and_the_last_word_are_lost_where_they_were_left_out():
    assert score("введите номер телефона", "номер", "ru") == Score(texts=1, words=3, errors=2, first_lost=1, last_lost=1)


def test_a_first_word_that_was_misheard_is_not_lost():
    assert score("введите номер телефона", "ведите номер телефона", "ru") == Score(texts=1, words=3, errors=1)


def test_a_text_of_which_nothing_was_heard_is_empty_and_all_wrong():
    assert score("введите номер", " … ", "ru") == Score(texts=1, words=2, errors=2, first_lost=1, last_lost=1, empty=1)


def test_a_text_without_words_can_not_be_compared_with():
    with pytest.raises(ValueError, match="must have words"):
        score("…", "введите", "ru")


def test_errors_add_up_over_all_words_and_not_over_texts():
    found = total([("раз два три четыре", "раз два три четыре"), ("пять", "шесть")], "ru")
    assert (found, found.word_errors) == (Score(texts=2, words=5, errors=1, exact=1), 0.2)


def test_nothing_has_no_word_errors():
    assert Score().word_errors == 0.0


def test_a_percentile_is_a_value_that_so_many_do_not_exceed():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0.2, 0.5, 0.8, 0.81, 1.0)] == [1.0, 3.0, 4.0, 5.0, 5.0]
    assert percentile([], 0.5) == 0.0
