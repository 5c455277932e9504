"""API keys over the in-memory store."""

from dataclasses import replace

import pytest

from pisar.domain.clients import Client, hash_key
from pisar.errors import Busy, Misconfigured
from pisar.state.api_keys import Keys
from tests.support.twins import MemoryObjectStore


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


@pytest.fixture
def keys(store) -> Keys:
    return Keys(store)


def test_a_key_finds_who_holds_it(keys):
    new = keys.create("anna", minutes_per_day=30, now=7.0)
    assert keys.find(new.key) == new.client
    assert replace(new.client, callback_secret="") == Client(name="anna", key_hash=hash_key(new.key), minutes_per_day=30, created_at=7.0)


def test_a_new_key_does_not_print(keys):
    new = keys.create("anna", now=0)
    assert new.key not in f"{new} {new!r}"
    assert new.client.callback_secret not in f"{new} {new!r}"


@pytest.mark.parametrize("key", [None, "", "pisar_wrong"])
def test_another_key_finds_nobody(keys, key):
    keys.create("anna", now=0)
    assert keys.find(key) is None


def test_a_hash_finds_who_holds_its_key(keys):
    new = keys.create("anna", now=1.0)
    assert keys.holder(hash_key(new.key)) == new.client
    assert keys.holder(hash_key("another")) is None
    keys.revoke("anna", now=2.0)
    assert keys.holder(hash_key(new.key)) is None


def test_what_is_no_hash_finds_nobody_whatever_is_stored_there(keys, store):
    new = keys.create("anna", now=1.0)
    long = hash_key(new.key)
    for wrong in ("", long[:63], f"{long}0", long.upper(), f"{long}\n", f"../clients/{long}", "٠" * 64, "anna"):
        store.put(f"clients/{wrong}.json", replace(new.client, key_hash=wrong).encode())
        assert keys.holder(wrong) is None


def test_a_record_under_anothers_hash_opens_nothing(keys, store):
    new = keys.create("anna", now=1.0)
    store.put(f"clients/{hash_key('another')}.json", new.client.encode())
    assert keys.holder(hash_key("another")) is None
    assert keys.find("another") is None


def test_clients_are_listed_from_the_oldest_revoked_ones_too(keys):
    keys.create("second", now=2.0)
    keys.create("first", now=1.0)
    keys.revoke("second", now=3.0)
    assert [(one.name, one.revoked_at) for one in keys.list()] == [("first", None), ("second", 3.0)]


@pytest.mark.parametrize("how", ["id", "hash", "ID", "name"])
def test_a_revoked_key_opens_nothing_and_the_others_still_do(keys, how):
    key, other = keys.create("anna", now=1.0).key, keys.create("boris", now=2.0).key
    said = {"id": hash_key(key)[:8], "hash": hash_key(key), "ID": hash_key(key)[:8].upper(), "name": "anna"}[how]
    revoked = replace(keys.find(key), revoked_at=3.0)
    assert keys.revoke(said, now=3.0) == revoked
    assert keys.find(key) is None
    assert keys.find(other).name == "boris"


def test_revoking_again_changes_nothing(keys):
    keys.create("anna", now=1.0)
    assert keys.revoke("anna", now=2.0) == keys.revoke("anna", now=3.0)


def test_a_name_of_two_keys_revokes_none_and_tells_their_ids(keys):
    made = [keys.create("anna", now=moment).key for moment in (1.0, 2.0)]
    with pytest.raises(Misconfigured, match="2 keys are called 'anna'") as caught:
        keys.revoke("anna", now=3.0)
    assert all(hash_key(key)[:16] in str(caught.value) for key in made)
    assert all(keys.find(key) for key in made)


def test_the_old_key_of_a_name_does_not_stand_in_the_way_of_the_new_one(keys):
    keys.create("anna", now=1.0)
    keys.revoke("anna", now=2.0)
    new = keys.create("anna", now=3.0).key
    assert keys.revoke("anna", now=4.0).key_hash == hash_key(new)


@pytest.mark.parametrize("wanted", ["nobody", "", "a", "00000000"])
def test_an_unknown_id_or_name_is_said(keys, wanted):
    keys.create("anna", now=1.0)
    with pytest.raises(Misconfigured, match="no key has the id or the name"):
        keys.revoke(wanted, now=2.0)


def test_a_few_characters_are_no_id(keys):
    key = keys.create("anna", now=1.0).key
    with pytest.raises(Misconfigured):
        keys.revoke(hash_key(key)[:7], now=2.0)


def test_a_bad_record_does_not_keep_others_from_being_revoked(keys, store):
    key = keys.create("anna", now=1.0).key
    store.put("clients/bad.json", b"not a client")
    keys.revoke("anna", now=2.0)
    assert keys.find(key) is None


class Contested(MemoryObjectStore):
    """A store in which somebody gives a client another quota each time after its record is read, so many times."""

    rivals = 0

    def get(self, key):
        found = super().get(key)
        if self.rivals:
            self.rivals -= 1
            self.put(key, replace(Client.decode(found.body), minutes_per_day=float(self.rivals + 1)).encode())
        return found


def test_a_record_changed_under_ones_hands_is_revoked_as_it_is_now():
    store = Contested()
    keys = Keys(store)
    key = keys.create("anna", now=1.0).key
    store.rivals = 3
    assert keys.revoke("anna", now=2.0) == keys.list()[0]
    assert (keys.list()[0].revoked_at, keys.list()[0].minutes_per_day) == (2.0, 1.0)
    assert keys.find(key) is None


def test_a_record_that_never_stands_still_is_given_up():
    store = Contested()
    keys = Keys(store)
    keys.create("anna", now=1.0)
    store.rivals = 100
    with pytest.raises(Busy, match="keeps changing"):
        keys.revoke("anna", now=2.0)


def test_bad_names_and_quotas_store_nothing(keys, store):
    with pytest.raises(Misconfigured):
        keys.create("anna\n", now=1.0)
    assert list(store.keys("")) == []
