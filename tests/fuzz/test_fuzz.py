"""Some hundred of each kind of generated input; `python -m tests.fuzz.updates --count 10000` and its siblings throw more."""

from random import Random

import pytest

from tests.fuzz import events, forms, updates
from tests.fuzz.inputs import mutated, written
from tests.fuzz.running import fuzz

SEED = 7


@pytest.mark.parametrize("kind", [updates, events, forms], ids=lambda kind: kind.__name__.rpartition(".")[2])
def test_generated_input_has_a_foreseen_answer_and_leaves_nothing_behind(kind):
    ended = fuzz(kind.__name__, kind.attempt, kind.WORLDS.finish, count=300, seed=SEED)
    assert sum(ended.values()) == 300


def test_an_input_comes_again_of_its_seed_and_number():
    documents = [written(chance, mutated(chance, forms.ORDER)) for chance in (Random("1/2"), Random("1/2"), Random("1/3"))]
    assert documents[0] == documents[1] != documents[2]


def test_what_nobody_foresaw_is_told_with_its_number_and_ends_the_run_badly(capsys: pytest.CaptureFixture[str]):
    def attempt(chance: Random) -> str:
        if chance.random() < 0.5:
            raise KeyError("a fault")
        return "done"

    with pytest.raises(SystemExit):
        fuzz("faults", attempt, lambda: None, count=20, seed=SEED)
    assert f"--seed {SEED} --only " in capsys.readouterr().err


def test_what_is_left_behind_ends_the_run_badly_too():
    def finish() -> None:
        raise AssertionError("left behind")

    with pytest.raises(SystemExit):
        fuzz("leftovers", lambda _: "done", finish, count=1, seed=SEED)
