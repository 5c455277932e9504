"""Checks the options of a transcription before anything is stored or queued."""

import re
from collections.abc import Iterable, Mapping
from math import nan
from typing import Literal, get_args
from unicodedata import category

from pisar.domain import language_names
from pisar.domain.jobs import Options
from pisar.domain.languages import language_named
from pisar.domain.transcripts import Task
from pisar.errors import Rejected, Rejection

AUTO = language_names.AUTO

LANGUAGES: Mapping[str, str] = {code: names.partition("|")[0] for code, names in language_names.NAMES.items()}
"""Whisper's language codes, ISO 639-1 but for haw, jw and yue, and its English names for them (whisper.cpp's g_lang)."""

_JOINERS = "\u200c\u200d"  # control letters that Persian and some Indian scripts spell with
_FORMER_INDONESIAN = re.compile("^in(?=$|[-_])")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

MAX_TRACK = 1000
"""The highest track: ffmpeg reads no more streams of a file than this (its option max_streams)."""

SHOWN_CHARACTERS = 50
"""How many characters of a caller's words an error repeats."""

LANGUAGE_EXPECTED = "the code or the name of a language, such as ru, ru-RU, Russian or русский, or auto"

KEPT_PROMPT_CHARACTERS = 2000
"""How many characters of a prompt are kept, from its end: more than Whisper's last 224 tokens hold in any language.

A longer prompt is not refused: OpenAI's guide to long recordings has callers give the text before, however long that is.
"""

MAX_WORDS_CHARACTERS = 300
"""The longest list of a chat's words, in characters, commas and blanks included.

All of them must be among the 224 tokens of a prompt that Whisper reads; a token has 1.8 letters of rare Russian names, and 2.3 of names in
Latin letters.
"""


def options(
    *, language: str = "", task: str = "", prompt: str = "", temperature: str = "", track: str = "", default_language: str = AUTO
) -> Options:
    """Return checked options; a blank string takes its default. Raises Rejected(BAD_OPTION) that names what was expected.

    `language`: whatever `pisar.domain.languages.language_named` knows. Of a long `prompt` the end is kept, see `last_words`. `temperature`
    may have a decimal comma.
    """
    task = task.strip().lower() or "transcribe"
    if task not in get_args(Task):
        raise _bad("task", "transcribe or translate")
    if not is_text(prompt):
        raise _bad("prompt", "whole characters, without halves of surrogate pairs")
    known_task: Task = "translate" if task == "translate" else "transcribe"
    return Options(
        language=language_code(language) if language.strip() else default_language,
        task=known_task,
        prompt=last_words(prompt),
        temperature=_temperature(temperature.strip() or "0"),
        track=_track(track.strip()),
    )


def language_code(text: str) -> str:
    """Return Whisper's code of the language that a program's text names, or AUTO; raise Rejected(BAD_OPTION) if it names none.

    Besides what people say in chats it takes locales (ru_RU.UTF-8), a country in brackets (English (US)), and "in", the former code of
    Indonesian, which in a chat is a word.
    """
    told = _FORMER_INDONESIAN.sub("id", text.strip().lower())
    for tried in (told, told.partition("(")[0], told.partition(".")[0]):
        if code := language_named(tried):
            return code
    raise _bad("language", f"{LANGUAGE_EXPECTED}, not {shown(text)!r}")


def last_words(prompt: str) -> str:
    """Return the part of a prompt that is kept: its last KEPT_PROMPT_CHARACTERS, from the beginning of a word on."""
    prompt = prompt.strip()
    if len(prompt) <= KEPT_PROMPT_CHARACTERS:
        return prompt
    before, kept = prompt[-KEPT_PROMPT_CHARACTERS - 1], prompt[-KEPT_PROMPT_CHARACTERS:]
    whole = kept if before.isspace() else kept.partition(" ")[2]
    return whole.strip() or kept


def listed_words(text: str) -> tuple[str, ...]:
    """Return the words of a list separated by commas, semicolons or lines: each once, without blanks around or control characters."""
    named: dict[str, str] = {}
    for part in re.split(r"[,;\r\n]", text):
        printable = "".join(letter for letter in part if letter.isspace() or letter in _JOINERS or category(letter)[0] != "C")
        if word := " ".join(printable.split()).rstrip("."):
            named.setdefault(word.casefold(), word)
    return tuple(named.values())


def as_prompt(words: str) -> str:
    """Return listed words as a prompt that ends with a full stop, so that the engine begins the next text as a new sentence."""
    return f"{words}." if words else ""


def _temperature(asked: str) -> float:
    temperature = number(re.sub("^([0-9]*),([0-9]+)$", r"\1.\2", asked))
    if 0 <= temperature <= 1:  # which nan is not
        return temperature
    raise _bad("temperature", "a number from 0 to 1")


def _track(asked: str) -> int | None:
    if not asked:
        return None
    if re.fullmatch("[0-9]{1,4}", asked) and 1 <= int(asked) <= MAX_TRACK:
        return int(asked)
    raise _bad("track", "the number of an audio track, counted from 1")


def number(text: str) -> float:
    """Return the number that a text spells in ASCII digits, nan if it spells none; Python's float() takes 0_1 and ٠ as well."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else nan


def is_text(value: str) -> bool:
    """Say whether a string can be written as UTF-8: JSON can spell a lone surrogate, half a character, which can't."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(words: str) -> str:
    """Return the beginning of a caller's words, to be repeated in an error; what can't be written as UTF-8 becomes a question mark."""
    return words[:SHOWN_CHARACTERS].encode(errors="replace").decode()


def unknown_option(name: str, known: Iterable[str], instead: str = "") -> Rejected:
    """Return the refusal of an option that nobody knows; `instead`: where to find what it asks for."""
    expected = f"nothing of this name: the options are {', '.join(known)}{'; ' if instead else ''}{instead}"
    return Rejected(Rejection.BAD_OPTION, {"option": shown(name), "expected": expected})


def _bad(option: Literal["language", "task", "prompt", "temperature", "track"], expected: str) -> Rejected:
    return Rejected(Rejection.BAD_OPTION, {"option": option, "expected": expected})
