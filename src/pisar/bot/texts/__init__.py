"""The bot's texts, one module for each language; their placeholders are named, and the error or the caller gives the values.

To add a language, add its module, named by the language's code, with a dictionary TEXTS of the same keys as English.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

ENGLISH = "en"

TEXTS: Mapping[str, Mapping[str, str]] = {one.name: import_module(f"{__name__}.{one.name}").TEXTS for one in iter_modules(__path__)}


def say(language: str, key: str, **values: str | float) -> str:
    """Return the text under `key` in `language` (English where there are no texts in it), its placeholders filled."""
    return TEXTS.get(language, TEXTS[ENGLISH])[key].format(**values)


def text_language(language_code: str | None) -> str:
    """Return the language of our texts for a Telegram `language_code` (IETF tag): English where there is none."""
    language = (language_code or "").lower().split("-")[0]
    return language if language in TEXTS else ENGLISH
