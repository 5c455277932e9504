"""The bot's texts, and how a number, a time and a plural form are written into one.

Each language is one module, named by the language's code; `Language` says what is in it, and adding the module adds the language. A
placeholder is one of

    {count}                 a text as it is, or a number with the language's decimal mark, at most two decimals and no zeros after them
    {count:file|files}      the form of a word for that number, the forms in the order of the language's PLURALS
    {limit_minutes:long}    a time, written out in the case that follows "up to": "3 hours", "1 hour 30 minutes"
    {resets_in_seconds:short}    a time, abbreviated: "5 h", "20 min"

A time is in minutes, or in seconds where the name of its placeholder ends in "seconds". Such a time is one until something happens: it is
rounded up, to whole hours from two hours on.

The plural rules are written here and not taken from Babel: `import babel.numbers` takes 40 ms of a core, which is 0.16 s of a cold start at
the webhook's quarter of a core, and the package adds 36 MB to each function's archive, for rules of three lines.
"""

import math
import re
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

ENGLISH = "en"

MINUTES_PER_HOUR = 60
HOURS_FROM_MINUTES = 120
"""The longest time until something happens that is told to the minute."""

_PLACEHOLDER = re.compile(r"{(\w+)(?::([^}]*))?}")


class Language(Protocol):
    """What the module of a language has."""

    NAME: str
    """The language's name in the language itself."""

    ALSO_FOR: tuple[str, ...]
    """Language codes of Telegram clients that get these texts because their own has none. A chat may choose others by /language."""

    DECIMAL_MARK: str

    PLURALS: tuple[str, ...]
    """The plural categories that the language has, named as in CLDR (cldr.unicode.org, language plural rules)."""

    TIMES: Mapping[str, tuple[str, str]]
    """The texts for hours and for minutes, both of {number}, under "short" and under "long"."""

    TEXTS: Mapping[str, str]

    @staticmethod
    def plural(number: float) -> str:
        """Return the plural category of a number."""


LANGUAGES: Mapping[str, Language] = {one.name: cast("Language", import_module(f"{__name__}.{one.name}")) for one in iter_modules(__path__)}

TEXTS: Mapping[str, Mapping[str, str]] = {code: language.TEXTS for code, language in LANGUAGES.items()}

CLIENTS: Mapping[str, str] = {other: code for code, language in LANGUAGES.items() for other in language.ALSO_FOR} | {
    code: code for code in LANGUAGES
}
"""The language of the texts for each language code of Telegram clients that does not get English."""


def say(language: str, key: str, **values: str | float) -> str:
    """Return the text under `key` in `language` (English where there are no texts in it), its placeholders filled."""
    spoken = LANGUAGES.get(language, LANGUAGES[ENGLISH])
    return _filled(spoken, spoken.TEXTS[key], values)


def text_language(language_code: str | None) -> str:
    """Return the language of our texts for a Telegram `language_code` (IETF tag): English where there is none."""
    return CLIENTS.get((language_code or "").lower().split("-")[0], ENGLISH)


def _filled(language: Language, text: str, values: Mapping[str, str | float]) -> str:
    def fill(placeholder: re.Match[str]) -> str:
        name, how = placeholder.groups()
        value = values[name]
        if how is None:
            return value if isinstance(value, str) else _number(language, value)
        number = float(value)
        if how in language.TIMES:
            return _time(language, how, _until(number) if name.endswith("seconds") else number)
        return how.split("|")[language.PLURALS.index(language.plural(number))]

    return _PLACEHOLDER.sub(fill, text)


def _number(language: Language, number: float) -> str:
    if number == int(number):
        return str(int(number))
    return f"{number:.2f}".rstrip("0").rstrip(".").replace(".", language.DECIMAL_MARK)


def _time(language: Language, style: str, minutes: float) -> str:
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    of_hours, of_minutes = language.TIMES[style]
    parts = [(of_hours, hours)] if hours else []
    parts += [(of_minutes, rest)] if rest or not hours else []
    return " ".join(_filled(language, text, {"number": number}) for text, number in parts)


def _until(seconds: float) -> int:
    """Return how many minutes to name for something that happens in so many seconds: rounded up, so that it has happened by then."""
    minutes = max(1, math.ceil(seconds / 60))
    return minutes if minutes <= HOURS_FROM_MINUTES else MINUTES_PER_HOUR * math.ceil(minutes / MINUTES_PER_HOUR)
