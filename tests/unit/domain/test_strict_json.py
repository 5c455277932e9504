"""JSON from outside."""

import json

import pytest

from pisar.domain.strict_json import MAX_DEPTH, parse_json

REFUSED = {
    "nothing": b"",
    "no JSON": b"{",
    "brackets without end": b"[" * 50_000 + b"]" * 50_000,
    "brackets that the parser takes and the encoder does not": b"[" * 700 + b"]" * 700,
    "one bracket too many": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "objects as deep": b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    "half of a pair in a text": rb'{"a": "\ud800"}',
    "half of a pair in a name": rb'{"\uDfff": 1}',
    "half of a pair as bytes": b'"\xed\xa0\x80"',
    "half of a pair as it stands": '"\ud800"',
    "no UTF-8": b'"\xff"',
    "400 digits": b"1" * 400,
    "5000 digits": b"1" * 5000,
    "400 digits below nought": b"-" + b"1" * 400,
    "more than 64 bits": b"1" + b"0" * 19,
    "an endless exponent": b"1e999",
    "400 digits and a point": b"1" * 400 + b".0",
    "no number": b"NaN",
    "infinity": b"[-Infinity]",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_would_fail_later_is_refused_at_once(body: bytes | str):
    with pytest.raises(ValueError):  # noqa: PT011 - it is the module's one word
        parse_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        rb'["\ud83d\ude00", "\\ud800", "\u0439"]',
        json.dumps([{}] * 1000).encode(),
        b'{"a": [1, -2.5e-7, 9223372036854775807, true, null, "\xd0\xb9"]}',
        '{"a": "й"}'.encode("utf-8-sig"),
        '{"a": "й"}'.encode("utf-16"),
        '{"a": "й"}',
    ],
)
def test_other_json_says_what_it_says_to_python(body: bytes | str):
    assert parse_json(body) == json.loads(body)
