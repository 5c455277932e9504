"""Everything the bot says, one table a language; placeholders are named, their values come from the error or the flow."""

from collections.abc import Mapping

from pisar.bot.texts import en, ru

TEXTS: Mapping[str, Mapping[str, str]] = {"en": en.TEXTS, "ru": ru.TEXTS}


def say(language: str, key: str, **values: str | float) -> str:
    """Return the text under `key` in `language` (English where we have no such language), its placeholders filled."""
    return TEXTS.get(language, en.TEXTS)[key].format(**values)
