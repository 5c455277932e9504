"""The table of commands, and what a message's command says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.bot.answer_messages import units
from pisar.bot.commands import COMMANDS, Audience, Command, OtherBots, menu, parse
from pisar.bot.texts import TEXTS
from pisar.domain.bots import MenuEntry

BOT = "Pisar_Bot"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
names = st.text(LETTERS, min_size=1, max_size=64)
blanks = st.text(" \t\n\r\u00a0\u2003\u3000", min_size=1, max_size=3)
spellings_of_the_bot = st.tuples(*(st.sampled_from([letter.lower(), letter.upper()]) for letter in BOT)).map("".join)


@given(names, st.none() | spellings_of_the_bot, blanks, st.text())
def test_a_command_is_read_whatever_its_case_and_blanks(name, bot, blank, argument):
    text = f"/{name}" + ("" if bot is None else f"@{bot}") + blank + argument
    assert parse(text, BOT) == Command(name.lower(), argument.strip())


@given(names, st.none() | spellings_of_the_bot)
def test_a_command_needs_no_argument(name, bot):
    assert parse(f"/{name}" + ("" if bot is None else f"@{bot}"), BOT) == Command(name.lower(), "")


@given(names, st.text(LETTERS, min_size=1).filter(lambda bot: bot.lower() != BOT.lower()), st.sampled_from(["", " x", "\n/start"]))
def test_a_command_for_another_bot_is_told_from_no_command(name, bot, rest):
    assert parse(f"/{name}@{bot}{rest}", BOT) == OtherBots()


@given(st.text().filter(lambda text: not text.startswith("/")))
def test_a_text_that_begins_otherwise_has_no_command(text):
    assert parse(text, BOT) is None


@given(st.text("/@ ab_-.\nя"))
def test_a_command_that_was_read_can_be_written_again(text):
    read = parse(text, BOT)
    if isinstance(read, Command):
        assert re.fullmatch(r"[a-z0-9_]{1,64}", read.name)
        assert parse(f"/{read.name}@{BOT} {read.argument}", BOT) == read


@pytest.mark.parametrize(
    "text", ["", "/", "/ help", "//help", "/help/me", "/help.", "/help@", "/help@ x", "/помощь", " /help", "/" + "a" * 65]
)
def test_what_is_only_like_a_command_is_none(text):
    assert parse(text, BOT) is None


def test_the_argument_keeps_its_case_and_its_lines():
    assert parse("/Allow@pisar_bot\n 42 Anna\nB. ", BOT) == Command("allow", "42 Anna\nB.")


def test_each_audience_is_offered_its_own_commands():
    offered = {audience: {entry.name for entry in menu(audience, "en")} for audience in Audience}
    private = {"start", "help", "language", "words", "format", "settings", "privacy", "id", "status", "cancel", "delete", "transcribe"}
    assert offered == {
        Audience.PRIVATE: private,
        Audience.GROUPS: (private - {"start"}) | {"auto"},
        Audience.OWNER: private | {"allow", "deny", "users", "stats"},
    }


def test_no_command_is_there_twice():
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("audience", Audience)
def test_telegram_takes_every_menu(audience, language):
    entries = menu(audience, language)
    assert [entry for entry in entries if not re.fullmatch(r"[a-z0-9_]{1,32}", entry.name)] == []
    assert [entry for entry in entries if not 1 <= units(entry.description) <= 256] == []


def test_a_menu_speaks_the_language_asked_for_and_english_otherwise():
    assert menu(Audience.GROUPS, "ru")[0] == MenuEntry("transcribe", TEXTS["ru"]["command_transcribe"])
    assert menu(Audience.GROUPS, "fr") == menu(Audience.GROUPS, "en")


@pytest.mark.parametrize("language", TEXTS)
def test_telegram_takes_the_descriptions(language):
    lengths = (units(TEXTS[language]["bot_description"]), units(TEXTS[language]["bot_short_description"]))
    assert (0 < lengths[0] <= 512, 0 < lengths[1] <= 120) == (True, True)
