"""The table of texts: complete in each language, fit for Telegram, and written as its people write."""

import re
from pathlib import Path

import pytest

from pisar.bot import buttons
from pisar.bot.actions import Action, Facts, ShowSettings
from pisar.bot.answer_messages import units
from pisar.bot.commands import COMMANDS
from pisar.bot.conversation import decide as decided
from pisar.bot.refusals import refusal
from pisar.bot.settings_commands import SWITCHES
from pisar.bot.texts import CLIENTS, LANGUAGES, TEXTS, say, text_language
from pisar.chat.settings_answers import SETTINGS
from pisar.domain.audio import AudioLimits, too_big
from pisar.domain.bots import PLACES
from pisar.domain.chats import AUTOS, SHAPES, AllowList
from pisar.domain.messages import Incoming
from pisar.errors import Rejection

PLACEHOLDER = re.compile(r"{(\w+)(?::([^}]*))?}")
LONGEST_PRESS_ANSWER = 200
"""core.telegram.org/bots/api#answercallbackquery."""
LONGEST_DESCRIPTION, LONGEST_SHORT_DESCRIPTION, LONGEST_OF_COMMAND = 512, 120, 256
"""core.telegram.org/bots/api#setmydescription, #setmyshortdescription and #botcommand."""
LONGEST_BUTTON = 40
"""Telegram has no limit of a label's length, but cuts what does not fit beside others on a phone."""

JARGON = {
    "en": ("unasked", "fares", "shut out", "anew", "whatever is heard", "in line", "in work", "let in", "speech a second", "erase"),
    "ru": ("дн.", "стереть", "стёрт", "впущен", "без просьбы", "с речи в секунду", "таймстемп", "израсходован"),
    "uk": ("ы", "э", "ё", "ъ", "получ", "слідуюч", "любий час", "на протязі", "відноситься"),
}
"""Words that the texts of a language must not have: jargon, archaic words, and in Ukrainian what is Russian."""
SLANTED = re.compile(r"[—―‒]|\w–|–\w|\w- | - | -\w")
"""Any dash but an en dash with blanks around it. A hyphen in a word is none."""
FROM_TABLES = {f"shape_{shape}" for shape in SHAPES} | {f"switch_{name}" for name in buttons.SWITCHES}
FROM_TABLES |= {f"place_{place}" for place in PLACES}
FROM_TABLES |= {f"auto_{auto}" for auto in AUTOS} | {f"auto_{auto}_name" for auto in AUTOS}
FROM_TABLES |= {f"{kind}_shown" for kind in (*SETTINGS, "settings")}
SOURCES = "".join(path.read_text() for path in Path("src/pisar").rglob("*.py") if "texts" not in path.parts)
OF_PRESSES = [line for line in SOURCES.splitlines() if "cknowledge(" in line]
PRESS_ANSWERS = {key for line in OF_PRESSES for key in re.findall(r'"(\w+)"', line) if key in TEXTS["en"]}


def decide(text: str) -> tuple[Action, ...]:
    facts = Facts(allowed=AllowList(everyone=True), limits=AudioLimits(max_bytes=1, max_seconds=1), is_admin=True)
    return decided(Incoming(chat_id=-1, chat_type="group", message_id=1, text=text), facts)


def placeholders(text: str) -> set[str]:
    return {name for name, _ in PLACEHOLDER.findall(text)}


def every_text(language: str) -> dict[str, str]:
    """Return the texts of a language and what it writes times with."""
    times = {f"{style} {number}": text for style, texts in LANGUAGES[language].TIMES.items() for number, text in enumerate(texts)}
    return {**TEXTS[language], **times}


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_the_same_keys_and_placeholders(language: str):
    english = {key: placeholders(text) for key, text in every_text("en").items()}
    assert {key: placeholders(text) for key, text in every_text(language).items()} == english


@pytest.mark.parametrize("language", TEXTS)
def test_a_placeholder_has_all_plural_forms_of_its_language_or_a_style_of_times(language: str):
    of_times, forms = LANGUAGES[language].TIMES, len(LANGUAGES[language].PLURALS)
    specs = {spec for text in every_text(language).values() for _, spec in PLACEHOLDER.findall(text) if spec}
    assert [spec for spec in specs if spec not in of_times and spec.count("|") != forms - 1] == []
    assert [key for key, text in every_text(language).items() if re.search("[{}]", PLACEHOLDER.sub("", text))] == []


@pytest.mark.parametrize("language", TEXTS)
def test_a_number_has_a_plural_form_in_each_category_of_its_language(language: str):
    spoken = LANGUAGES[language]
    assert {spoken.plural(number) for number in (*range(200), 0.5, 1.5, 2.5)} == set(spoken.PLURALS)


@pytest.mark.parametrize("language", TEXTS)
def test_the_texts_of_a_language_fit_where_telegram_shows_them(language: str):
    limits = dict.fromkeys(PRESS_ANSWERS, LONGEST_PRESS_ANSWER)
    limits |= {key: LONGEST_OF_COMMAND for key in TEXTS[language] if key.startswith("command_")}
    limits |= {key: LONGEST_BUTTON for key in TEXTS[language] if key.startswith(("button_", "shape_", "switch_")) and key not in limits}
    limits |= {"bot_description": LONGEST_DESCRIPTION, "bot_short_description": LONGEST_SHORT_DESCRIPTION}
    found = {key: units(text) for key, text in TEXTS[language].items()}
    assert [(key, length) for key, length in found.items() if not 0 < length <= limits.get(key, 2000)] == []


