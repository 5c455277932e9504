"""JSON from outside, or from a store that others can write to: read strictly, so that what comes out can be counted with and written again.

`json.loads` lets through, or raises at in its own way, what fails much later: brackets nested until the interpreter's stack ends
(RecursionError, here or when it is written again), halves of a surrogate pair (UnicodeEncodeError at the first `encode`), numbers of
hundreds of digits (OverflowError in `float`), NaN and infinities. Here each is a ValueError, as broken JSON is.
"""

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 64
"""Arrays and objects within one another. Ours nest six deep, Telegram's updates some ten; Python's encoder gives up at about a thousand."""

MAX_DIGITS = 19
"""Of a whole number: those of a signed 64-bit one, the widest that any format we read documents."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(body: bytes | str) -> Any:
    """Return what the JSON says; raise ValueError for anything that is not JSON or breaks a rule of this module.

    Bytes are UTF-8, or UTF-16 or UTF-32 with what RFC 4627 (section 3) tells them by.
    """
    text = body if isinstance(body, str) else body.decode(json.detect_encoding(body))
    text.encode()  # halves of a pair that stand there as they are; UnicodeEncodeError is a ValueError
    try:
        found = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(found)
    if _SURROGATE.search(text):
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise ValueError("a whole number of more than 64 bits")
    return int(digits)


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError("a number beyond a double's range")
    return number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _check_depth(found: Any) -> None:
    level = [found]
    for _ in range(MAX_DEPTH):
        nested = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list))]
        level = [item for items in nested for item in items]
        if not level:
            return
    if any(isinstance(one, (dict, list)) for one in level):
        raise ValueError("nested too deep")
