"""What was measured beside what was meant to be."""

from benchmarks import goals, results
from benchmarks.__main__ import PROGRAMS
from benchmarks.goals import GOALS, Goal, document_part, figures, recorded, summary


def test_a_goal_is_reached_from_its_side():
    less, more = Goal("a", "g", "a", 1.5), Goal("b", "g", "b", 1.5, less_is_better=False)
    assert [less.reached(1.5), less.reached(1.6), less.reached(None)] == [True, False, False]
    assert [more.reached(1.5), more.reached(1.4), more.reached(None)] == [True, False, False]


def test_every_goal_has_a_row_whatever_was_measured():
    for known in ({}, recorded()):
        assert summary(known).row_count == len(GOALS) == len(figures(known))


def test_every_group_of_figures_is_recorded_under_the_goals_names():
    known = recorded()
    for goal in GOALS:
        assert goal.group not in known or goal.name in known[goal.group], goal


def test_every_program_is_there():
    for program in PROGRAMS:
        assert (results.FILE.parent / f"{program[0]}.py").exists()


def test_the_readme_has_every_figure_with_its_day_and_what_misses_its_goal_in_bold():
    assert goals.main(["--check"]) == 0
    group = {"date": "2026-11-01", "machine": "a CPU, 2 CPUs, load 1.0 at the end"}
    part = document_part({"path": {**group, "path_ms_p50": 80.04}, "fairness": {**group, "voice_behind_lecture": 1.31}})
    assert "ms | 80 | ≤ 100 |" in part
    assert "| **1.31** | ≤ 1.3 |" in part
    assert part.count("| not measured |") == len(GOALS) - 2
    assert "`: 2026-11-01, a CPU, 2 CPUs. In bold" in part


def test_no_bold_figure_is_explained_where_all_are_reached():
    group = {"date": "2026-11-01", "machine": "a CPU, 2 CPUs, load 1.0 at the end"}
    part = document_part({"long_recordings": {**group, "hour_speedup_10": 8.2, "peak_mb_3h": 240, "hour_speedup_10_base": 7.04}})
    assert "bold" not in part
    assert "ten workers are 7.04 times as fast as one." in part
