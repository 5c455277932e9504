"""Minutes a day: exact under concurrency, paid once, anew at midnight UTC."""

import threading
from datetime import UTC, datetime

import pytest

from pisar.adapters.clock import SystemClock
from pisar.errors import Rejected, Rejection
from pisar.state import quotas as module
from pisar.state.quotas import Payer, Quotas
from tests.support.twins import ManualClock, MemoryObjectStore

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC).timestamp()
ANNA, BORIS = Payer(name="anna", minutes_per_day=1), Payer(name="boris", minutes_per_day=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def quotas(clock: ManualClock) -> Quotas:
    return Quotas(MemoryObjectStore(), clock)


def test_an_audio_is_let_in_while_anything_is_left_so_that_one_may_overshoot(quotas: Quotas):
    quotas.charge(ANNA, "a", 59.0)
    quotas.charge(ANNA, "b", 300.0)
    assert quotas.used_seconds("anna") == 359.0
    with pytest.raises(Rejected) as refused:
        quotas.charge(ANNA, "c", 1.0)
    assert refused.value.code is Rejection.QUOTA_USED
    assert refused.value.details == {"limit_minutes": 1, "resets_at": "00:00", "resets_in_seconds": 12 * 3600}
    assert quotas.used_seconds("anna") == 359.0


def test_what_was_charged_under_a_name_is_not_charged_again_even_when_nothing_is_left(quotas: Quotas):
    for _ in range(3):
        quotas.charge(ANNA, "a", 90.0)
    assert quotas.used_seconds("anna") == 90.0


def test_everybody_has_minutes_of_their_own(quotas: Quotas):
    quotas.charge(ANNA, "a", 90.0)
    quotas.charge(BORIS, "a", 30.0)
    assert (quotas.used_seconds("anna"), quotas.used_seconds("boris")) == (90.0, 30.0)
    quotas.check(BORIS)
    with pytest.raises(Rejected):
        quotas.check(ANNA)


def test_a_new_day_begins_at_midnight_utc(quotas: Quotas, clock: ManualClock):
    quotas.charge(ANNA, "a", 90.0)
    clock.advance(12 * 3600 - 1)
    with pytest.raises(Rejected) as refused:
        quotas.check(ANNA)
    assert refused.value.details["resets_in_seconds"] == 1
    clock.advance(1)
    quotas.check(ANNA)
    assert quotas.used_seconds("anna") == 0


def test_without_a_limit_nothing_is_counted_or_refused(quotas: Quotas):
    for payer in (None, Payer(name="anna", minutes_per_day=None)):
        quotas.charge(payer, "a", 1e6)
        quotas.check(payer)
    assert quotas.used_seconds("anna") == 0


def test_a_day_of_very_many_charges_keeps_its_sum_and_the_latest_names(quotas: Quotas, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "REMEMBERED_CHARGES", 3)
    hour = Payer(name="anna", minutes_per_day=60)
    for name in "abcde":
        quotas.charge(hour, name, 1.0)
    quotas.charge(hour, "c", 1.0)
    assert quotas.used_seconds("anna") == 5.0
    quotas.charge(hour, "a", 1.0)
    assert quotas.used_seconds("anna") == 6.0


class Contested(MemoryObjectStore):
    """Lets somebody else charge the same payer between a look and the write that follows it."""

    rival: Quotas | None = None

    def get(self, key: str):
        try:
            return super().get(key)
        finally:
            rival, self.rival = self.rival, None
            if rival is not None:
                rival.charge(ANNA, "rival", 50.0)


@pytest.mark.parametrize("before", [0.0, 5.0])
def test_a_charge_made_meanwhile_is_not_overwritten(clock: ManualClock, before: float):
    store = Contested()
    quotas = Quotas(store, clock)
    if before:
        quotas.charge(ANNA, "first", before)
    store.rival = Quotas(store, clock)
    quotas.charge(ANNA, "a", 30.0)
    assert quotas.used_seconds("anna") == before + 80.0


def test_of_many_charges_at_once_exactly_as_many_pass_as_fit():
    quotas = Quotas(MemoryObjectStore(), SystemClock())
    passed, refused, together = [], [], threading.Barrier(20)

    def charge(name: str) -> None:
        together.wait()
        try:
            quotas.charge(ANNA, name, 25.0)
            passed.append(name)
        except Rejected:
            refused.append(name)

    threads = [threading.Thread(target=charge, args=(str(n),)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(passed), len(refused), quotas.used_seconds("anna")) == (3, 17, 75.0)
