"""Clients and their keys."""

import json
import re
from dataclasses import replace

import pytest

from pisar.domain.clients import Client, hash_key, new_client, new_key, revoke
from pisar.errors import Misconfigured, Unreadable

KEY = "pisar_key"
ANNA = Client(name="Анна", key_hash=hash_key(KEY), minutes_per_day=1.5, created_at=100.0, revoked_at=200.5, callback_secret="pisar_cb_a")


def test_a_client_is_read_back_as_it_was_written():
    assert Client.decode(ANNA.encode()) == ANNA


def test_a_record_from_before_quotas_dates_and_callbacks_is_read():
    old = json.dumps({"version": 1, "name": "anna", "key_hash": "ab" * 32}).encode()
    assert Client.decode(old) == Client(
        name="anna", key_hash="ab" * 32, minutes_per_day=None, created_at=0.0, revoked_at=None, callback_secret=""
    )


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'"x"', b"\xff", b'{"name": "x"}', b'{"name": "x", "key_hash": "y", "minutes_per_day": "many"}']
)
def test_anything_else_is_unreadable(body):
    with pytest.raises(Unreadable, match="not a client"):
        Client.decode(body)


def test_a_new_client_holds_its_key_and_no_other():
    client = new_client("anna", KEY, minutes_per_day=None, now=5.0)
    assert replace(client, callback_secret="") == Client(
        name="anna", key_hash=hash_key(KEY), minutes_per_day=None, created_at=5.0, revoked_at=None
    )
    assert (client.holds(KEY), client.holds(KEY + "x"), client.id) == (True, False, hash_key(KEY)[:8])


def test_a_new_client_has_a_callback_secret_of_its_own_that_does_not_print():
    first, second = (new_client("anna", KEY, minutes_per_day=None, now=5.0) for _ in range(2))
    assert re.fullmatch("pisar_cb_[A-Za-z0-9_-]{43}", first.callback_secret)
    assert first.callback_secret != second.callback_secret
    assert "pisar_cb_" not in f"{first} {first!r}"


def test_no_record_contains_the_key():
    key = new_key()
    assert key.removeprefix("pisar_") not in new_client("anna", key, minutes_per_day=None, now=5.0).encode().decode()


@pytest.mark.parametrize("name", ["a", "Телефон Анны", "x" * 64])
def test_a_name_is_anything_a_person_can_read(name):
    assert new_client(name, KEY, minutes_per_day=None, now=0).name == name


@pytest.mark.parametrize("name", ["", " ", "a ", " a", "a\nb", "a\x1b[2J", "x" * 65])
def test_other_names_are_refused(name):
    with pytest.raises(Misconfigured, match="a name is 1 to 64 printable characters"):
        new_client(name, KEY, minutes_per_day=None, now=0)


@pytest.mark.parametrize("minutes", [0, -1, float("inf"), float("nan")])
def test_a_quota_is_above_nothing_and_finite(minutes):
    with pytest.raises(Misconfigured, match="minutes per day must be above 0"):
        new_client("anna", KEY, minutes_per_day=minutes, now=0)


def test_a_key_revoked_twice_keeps_its_first_time():
    client = new_client("anna", KEY, minutes_per_day=None, now=0)
    assert revoke(revoke(client, now=1.0), now=2.0).revoked_at == 1.0
