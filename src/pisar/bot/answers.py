"""A finished text → the messages it becomes.

Telegram counts message lengths in UTF-16 code units, so a letter outside the basic plane counts twice and must not be cut in
two. Up to two messages are written as text; anything longer becomes one document with a preview, not a flood.
"""

from dataclasses import dataclass

from pisar.bot.texts import say

MESSAGE_UNITS = 4096
"""core.telegram.org/bots/api#sendmessage: 1–4096 characters after entities parsing, in UTF-16 units."""

CAPTION_UNITS = 1024
"""core.telegram.org/bots/api#editmessagemedia and inputmediadocument: captions of 0–1024 characters."""

MAX_MESSAGES = 2
NUMBERING_UNITS = len(" (2/2)")
PREVIEW_UNITS = 300


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """The answer as messages, in order, each within MESSAGE_UNITS."""

    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentAnswer:
    """The answer as a UTF-8 text file with a caption."""

    name: str
    content: bytes
    caption: str


Answer = TextAnswer | DocumentAnswer


def answer(text: str, language: str) -> Answer:
    """Return how a transcript is shown to a person who reads `language`; `text` is not empty."""
    parts = split(text, MESSAGE_UNITS)
    if len(parts) == 1:
        return TextAnswer(tuple(parts))
    parts = split(text, MESSAGE_UNITS - NUMBERING_UNITS)
    if len(parts) <= MAX_MESSAGES:
        return TextAnswer(tuple(f"{part} ({number}/{len(parts)})" for number, part in enumerate(parts, 1)))
    preview = split(text, PREVIEW_UNITS)[0]
    return DocumentAnswer("transcript.txt", text.encode(), say(language, "document_preview", preview=preview))


def split(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` UTF-16 units: after a sentence if one ends in the last half, else after a word.

    Only blanks at the cuts are lost. `limit` is at least 2, so that any letter fits.
    """
    parts = []
    text = text.strip()
    while units(text) > limit:
        fitting = _longest_prefix(text, limit)
        sentence_end = max(text.rfind(mark, 0, fitting) for mark in (". ", "! ", "? ", "… ", "\n")) + 1
        word_end = max(text.rfind(" ", 0, fitting + 1), text.rfind("\n", 0, fitting + 1))
        cut = sentence_end if sentence_end >= max(1, fitting // 2) else word_end if word_end > 0 else fitting
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    if text or not parts:
        parts.append(text)
    return parts


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units, as Telegram counts it."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _longest_prefix(text: str, limit: int) -> int:
    used = 0
    for index, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > limit:
            return index
    return len(text)
