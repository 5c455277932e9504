"""Texts as Telegram measures and cleans them: lengths and offsets in UTF-16 units, markup taken out before counting."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

from localstack.telegram.refusals import bad_request

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
MAX_RAW_BYTES = 1 << 15
"""The reference server refuses longer texts before it parses them (Client.cpp, get_formatted_text)."""

_HTML_ENTITIES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}

Entities = tuple[dict[str, Any], ...]


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def parse(text: str, parse_mode: str, entities: Sequence[dict[str, Any]] = ()) -> tuple[str, Entities]:
    """Return the text as sent, without surrounding blanks, and its entities; refuse markup that does not parse."""
    if len(text.encode()) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    mode = parse_mode.lower()
    if mode == "html":
        text, entities = _parse_html(text)
    elif mode in ("markdown", "markdownv2"):
        raise bad_request("can't parse entities: the stand-in understands HTML only")
    elif mode not in ("", "none"):
        raise bad_request("unsupported parse_mode")
    lead = units(text) - units(text.lstrip())
    text = text.strip()
    moved = ({**entity, "offset": max(0, entity["offset"] - lead)} for entity in entities)
    return text, tuple(entity for entity in moved if entity["offset"] < units(text)) or detect(text)


def detect(text: str) -> Entities:
    """Return the commands and mentions in a text, which Telegram marks by itself."""
    found = re.finditer(r"(?<![\w/@])(?:(/[A-Za-z0-9_]{1,32}(?:@\w+)?)|(@\w{3,32}))", text)
    return tuple(
        {"type": "bot_command" if match[1] else "mention", "offset": units(text[: match.start()]), "length": units(match[0])}
        for match in found
    )


def _parse_html(text: str) -> tuple[str, Entities]:
    parser = _TelegramHtml()
    parser.feed(text)
    parser.close()
    if parser.open:
        raise bad_request(f"can't parse entities: Can't find end tag corresponding to start tag \"{parser.open[-1][0]}\"")
    return parser.text, tuple(sorted(parser.entities, key=lambda entity: (entity["offset"], -entity["length"])))


class _TelegramHtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[tuple[str, int, dict[str, str]]] = []
        self.entities: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HTML_ENTITIES:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {len(self.text.encode())}')
        address = dict(attrs).get("href")
        extras = {"url": address} if address else {}
        self.open.append((tag, units(self.text), extras))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {len(self.text.encode())}")
        _, start, extras = self.open.pop()
        if length := units(self.text) - start:
            self.entities.append({"type": _HTML_ENTITIES[tag], "offset": start, "length": length, **extras})

    def handle_data(self, data: str) -> None:
        self.text += data
