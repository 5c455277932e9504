"""Names that people chose, as the bot may write them: on one line, of bounded length, without signs that nobody sees. Pure.

A name may turn the text around it (U+202E), hide in it, or fill the screen; it stands in the bot's message and must not do so there.
"""

import unicodedata
from pathlib import PurePosixPath

from pisar.bot.answer_messages import split

NAME_UNITS = 64
"""The longest name in UTF-16 units; Telegram takes first and last names of 64 letters each, and titles of 128."""

FORBIDDEN_IN_FILE_NAMES = dict.fromkeys(map(ord, '\\/:*?"<>|'), " ")
"""Windows refuses these (learn.microsoft.com/windows/win32/fileio/naming-a-file); a slash parts folders everywhere."""

LINE_ENDS = {"Cc", "Zl", "Zp"}
"""Unicode's categories of line ends and controls, which part words."""

MARKS_ON_A_LETTER = 2


def shown_name(name: str) -> str:
    """Return the name of a person or a chat, "" if nothing of it can be seen."""
    return _bounded(_seen(name))


def file_title(file_name: str) -> str:
    """Return a recording's file name without folders and ending, such that any system takes it; "" if nothing is left."""
    name = _seen(file_name.replace("\\", "/").rpartition("/")[2])
    return _bounded(" ".join(PurePosixPath(name).stem.translate(FORBIDDEN_IN_FILE_NAMES).split()).strip(". "))


def _seen(name: str) -> str:
    letters, marks = list[str](), 0
    for letter in name:
        category = unicodedata.category(letter)
        marks = marks + 1 if category.startswith("M") else 0
        if category in LINE_ENDS:
            letters.append(" ")
        elif not category.startswith("C") and marks <= MARKS_ON_A_LETTER:  # more marks pile up over the lines above
            letters.append(letter)
    return " ".join("".join(letters).split())


def _bounded(name: str) -> str:
    parts = split(name, NAME_UNITS)
    return parts[0] if len(parts) == 1 else f"{parts[0]}…"
