"""Reads from the words beside a request in which language the recording is spoken. Pure.

What stands after /transcribe is meant to name a language, so anything else is answered. Beside a mention people also just talk, and a
caption is a caption: there only what certainly names a language counts. A word as short as a code is answered too after a mention, since
the person would wonder why another language was heard.
"""

import re
from dataclasses import dataclass

from pisar.bot.commands import Command, OtherBots
from pisar.domain.languages import language_named, languages_named
from pisar.domain.options import AUTO

POLITE = frozenset(
    ["please", "pls", "plz", "thanks", "thx", "пожалуйста", "пожалуста", "пж", "плиз", "плз", "спасибо", "ласка", "будь", "дякую"]
)
"""Words beside a language that say nothing about it."""

TALK = frozenset(
    [
        "hi",
        "hey",
        "yo",
        "ha",
        "ok",
        "so",
        "no",
        "yes",
        "yep",
        "my",
        "is",
        "as",
        "am",
        "be",
        "he",
        "la",
        "si",
        "it",
        "go",
        "do",
        "up",
        "to",
        "me",
        "we",
        "us",
        "ty",
        "bro",
        "wow",
        "lol",
        "omg",
        "any",
    ]
)
"""Short words that people say, though they are, or look like, codes of languages."""

MAX_NAME_WORDS = 2
"""More words than a language's name has are talk."""

SHOWN_CHARACTERS = 20
_CODE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class UnknownLanguage:
    """A word that stands where a language is named, and names none that is known."""

    word: str


def spoken(text: str, command: Command | OtherBots | None, username: str) -> str | UnknownLanguage:
    """Return the language that a message's text asks for: codes with commas between them, AUTO, or "" where it names none."""
    if isinstance(command, Command):
        words = _without_politeness(command.argument)
        named = _named(words)
        if named or command.name != "transcribe" or not words or len(words.split()) > MAX_NAME_WORDS:
            return named
        return UnknownLanguage(unnamed(words))
    rest = without_mention(text, username)
    mentioned = rest != text
    words = _without_politeness(rest) if mentioned else text
    alone = words.casefold().strip(" .,!?")
    if alone in TALK:
        return ""
    named = _named(words)
    return UnknownLanguage(unnamed(words)) if mentioned and not named and _CODE.fullmatch(alone) else named


def mentions(text: str, username: str) -> bool:
    """Say whether a text names the bot, whatever punctuation stands beside the name."""
    return bool(username) and _mention(username).search(text) is not None


def without_mention(text: str, username: str) -> str:
    """Return a text without the bot's name."""
    return _mention(username).sub(" ", text)


def names_language(text: str) -> bool:
    """Say whether a text is nothing but the name of a language."""
    return bool(_named(text)) and text.casefold().strip(" .,!?") not in TALK


def unnamed(text: str) -> str:
    """Return the first words of a list of languages that name none, at most SHOWN_CHARACTERS of them."""
    pieces = [piece for piece in re.split(r"[,;\s]+", text) if piece]
    return next((piece for piece in pieces if language_named(piece) in (None, AUTO)), text)[:SHOWN_CHARACTERS]


def _named(text: str) -> str:
    codes = languages_named(text)
    return AUTO if AUTO in codes else ",".join(codes)


def _without_politeness(text: str) -> str:
    return " ".join(word for word in text.split() if word.casefold().strip(".,!?") not in POLITE)


def _mention(username: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])@{re.escape(username)}(?!\w)", re.IGNORECASE)
