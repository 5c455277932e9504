"""Turns at the decoder and the engine: in order, bounded, and waited for no longer than anybody wants."""

import time
from threading import Event, Thread

import pytest

from pisar.errors import Busy
from pisar.speech.turns import Turn, Turns

SECONDS = 20.0


class Waiting:
    """Somebody who waits for a turn in a thread, until `ends` is set, and notes its name when it has it."""

    def __init__(self, turns: Turns, name: str, noted: list[str], patience_seconds: float = SECONDS) -> None:
        self.turns, self.name, self.noted, self.patience_seconds = turns, name, noted, patience_seconds
        self.ends, self.unwanted = Event(), Event()
        self.error: BaseException | None = None
        self.thread = Thread(target=self.wait, daemon=True)
        before = len(turns.waiting)
        self.thread.start()
        until(lambda: len(turns.waiting) > before or self.name in noted)

    def wait(self) -> None:
        try:
            with self.turns.new() as turn:
                turn.take(patience_seconds=self.patience_seconds, check=self.check)
                self.noted.append(self.name)
                assert self.ends.wait(SECONDS)
        except (Busy, KeyError) as error:
            self.error = error

    def check(self) -> None:
        if self.unwanted.is_set():
            raise KeyError(self.name)


def until(condition) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def turns() -> Turns:
    return Turns(at_once=2)


def test_those_who_wait_come_in_order_and_no_more_than_there_are_turns(turns: Turns):
    noted: list[str] = []
    every = [Waiting(turns, name, noted) for name in "abcde"]
    until(lambda: len(noted) == 2)
    for number, one in enumerate(every):
        assert noted == list("abcde")[: number + 2]
        one.ends.set()
        until(lambda number=number: len(noted) == min(5, number + 3))
    for one in every:
        one.thread.join(SECONDS)
    assert (noted, turns.free, len(turns.waiting)) == (list("abcde"), 2, 0)


def test_whoever_is_out_of_patience_goes_and_holds_up_nobody(turns: Turns):
    noted: list[str] = []
    first, second = Waiting(turns, "a", noted), Waiting(turns, "b", noted)
    began = time.monotonic()
    hasty = Waiting(turns, "hasty", noted, patience_seconds=0.3)
    patient = Waiting(turns, "c", noted)
    hasty.thread.join(SECONDS)
    assert isinstance(hasty.error, Busy)
    assert 0.25 < time.monotonic() - began < SECONDS / 2
    first.ends.set()
    until(lambda: "c" in noted)
    for one in (second, patient):
        one.ends.set()
        one.thread.join(SECONDS)
    assert turns.free == 2


def test_whoever_is_not_wanted_any_more_goes_within_a_moment(turns: Turns):
    noted: list[str] = []
    holders = [Waiting(turns, name, noted) for name in "ab"]
    unwanted = Waiting(turns, "c", noted)
    unwanted.unwanted.set()
    unwanted.thread.join(2)
    assert (isinstance(unwanted.error, KeyError), list(turns.waiting)) == (True, [])
    for one in holders:
        one.ends.set()


def test_nobody_overtakes_those_who_wait(turns: Turns):
    noted: list[str] = []
    holders = [Waiting(turns, name, noted) for name in "ab"]
    waiting = Waiting(turns, "c", noted)
    assert not turns.new().take_if_free()
    for one in (*holders, waiting):
        one.ends.set()
        one.thread.join(SECONDS)
    with turns.new() as turn:
        assert turn.take_if_free()
        assert turn.take_if_free()  # it is taken already
        turn.take(patience_seconds=0)
        assert turns.free == 1
    assert turns.free == 2


def test_without_patience_a_free_turn_is_taken_all_the_same(turns: Turns):
    with turns.new() as turn:
        turn.take(patience_seconds=0)
        assert turns.free == 1


def test_a_turn_is_given_back_whatever_happens(turns: Turns):
    def fail(turn: Turn) -> None:
        with turn:
            turn.take(patience_seconds=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail(turns.new())
    assert turns.free == 2
