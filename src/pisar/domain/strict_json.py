"""Parses JSON that others may have written, strictly, so that the values can be calculated with and written again.

`json.loads` accepts values that fail much later, or raises errors of its own: brackets nested until the interpreter's stack ends
(RecursionError, here or when the value is written again), halves of a surrogate pair (UnicodeEncodeError at the first `encode`), numbers of
hundreds of digits (OverflowError in `float`), NaN and infinities. Here each of them is a ValueError, as broken JSON is.
"""

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 128
"""The deepest nesting of arrays and objects.

Ours nest six deep, Telegram's updates some ten, but those with a rich message 70 and more: its blocks nest 16 deep (the Bot API's "Rich
Message Limits"), and a list puts four brackets around each. Python's encoder fails at about a thousand.
"""

MAX_DIGITS = 19
"""The most digits of a whole number: those of a signed 64-bit one, the widest in any format that is read."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(body: bytes | str) -> Any:
    """Return the value of the JSON; raise ValueError for anything that is not JSON or breaks a rule of this module.

    Bytes are UTF-8, UTF-16 or UTF-32, told apart as in RFC 4627, section 3.
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
