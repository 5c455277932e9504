"""The table of texts."""

import re
from pathlib import Path

import pytest

from pisar.bot.commands import COMMANDS
from pisar.bot.texts import TEXTS, say
from pisar.errors import Rejection

PLACEHOLDER = re.compile(r"{(\w+)}")
SOURCES = "".join(path.read_text() for path in Path("src/pisar").rglob("*.py") if "texts" not in path.parts)


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_the_same_keys_and_placeholders(language: str):
    english = {key: set(PLACEHOLDER.findall(text)) for key, text in TEXTS["en"].items()}
    assert {key: set(PLACEHOLDER.findall(text)) for key, text in TEXTS[language].items()} == english


@pytest.mark.parametrize("rejection", Rejection)
def test_every_rejection_has_a_sentence(rejection: Rejection):
    assert rejection.value in TEXTS["en"]


@pytest.mark.parametrize("key", TEXTS["en"])
def test_every_text_is_used(key: str):
    described = {command.text_key for command in COMMANDS}
    assert key in set(Rejection) | described or f'"{key}"' in SOURCES


def test_an_unknown_language_is_answered_in_english():
    assert say("fr", "failed", job="abc") == TEXTS["en"]["failed"].format(job="abc")
