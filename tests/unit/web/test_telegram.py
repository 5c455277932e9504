"""What Telegram's webhook is answered, whichever door it came through."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pisar.errors import Busy, Misconfigured, Unavailable, Unreadable
from pisar.web.errors import RETRY_AFTER_SECONDS
from pisar.web.telegram import received, refusal

SECRET = "hush-hush"
BODY = b'{"update_id": 1}'


def raises(error: Exception) -> Callable[[bytes], None]:
    def receive(_: bytes) -> None:
        raise error

    return receive


def asked(receive: Callable[[bytes], None], shown: str | None = SECRET) -> tuple[int, Any, dict[str, str]]:
    found = refusal(shown, SECRET) or received(BODY, receive)
    return found.status, json.loads(found.body), dict(found.headers)


def test_an_update_is_received_as_it_came():
    got: list[bytes] = []
    assert asked(got.append)[:2] == (200, {})
    assert got == [BODY]


@pytest.mark.parametrize("shown", [None, "", SECRET[:-1], SECRET + "x", SECRET.upper(), "тайна", "\udcff", f" {SECRET}"])
def test_without_the_very_secret_nothing_is_received(shown: str | None):
    got: list[bytes] = []
    status, body, _ = asked(got.append, shown)
    assert (status, body["error"]["code"], got) == (403, "forbidden", [])
    assert SECRET not in str(body)


def test_what_can_never_be_read_is_not_asked_for_again():
    assert asked(raises(Unreadable("no JSON")))[:2] == (200, {})


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Busy(), RETRY_AFTER_SECONDS),
        (Unavailable("no storage"), RETRY_AFTER_SECONDS),
        (Unavailable("soon", after_seconds=0.5), RETRY_AFTER_SECONDS),
        (Unavailable("later", after_seconds=41.2), 42),
    ],
)
def test_what_fails_for_now_is_to_come_again_and_not_before_it_may_succeed(error: Exception, seconds: int):
    status, body, headers = asked(raises(error))
    assert (status, body["error"]["code"], headers["Retry-After"]) == (503, "try_again", str(seconds))


def test_what_nobody_foresaw_is_to_come_again_and_is_not_told_outside():
    status, body, _ = asked(raises(ValueError("with what somebody said")))
    assert (status, body["error"]["code"]) == (500, "internal")
    assert "said" not in str(body)


def test_an_update_that_the_owner_has_to_make_possible_comes_again_and_the_reason_is_not_told_outside():
    status, body, _ = asked(raises(Misconfigured("a token")))
    assert (status, body["error"]["code"]) == (503, "try_again")
    assert "token" not in str(body)
