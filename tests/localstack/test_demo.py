"""What the demonstration takes for the same text, and what it sends."""

import pytest

from localstack.demo import demo_voices, sentences, words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Привет! Я уже выехал. Буду дома через полчаса.", "привет я уже выехал буду дома через полчаса"),
        ("Давай перенесём", "давай перенесем"),
        ("It’s  important,\nI'm late…", "it’s important i'm late"),
    ],
)
def test_capitals_punctuation_and_yo_are_nothing_to_a_text(written: str, expected: str):
    assert words(written) == expected.split()


@pytest.mark.parametrize("other", ["Я ещё не выехал.", "Я уже выехала", "уже выехал", "Я уже выехал, да."])
def test_another_word_is_another_text(other: str):
    assert words(other) != words("Я уже выехал.")


def test_a_published_model_hears_sentences_and_the_demo_model_its_own_words():
    assert [voice.path.name for voice in sentences()] == ["ru-1.ogg", "ru-2.ogg", "ru-3.ogg", "en-1.ogg", "en-2.ogg", "en-3.ogg"]
    assert {word for voice in demo_voices() for word in words(voice.expected or "")}.isdisjoint({"полчаса", "river"})
    assert {word for voice in sentences() for word in words(voice.expected or "")} >= {"полчаса", "river"}
