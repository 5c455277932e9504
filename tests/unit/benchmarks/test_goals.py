"""What was measured beside what was meant to be."""

import json

from benchmarks import results
from benchmarks.__main__ import GOALS, PROGRAMS, Goal, figures, summary


def test_a_goal_is_reached_from_its_side():
    less, more = Goal("a", "g", "a", 1.5), Goal("b", "g", "b", 1.5, less_is_better=False)
    assert [less.reached(1.5), less.reached(1.6), less.reached(None)] == [True, False, False]
    assert [more.reached(1.5), more.reached(1.4), more.reached(None)] == [True, False, False]


def test_every_goal_has_a_row_whatever_was_measured():
    for known in ({}, json.loads(results.FILE.read_text())):
        assert summary(known).row_count == len(GOALS) == len(figures(known))


def test_every_group_of_figures_is_recorded_under_the_goals_names():
    known = json.loads(results.FILE.read_text())
    for goal in GOALS:
        assert goal.group not in known or goal.name in known[goal.group], goal


def test_every_program_is_there():
    for program in PROGRAMS:
        assert (results.FILE.parent / f"{program[0]}.py").exists()
