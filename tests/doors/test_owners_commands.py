"""`pisar dead-letters` and `pisar cost`, over the bucket and the queue of a deployment."""

from collections.abc import Callable
from itertools import count

import pytest

from pisar.adapters.clock import SystemClock
from pisar.cli import run
from pisar.domain.jobs import JobMessage, Options
from pisar.state.engine_speed import KEY, Pace

from .conftest import Surroundings

IDS = (f"{number:032x}" for number in count(2_000_000))


@pytest.fixture
def pisar(surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[..., tuple[int, str, str]]:
    for name, value in surroundings.settings["webhook"].items():
        monkeypatch.setenv(name, value)

    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return invoke


@pytest.fixture
def kept(surroundings: Surroundings) -> tuple[str, str]:
    """Two dead letters: nonsense, and one whose job there is; return their ids."""
    surroundings.taken_jobs()  # whatever other tests have left
    job_id = next(IDS)
    surroundings.records().accept(job_id, lease_seconds=60, answer_to=None, options=Options())
    surroundings.store().put(f"dead-letters/bad-{job_id}", b"{")
    surroundings.store().put(f"dead-letters/good-{job_id}", JobMessage(job_id).encode().encode())
    return f"bad-{job_id}", f"good-{job_id}"


def test_dead_letters_are_listed_retried_and_dropped(surroundings: Surroundings, pisar, kept: tuple[str, str]):
    bad, good = kept
    lines = {line.split()[0]: line.split(maxsplit=2)[2].strip() for line in pisar("dead-letters", "list")[1].splitlines()[2:] if line}
    assert lines[bad] == "no: it is no message of a job"
    assert lines[good].endswith("yes")
    code, out, err = pisar("dead-letters", "retry", bad, good, "nobody")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"pisar: {bad} would only come back: it is no message of a job",
        f"{good} queued again",
        "pisar: there is no dead letter nobody",
        "1 of 3 queued again.",
    ]
    assert surroundings.taken_jobs() == [JobMessage(good.removeprefix("good-")).encode()]
    assert pisar("dead-letters", "drop", bad) == (0, "", f"{bad} dropped\n1 of 1 dropped.\n")
    assert list(surroundings.store().keys(f"dead-letters/{bad}")) == []
    assert list(surroundings.store().keys(f"dead-letters/{good}")) == []


def test_all_of_them_at_once(surroundings: Surroundings, pisar, kept: tuple[str, str]):
    assert pisar("dead-letters", "retry", "--all") == (0, "", f"{kept[1]} queued again\n1 of 1 queued again.\n")
    assert len(surroundings.taken_jobs()) == 1
    assert pisar("dead-letters", "drop", "--all")[0] == 0
    assert pisar("dead-letters", "list") == (0, "", "There are no dead letters.\n")


@pytest.mark.parametrize("words", [("retry",), ("drop",), ("retry", "--all", "a"), ("drop", "a", "--all")])
def test_which_ones_must_be_said(pisar, words: tuple[str, ...]):
    code, out, err = pisar("dead-letters", *words)
    assert (code, out) == (2, "")
    assert "all of them with --all" in err


def test_the_cost_goes_by_what_the_workers_have_measured(surroundings: Surroundings, pisar):
    surroundings.store().delete(KEY)
    assert "Real-time factor 0.50, assumed, since nothing is measured yet" in pisar("cost")[2]
    Pace(surroundings.store(), SystemClock()).note(engine_seconds=2.5, speech_seconds=10)
    assert "Real-time factor 0.25, as measured: an hour of audio costs 6.63 roubles" in pisar("cost")[2]
    surroundings.store().delete(KEY)
