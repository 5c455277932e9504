"""Everything the bot says, one module a language; placeholders are named, their values come from the error or the flow.

A language is added by adding its module, named by the language's code, with a dictionary TEXTS of the same keys as English.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

ENGLISH = "en"

TEXTS: Mapping[str, Mapping[str, str]] = {one.name: import_module(f"{__name__}.{one.name}").TEXTS for one in iter_modules(__path__)}


def say(language: str, key: str, **values: str | float) -> str:
    """Return the text under `key` in `language` (English where we have no such language), its placeholders filled."""
    return TEXTS.get(language, TEXTS[ENGLISH])[key].format(**values)


def text_language(language_code: str | None) -> str:
    """Return the language of our texts for a Telegram `language_code` (IETF tag): English where there is none."""
    language = (language_code or "").lower().split("-")[0]
    return language if language in TEXTS else ENGLISH