@pytest.mark.parametrize("language", TEXTS)
def test_a_dash_is_an_en_dash_with_blanks_around_it(language: str):
    words_of_command = "/words -"  # typed, not read
    assert [key for key, text in every_text(language).items() if SLANTED.search(text.replace(words_of_command, ""))] == []


@pytest.mark.parametrize("language", TEXTS)
def test_no_text_has_jargon_or_a_decimal_point_for_a_comma(language: str):
    found = [(key, word) for key, text in every_text(language).items() for word in JARGON.get(language, ()) if word in text.lower()]
    point = "," if LANGUAGES[language].DECIMAL_MARK == "." else "."
    assert (found, [key for key, text in every_text(language).items() if re.search(rf"\d[{point}]\d", text)]) == ([], [])


@pytest.mark.parametrize(
    ("language", "values", "text"),
    [
        ("en", {"count": 1, "limit": 300}, "🚫 That's 1 character, and I can remember 300."),
        ("en", {"count": 301, "limit": 300}, "🚫 That's 301 characters, and I can remember 300."),
        ("ru", {"count": 301, "limit": 300}, "🚫 Вышло 301 символ, а запомнить я могу 300."),
        ("ru", {"count": 303, "limit": 300}, "🚫 Вышло 303 символа, а запомнить я могу 300."),
        ("ru", {"count": 311, "limit": 300}, "🚫 Вышло 311 символов, а запомнить я могу 300."),
        ("ru", {"count": 320, "limit": 300}, "🚫 Вышло 320 символов, а запомнить я могу 300."),
    ],
)
def test_a_word_beside_a_number_has_its_plural_form(language: str, values: dict[str, int], text: str):
    assert say(language, "words_too_long", **values).startswith(text)


@pytest.mark.parametrize(
    ("minutes", "english", "russian"),
    [
        (180, "3 hours", "3 часов"),
        (60.0, "1 hour", "1 часа"),
        (90, "1 hour 30 minutes", "1 часа 30 минут"),
        (1, "1 minute", "1 минуты"),
        (1.5, "1.5 minutes", "1,5 минуты"),
        (0.05, "0.05 minutes", "0,05 минуты"),
        (0, "0 minutes", "0 минут"),
    ],
)
def test_a_limit_of_time_is_written_as_people_say_it(minutes: float, english: str, russian: str):
    assert say("en", "too_long", limit_minutes=minutes).startswith(f"🚫 This recording is longer than {english}. ")
    assert say("ru", "too_long", limit_minutes=minutes).startswith(f"🚫 Запись длиннее {russian}. ")


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(0, "1 min"), (59, "1 min"), (61, "2 min"), (5400, "1 h 30 min"), (7200, "2 h"), (7201, "3 h"), (17_000, "5 h"), (86_400, "24 h")],
)
def test_a_time_until_something_happens_is_rounded_up(seconds: int, left: str):
    assert say("en", "quota_used", limit_minutes=3, resets_in_seconds=seconds).endswith(f"(3 min) is used up. Resets in {left}.")


@pytest.mark.parametrize(
    ("number", "english", "russian"), [(20.0, "20", "20"), (1.5, "1.5", "1,5"), (0.1 + 0.2, "0.3", "0,3"), (7, "7", "7")]
)
def test_a_number_has_the_decimal_mark_of_its_language(number: float, english: str, russian: str):
    assert say("en", "status", used=number, limit=10, waiting=0, line=0).startswith(f"📊 Today: {english} of 10 min.")
    assert say("ru", "status", used=number, limit=10, waiting=0, line=0).startswith(f"📊 Сегодня: {russian} из 10 мин.")
    assert say("uk", "status", used=number, limit=10, waiting=0, line=0).startswith(f"📊 Сьогодні: {russian} з 10 хв.")


def test_an_id_is_a_number_without_marks():
    assert say("en", "id", id=-1_001_234_567_890) == "🪪 Your id: -1001234567890"


def test_what_a_person_wrote_is_not_taken_for_a_placeholder():
    assert "{id} {count:a|b}" in say("en", "words_shown", words="{id} {count:a|b}")


def test_a_language_that_has_texts_is_not_given_those_of_another():
    assert {code: CLIENTS[code] for code in LANGUAGES} == {code: code for code in LANGUAGES}
    assert [code for code in CLIENTS if text_language(code) not in LANGUAGES] == []
    assert len({language.NAME for language in LANGUAGES.values()}) == len(LANGUAGES)


@pytest.mark.parametrize("limit_mb", [20, 3])
def test_a_file_too_big_for_telegram_is_told_apart_from_one_too_big_for_us(limit_mb: int):
    key = "too_big_for_bots" if limit_mb == 20 else "too_big"
    assert refusal("ru", too_big(30 * 2**20, limit_mb * 2**20)) == say("ru", key, limit_mb=limit_mb)


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
    assert shown | {"interface"} == {*SETTINGS, "settings"}


def test_an_unknown_language_is_answered_in_english():
    assert say("fr", "failed", job="abc") == TEXTS["en"]["failed"].format(job="abc")


def test_a_language_is_added_by_its_file_alone():
    assert set(TEXTS) == {path.stem for path in Path("src/pisar/bot/texts").glob("*.py")} - {"__init__"}
