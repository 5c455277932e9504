"""Turns a transcript into the messages of the answer, or into one document with a preview.

Telegram counts message lengths in UTF-16 code units, so a letter outside the basic plane counts twice and must not be cut in two. A long
text that fits into one message is a folded quote, which opens at a touch. Up to two messages are sent as text; a longer answer becomes one
document with a preview, not a flood of messages.
"""

from dataclasses import dataclass

from pisar.bot import buttons
from pisar.bot.texts import say
from pisar.domain.answer_to import Reply
from pisar.domain.messages import Keyboard, Mark
from pisar.domain.transcripts import Transcript
from pisar.formats import FORMATS
from pisar.formats.paragraphs import PARAGRAPH_END, in_paragraphs

MESSAGE_UNITS = 4096
"""The longest text of a message (core.telegram.org/bots/api#sendmessage: 1–4096 characters after entities parsing, in UTF-16 units)."""

CAPTION_UNITS = 1024
"""The longest caption of a document (core.telegram.org/bots/api#editmessagemedia and inputmediadocument: 0–1024 characters)."""

QUOTED_UNITS = 700
"""The longest text that is shown whole: a telephone's screen shows about as much, beside what it answers."""

MAX_MESSAGES = 2
PREVIEW_UNITS = 300

FULL_FIGURES = 2
"""How many figures of a text's length a preview tells; the others are zeros."""

SENTENCE_ENDS = (". ", "! ", "? ", "… ", "\n")

DOCUMENTS = {"txt": "text", "srt": "srt", "vtt": "vtt"}
"""The forms of an answer that are documents, and the format of each."""


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """The answer as messages, in order, each within MESSAGE_UNITS; the last has the buttons. `marks` are the first message's."""

    messages: tuple[str, ...]
    keyboard: Keyboard = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentAnswer:
    """The answer as a UTF-8 text file with a caption; `marks` are the caption's."""

    name: str
    content: bytes
    caption: str
    keyboard: Keyboard = ()
    marks: tuple[Mark, ...] = ()


Answer = TextAnswer | DocumentAnswer


def answer(transcript: Transcript, reply: Reply, job_id: str | None) -> Answer:
    """Return the answer with a transcript that has segments, in the form that `reply` asks for; with a `job_id` it has buttons."""
    keyboard = buttons.of_answer(job_id, reply.language) if job_id else ()
    if reply.shape in DOCUMENTS:
        shape = FORMATS[DOCUMENTS[reply.shape]]
        head = _head(reply, "\n\n") if reply.shape == "txt" else ""
        return _document(head + shape.write(transcript), shape.extension, transcript, reply, keyboard)
    text = with_times(transcript) if reply.shape == "timecodes" else in_paragraphs(transcript)
    head, shown = _head(reply, "\n"), text.strip()
    messages = numbered(head + shown)
    if len(messages) > MAX_MESSAGES:
        return _document(_head(reply, "\n\n") + text, "txt", transcript, reply, keyboard)
    folded = len(messages) == 1 and units(shown) > QUOTED_UNITS
    quote = (Mark("quote", units(head), units(shown)),) if folded else ()
    return TextAnswer(messages, keyboard, (*_name_marks(reply), *quote))


def in_messages(document: DocumentAnswer) -> TextAnswer:
    """Return a document's content as messages, as many as it takes, for a chat that takes no documents."""
    return TextAnswer(numbered(document.content.decode()), document.keyboard)


def numbered(text: str) -> tuple[str, ...]:
    """Return a text as messages, as many as it takes, numbered if there are several."""
    parts = split(text, MESSAGE_UNITS)
    if len(parts) == 1:
        return tuple(parts)
    count = 0
    while len(parts) > count:  # the numbers take room, which may take a part more
        count = len(parts)
        parts = split(text, MESSAGE_UNITS - units(_number(count, count)))
    return tuple(part + _number(number, len(parts)) for number, part in enumerate(parts, 1))


def _number(number: int, count: int) -> str:
    return f" ({number}/{count})"


def _head(reply: Reply, end: str) -> str:
    """Return the line with the name of whose recording was forwarded, "" if it was not or nobody knows."""
    return f"{reply.speaker}:{end}" if reply.speaker else ""


def _name_marks(reply: Reply) -> tuple[Mark, ...]:
    return (Mark("bold", 0, units(f"{reply.speaker}:")),) if reply.speaker else ()


def _document(content: str, extension: str, transcript: Transcript, reply: Reply, keyboard: Keyboard) -> DocumentAnswer:
    name = f"{reply.title or say(reply.language, 'file_name')}.{extension}"
    caption = _head(reply, "\n") + _preview(in_paragraphs(transcript), reply.language)
    return DocumentAnswer(name, content.encode(), caption, keyboard, _name_marks(reply))


def for_guest(answer: Answer, language: str) -> TextAnswer:
    """Return an answer as the one message that a guest may send: the text, or as much of it as fits, without buttons."""
    if isinstance(answer, TextAnswer) and len(answer.messages) == 1:
        return TextAnswer(answer.messages, marks=answer.marks)
    whole = answer.content.decode() if isinstance(answer, DocumentAnswer) else "\n".join(answer.messages)
    end = say(language, "guest_cut")
    parts = split(whole, MESSAGE_UNITS - units(f"\n\n{end}"))
    return TextAnswer((parts[0] if len(parts) == 1 else f"{parts[0]}\n\n{end}",))


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
    return parts[0] if len(parts) == 1 else say(language, "document_preview", preview=parts[0], count=_about(len(text)))


def _about(count: int) -> str:
    """Return a count with FULL_FIGURES figures, in groups of three with spaces that no line breaks at: 12 000."""
    return f"{round(count, FULL_FIGURES - len(str(count))):,}".replace(",", "\u00a0")


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
