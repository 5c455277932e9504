"""Some hundred of each kind of generated input; `make fuzz` throws thousands."""

from random import Random

import pytest

from tests.fuzz import events, forms, media, updates
from tests.fuzz.running import Kind, Thrown, fuzz, noted

SEED = "7"


@pytest.mark.parametrize(
    ("kind", "count"), [(updates, 300), (events, 300), (forms, 300), (media, 50)], ids=lambda one: getattr(one, "__name__", None)
)
def test_generated_input_has_a_foreseen_answer_and_leaves_nothing_behind(kind, count):
    thrown = fuzz(kind.KIND, count=count, seed=SEED)
    assert thrown.failure is None, thrown.failure
    assert sum(thrown.ended.values()) >= count


def of(attempt, look_over=lambda _: None, **how) -> Thrown:
    return fuzz(Kind(attempt, list, look_over), count=200, seed=SEED, **how)


def test_what_nobody_foresaw_is_told_at_its_smallest():
    def attempt(chance: Random, world: list[int]) -> str:
        world.append(noted(chance.randrange(1000)))
        if sum(world) > 700:
            raise KeyError("a fault")
        return "done"

    failure = of(attempt).failure
    assert failure is not None
    assert failure.startswith(f"round 0 of seed {SEED}:")
    assert "input: 701" in failure  # of all the sequences that fail, one input that is just large enough
    assert "KeyError: 'a fault'" in failure


def test_a_round_comes_again_of_its_seed_and_number():
    seen: list[list[float]] = []

    def attempt(chance: Random, world: list[float]) -> str:
        world.append(chance.random())
        return "done"

    for number in (3, 3, 4):
        seen.append([])
        of(attempt, seen[-1].extend, only=number)
    assert seen[0] == seen[1] != seen[2]


def test_what_is_left_behind_is_a_failure_too():
    def look_over(world: list[int]) -> None:
        assert len(world) < 3, "left behind"

    def attempt(chance: Random, world: list[int]) -> str:
        world.append(chance.randrange(2))
        return "done"

    assert "left behind" in (of(attempt, look_over).failure or "")


def test_an_input_that_python_cannot_write_is_noted_all_the_same():
    def attempt(_: Random, __: list[int]) -> str:
        noted(10**5000)
        raise KeyError("a fault")

    assert "a number of thousands of digits" in (of(attempt).failure or "")
