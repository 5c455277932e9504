"""What strangers send: documents that were good once, broken in the ways that break readers."""

import copy
import json
from random import Random
from typing import Any

Path = tuple[str | int, ...]

TEXTS = (
    "",
    " ",
    "\x00",
    "\n" * 50,
    "/start",
    "/delete",
    "/words " + "ы," * 400,
    "/language " + ",".join(["ru", "en"] * 60),
    "/allow " + "9" * 400,
    "/transcribe",
    "@pisar_bot",
    "ru",
    "x" * 70_000,
    "\u202e\u200d\ufeff",
    "😀" * 3000,
    "../../clients/x",
    "{0.__class__}{id}",
    "%s%n",
    "null",
    "e\u0301" * 200,
    "uploads/../clients/a.json",
    "erase:yes",
    "set:ru",
    "as:srt:0123",
)
NUMBERS = (0, -1, 1, 2**31, -(2**31), 2**53, 2**63 - 1, -(2**63), 2**63, 10**400, 1.5, -0.0, 1e308, 10**19)
RAW = (
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    '"\\ud800"',
    '"\\udfff\\ud800"',
    "1" + "0" * 5000,
    "[" * 3000 + "]" * 3000,
    '{"a":' * 300 + "1" + "}" * 300,
)
"""JSON, or nearly, that no document can be dumped to: written in place of a mark."""

MARK = "\u2603mark"


def paths(value: Any, here: Path = ()) -> list[Path]:
    """Return where every value of a document is."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [here, *(path for name, one in inner for path in paths(one, (*here, name)))]


def anything(chance: Random, depth: int = 2) -> Any:
    """Return some value that JSON has."""
    kind = chance.randrange(9 if depth else 6)
    if kind < 2:
        return chance.choice(TEXTS)
    if kind < 4:
        return chance.choice(NUMBERS)
    if kind < 6:
        return chance.choice([None, True, False, MARK])
    if kind == 6:
        return {chance.choice(TEXTS)[:60]: anything(chance, depth - 1) for _ in range(chance.randrange(4))}
    return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]


def mutated(chance: Random, document: Any, times: int | None = None) -> Any:
    """Return a copy of a document with some of its values changed, taken out, put elsewhere or doubled."""
    changed = copy.deepcopy(document)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3, 6]) if times is None else times):
        where = chance.choice(paths(changed))
        if not where:
            continue
        home = changed
        for name in where[:-1]:
            home = home[name]
        last = where[-1]
        match chance.randrange(8):
            case 0:
                del home[last]
            case 1:
                home[last] = copy.deepcopy(value_at(changed, chance.choice(paths(changed))))
            case 2 if isinstance(home, list):
                home.extend([home[last]] * chance.randrange(1, 30))
            case 2 | 3 if isinstance(home, dict):
                home[chance.choice([*home, *TEXTS])[:60]] = anything(chance)
            case _:
                home[last] = like(chance, home[last])
    return changed


def like(chance: Random, value: Any) -> Any:
    """Return a value in place of another, mostly of its own kind: what is of another is refused before anybody counts with it."""
    if chance.random() < 0.3:
        return anything(chance)
    if isinstance(value, str):
        return chance.choice(TEXTS)
    return chance.choice(NUMBERS) if isinstance(value, int | float) else anything(chance)


def value_at(document: Any, path: Path) -> Any:
    """Return what lies there."""
    for name in path:
        document = document[name]
    return document


def written(chance: Random, document: Any) -> bytes:
    """Return a document as JSON, now and then not quite."""
    text = json.dumps(document, ensure_ascii=chance.random() < 0.5)
    while json.dumps(MARK) in text or f'"{MARK}"' in text:
        raw = chance.choice(RAW)
        text = text.replace(json.dumps(MARK), raw, 1) if json.dumps(MARK) in text else text.replace(f'"{MARK}"', raw, 1)
    body = text.encode(errors="surrogatepass")
    match chance.randrange(20):
        case 0:
            return body[: chance.randrange(len(body) + 1)]
        case 1:
            at = chance.randrange(len(body) + 1)
            return body[:at] + chance.randbytes(chance.randrange(1, 8)) + body[at:]
        case 2:
            return chance.randbytes(chance.randrange(200))
        case 3:
            return text.encode(chance.choice(["utf-16", "utf-32", "utf-8-sig"]), errors="surrogatepass")
        case _:
            return body


def in_words(chance: Random, document: Any) -> Any:
    """Return a document as a door gets it that is handed it decoded already: marks are what JSON's own reader makes of strange JSON."""
    if document == MARK:
        return chance.choice(["\ud800", "\udfff\ud800", float("inf"), float("nan"), 10**5000, _deep(900)])
    if isinstance(document, dict):
        return {name: in_words(chance, value) for name, value in document.items()}
    return [in_words(chance, value) for value in document] if isinstance(document, list) else document


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value
