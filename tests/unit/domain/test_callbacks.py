"""Callbacks: messages, schedule, signature."""

import json
from pathlib import Path

import pytest

from pisar.domain.callbacks import MAX_ATTEMPTS, CallbackMessage, headers, signature
from pisar.errors import Unreadable

SECRET = "pisar_cb_secret"
BODY = b'{"id": "0123abcd", "state": "done"}'
DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def every_message() -> list[CallbackMessage]:
    found = [CallbackMessage("0123abcd")]
    while following := found[-1].next():
        found.append(following)
    return found


def test_a_message_is_read_back_as_it_was_written():
    assert [CallbackMessage.decode(one.encode()) for one in every_message()] == every_message()
    assert json.loads(CallbackMessage("0123abcd", 3).encode()) == {"job_id": "0123abcd", "attempt": 3}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "не JSON",
        '{"job_id": "../x", "attempt": 1}',
        '{"attempt": 1}',
        '{"job_id": "a"}',
        '{"job_id": "a", "attempt": "1"}',
        '{"job_id": "a", "attempt": true}',
        '{"job_id": "a", "attempt": 1.0}',
        '{"job_id": "a", "attempt": 0}',
        '{"job_id": "a", "attempt": 32}',
    ],
)
def test_anything_else_is_unreadable(body: str):
    with pytest.raises(Unreadable):
        CallbackMessage.decode(body)


def test_waits_double_from_ten_seconds_to_a_quarter_of_an_hour():
    waits = [one.delay_seconds for one in every_message()]
    assert waits[:9] == [2, 10, 20, 40, 80, 160, 320, 640, 900]
    assert set(waits[9:]) == {900}


def test_the_last_try_comes_six_hours_after_the_first_as_the_documents_say():
    messages = every_message()
    hours, rest = divmod(sum(one.delay_seconds for one in messages[1:]), 3600)
    assert (len(messages), MAX_ATTEMPTS, hours, *divmod(rest, 60)) == (31, 31, 6, 6, 10)
    assert "The 31st try is the last, 6 h 6 min 10 s after the first" in DOCUMENT


def test_a_signature_is_the_hmac_of_timestamp_dot_body():
    # printf '1700000000.{"id": "0123abcd", "state": "done"}' | openssl dgst -sha256 -hmac pisar_cb_secret
    assert signature(SECRET, 1_700_000_000, BODY) == "6d3058a667169eec97530db878b7762e10e3f2a8794153520fde80fa727bfac6"


def test_the_headers_name_the_job_the_time_and_the_signature():
    assert headers(SECRET, "0123abcd", 1_700_000_000, BODY) == {
        "Content-Type": "application/json",
        "User-Agent": "Pisar",
        "X-Pisar-Delivery": "0123abcd",
        "X-Pisar-Timestamp": "1700000000",
        "X-Pisar-Signature": f"sha256={signature(SECRET, 1_700_000_000, BODY)}",
    }


def documented_check(now: float):
    """Return the function that the documents give to receivers, at a time of ours."""
    (block,) = [block for block in DOCUMENT.split("```python\n")[1:] if "hmac" in block]
    names: dict = {}
    exec(block.partition("```")[0], names)  # noqa: S102 - our own document
    names["time"] = lambda: now
    return names["is_from_pisar"]


SENT_AT = 1_700_000_000
SENT = headers(SECRET, "0123abcd", SENT_AT, BODY)


@pytest.mark.parametrize("now", [SENT_AT - 299, SENT_AT, SENT_AT + 299])
def test_the_documented_check_takes_what_was_signed(now: float):
    assert documented_check(now)(SECRET, SENT, BODY) is True


@pytest.mark.parametrize(
    ("secret", "sent", "body", "now"),
    [
        ("another", SENT, BODY, SENT_AT),
        (SECRET, SENT, BODY + b" ", SENT_AT),
        (SECRET, SENT, BODY, SENT_AT + 301),
        (SECRET, SENT, BODY, SENT_AT - 301),
        (SECRET, {**SENT, "X-Pisar-Timestamp": str(SENT_AT + 1)}, BODY, SENT_AT),
        (SECRET, {**SENT, "X-Pisar-Timestamp": "soon"}, BODY, SENT_AT),
        (SECRET, {**SENT, "X-Pisar-Signature": "sha256="}, BODY, SENT_AT),
        (SECRET, {}, BODY, SENT_AT),
    ],
)
def test_the_documented_check_takes_nothing_else(secret: str, sent: dict, body: bytes, now: float):
    assert documented_check(now)(secret, sent, body) is False


@pytest.mark.parametrize(
    "body",
    [
        "[" * 50_000,
        '"\\ud800"',
        '{"job_id": "a", "attempt": ' + "1" * 400 + "}",
        '{"job_id": "\\ud800", "attempt": 1}',
        '{"job_id": "../x", "attempt": 1}',
    ],
    ids=["deep", "half of a pair", "400 digits", "half of a pair as a name", "a path"],
)
def test_what_a_stranger_makes_of_a_message_is_unreadable(body: str):
    with pytest.raises(Unreadable):
        CallbackMessage.decode(body)
