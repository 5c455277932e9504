"""When a soak has ended badly."""

from random import Random
from threading import Event

import pytest

from tests.support import harm as harms
from tests.support.harm import Harm
from tests.support.soak import failed

WELL = {"lost": 0, "doubled": 0, "wrong": [], "left": {"queued": 0, "audio": 0, "unfinished": 0}, "kills": 4, "grown_mb": 12.0}


def test_a_soak_that_lost_nothing_has_ended_well():
    assert not failed(WELL)
    assert not failed(WELL | {"grown_mb": None})


@pytest.mark.parametrize(
    "fault",
    [
        {"lost": 1},
        {"doubled": 1},
        {"wrong": [{"expected": "a", "got": ["b"]}]},
        {"left": {"queued": 0, "audio": 1, "unfinished": 0}},
        {"kills": 0},
        {"grown_mb": 65.0},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_a_soak_ends_badly_by(fault):
    assert failed(WELL | fault)


def test_the_process_that_grew_most_between_the_halves_of_its_life_is_told():
    memory = {("bot", 1): [50.0] * 4 + [52.0] * 4, ("worker", 2): [200.0] * 4 + [230.5] * 4, ("worker", 3): [1.0, 900.0]}
    harm = Harm(None, Random(1), memory=memory)  # noqa: S311 - no secret
    assert harm.grown_mb == pytest.approx(30.5)


class Gone:
    """A deployment whose parts can't be told."""

    def __init__(self):
        self.asked = Event()

    def parts(self):
        self.asked.set()
        raise OSError("no such part")


def test_what_ends_the_looking_ends_the_soak(monkeypatch):
    monkeypatch.setattr(harms, "LOOK_SECONDS", 0.01)
    gone = Gone()
    with pytest.raises(OSError, match="no such part"), Harm(gone, Random(1)):  # noqa: S311 - as above
        assert gone.asked.wait(30)
