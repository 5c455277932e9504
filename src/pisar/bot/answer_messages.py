"""Turns a transcript into the messages of the answer, or into one document with a preview.

Telegram counts message lengths in UTF-16 code units, so a letter outside the basic plane counts twice and must not be cut in two. Up to two
messages are sent as text; a longer answer becomes one document with a preview, not a flood of messages.
"""

from dataclasses import dataclass

from pisar.bot import buttons
from pisar.bot.texts import say
from pisar.domain.answer_to import Reply
from pisar.domain.messages import Keyboard
from pisar.domain.transcripts import Transcript
from pisar.formats import FORMATS
from pisar.formats.paragraphs import PARAGRAPH_END, in_paragraphs

MESSAGE_UNITS = 4096
"""The longest text of a message (core.telegram.org/bots/api#sendmessage: 1–4096 characters after entities parsing, in UTF-16 units)."""

CAPTION_UNITS = 1024
"""The longest caption of a document (core.telegram.org/bots/api#editmessagemedia and inputmediadocument: 0–1024 characters)."""

MAX_MESSAGES = 2
NUMBERING_UNITS = len(" (2/2)")
PREVIEW_UNITS = 300

SENTENCE_ENDS = (". ", "! ", "? ", "… ", "\n")

DOCUMENTS = {"txt": "text", "srt": "srt", "vtt": "vtt"}
"""The forms of an answer that are documents, and the format of each."""


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """The answer as messages, in order, each within MESSAGE_UNITS; the last has the buttons."""

    messages: tuple[str, ...]
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class DocumentAnswer:
    """The answer as a UTF-8 text file with a caption."""

    name: str
    content: bytes
    caption: str
    keyboard: Keyboard = ()


Answer = TextAnswer | DocumentAnswer


def answer(transcript: Transcript, reply: Reply, job_id: str | None) -> Answer:
    """Return the answer with a transcript that has segments, in the form that `reply` asks for; with a `job_id` it has buttons."""
    keyboard = buttons.of_answer(job_id, reply.language) if job_id else ()
    if reply.shape in DOCUMENTS:
        shape = FORMATS[DOCUMENTS[reply.shape]]
        name = f"transcript.{shape.extension}"
        return DocumentAnswer(name, shape.write(transcript).encode(), _preview(transcript.text, reply.language), keyboard)
    text = with_times(transcript) if reply.shape == "timecodes" else in_paragraphs(transcript)
    parts = split(text, MESSAGE_UNITS)
    if len(parts) == 1:
        return TextAnswer(tuple(parts), keyboard)
    parts = split(text, MESSAGE_UNITS - NUMBERING_UNITS)
    if len(parts) <= MAX_MESSAGES:
        return TextAnswer(tuple(f"{part} ({number}/{len(parts)})" for number, part in enumerate(parts, 1)), keyboard)
    return DocumentAnswer("transcript.txt", text.encode(), _preview(transcript.text, reply.language), keyboard)


def beginning(answer: Answer) -> str:
    """Return the beginning of an answer, as much of it as a notification may show: PREVIEW_UNITS at most."""
    text = answer.messages[0] if isinstance(answer, TextAnswer) else answer.caption
    parts = split(text, PREVIEW_UNITS)
    return parts[0] if len(parts) == 1 else f"{parts[0]}…"


def with_times(transcript: Transcript) -> str:
    """Return a transcript with one segment a line, each after the time it begins at: [1:05] or [1:02:03]."""
    return "\n".join(f"[{_clock(segment.start)}] {segment.text}" for segment in transcript.segments)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _preview(text: str, language: str) -> str:
    parts = split(text, PREVIEW_UNITS)
    return parts[0] if len(parts) == 1 else say(language, "document_preview", preview=parts[0])


def split(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` UTF-16 units: after a paragraph if one ends in the last half, else a sentence, else a word.

    Only blanks at the cuts are removed. `limit` is at least 2, so that any letter fits.
    """
    parts = []
    text = text.strip()
    while units(text) > limit:
        fitting = _longest_prefix(text, limit)
        paragraph_end = text.rfind(PARAGRAPH_END, 0, fitting + len(PARAGRAPH_END))
        sentence_end = max(text.rfind(mark, 0, fitting + 1) for mark in SENTENCE_ENDS) + 1
        word_end = max(text.rfind(" ", 0, fitting + 1), text.rfind("\n", 0, fitting + 1))
        late = [end for end in (paragraph_end, sentence_end) if end >= max(1, fitting // 2)]
        cut = late[0] if late else word_end if word_end > 0 else fitting
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
