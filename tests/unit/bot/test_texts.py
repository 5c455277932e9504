"""The table of texts."""

import re
from pathlib import Path

import pytest

from pisar.bot import buttons
from pisar.bot.actions import Action, Facts, ShowSettings
from pisar.bot.commands import COMMANDS
from pisar.bot.conversation import SWITCHES
from pisar.bot.conversation import decide as decided
from pisar.bot.texts import TEXTS, say
from pisar.chat.perform_actions import SETTINGS
from pisar.domain.audio import AudioLimits
from pisar.domain.chats import SHAPES, AllowList
from pisar.domain.messages import Incoming
from pisar.errors import Rejection

PLACEHOLDER = re.compile(r"{(\w+)}")
FROM_TABLES = {f"shape_{shape}" for shape in SHAPES} | {f"switch_{name}" for name in buttons.SWITCHES}
FROM_TABLES |= {f"{kind}_shown" for kind in (*SETTINGS, "settings")}
SOURCES = "".join(path.read_text() for path in Path("src/pisar").rglob("*.py") if "texts" not in path.parts)


def decide(text: str) -> tuple[Action, ...]:
    facts = Facts(allowed=AllowList(everyone=True), limits=AudioLimits(max_bytes=1, max_seconds=1), is_admin=True)
    return decided(Incoming(chat_id=-1, chat_type="group", message_id=1, text=text), facts)


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
    assert key in set(Rejection) | described | FROM_TABLES or f'"{key}"' in SOURCES


@pytest.mark.parametrize("key", sorted(FROM_TABLES))
def test_every_shape_switch_and_kind_of_settings_has_its_text(key: str):
    assert key in TEXTS["en"]


def test_what_is_shown_of_settings_is_what_the_commands_ask_for():
    shown = {action.kind for name in sorted(SWITCHES) for action in decide(f"/{name}") if isinstance(action, ShowSettings)}
    assert shown == {*SETTINGS, "settings"}


def test_an_unknown_language_is_answered_in_english():
    assert say("fr", "failed", job="abc") == TEXTS["en"]["failed"].format(job="abc")


def test_a_language_is_added_by_its_file_alone():
    assert set(TEXTS) == {path.stem for path in Path("src/pisar/bot/texts").glob("*.py")} - {"__init__"}
