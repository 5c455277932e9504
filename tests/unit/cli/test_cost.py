"""`pisar cost`: the month's price at a load, and how the real-time factor is known."""

import pytest

from pisar.owner import costs
from pisar.owner.costs import Usage


def rows(out: str) -> dict[str, str]:
    """Return what stands beside each item."""
    found = (line.rsplit(maxsplit=1) for line in out.splitlines()[2:] if line.strip())
    return {name.strip(): amount for name, amount in found}


@pytest.fixture(autouse=True)
def _no_bucket(monkeypatch):
    monkeypatch.delenv("PISAR_BUCKET", raising=False)


def test_a_load_is_priced_item_by_item(pisar):
    ran = pisar("cost", "--messages-per-day", 1000, "--seconds", 30, "--real-time-factor", 0.3, "--vcpus", 4, "--gb", 8)
    usage = Usage(messages_per_day=1000, seconds_per_message=30, real_time_factor=0.3, container_vcpus=4, container_gb=8)
    assert ran.code == 0
    assert rows(ran.out) == {name: f"{rub(usage):.2f}" for name, rub in costs.ITEMS} | {
        "Message Queue": "0.00",
        "Total": f"{costs.total_rub(usage):.2f}",
        "SpeechKit for the same, while you wait": f"{costs.speechkit_sync_rub(usage):.2f}",
        "SpeechKit for the same, deferred": f"{costs.speechkit_deferred_rub(usage):.2f}",
    }
    assert "250.0 hours of audio. Real-time factor 0.30, as you say: an hour of audio costs 15.92 roubles" in ran.err


def test_a_factor_nobody_gave_or_measured_is_assumed_and_said_to_be(pisar):
    ran = pisar("cost")
    assert rows(ran.out)["Total"] == f"{costs.total_rub(Usage(messages_per_day=100)):.2f}"
    assert "Real-time factor 0.50, assumed" in ran.err


def test_requests_whose_price_is_unknown_are_counted(pisar):
    assert "200000 requests, price unknown" in pisar("cost", "--messages-per-day", 10_000).out


@pytest.mark.parametrize("wrong", [("--messages-per-day", "-1"), ("--seconds", "0"), ("--real-time-factor", "x"), ("--vcpus", "5")])
def test_a_wrong_load_is_refused_in_words(pisar, wrong):
    ran = pisar("cost", *wrong)
    assert (ran.code, ran.out) == (2, "")
    assert wrong[0] in ran.err
