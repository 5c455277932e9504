"""The simulation of scale against what is known without it: queueing theory, the costs' own arithmetic, and that nothing is lost."""

import copy
import heapq
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import results, scale, scale_report
from benchmarks.scale import Inputs, Scenario
from benchmarks.serverless import UNBOUNDED, Cut, Deployment, Instances, Load, Pipeline, Quotas, Turns, at_once
from pisar.owner import costs

NOTHING_BESIDE = Deployment(
    webhook_seconds=0.0, webhook_cold_seconds=0.0, container_beside_seconds=0.0, container_cold_seconds=0.0, idle_seconds=math.inf
)
INPUTS = Inputs(
    seconds_per_window=6.0,
    seconds_per_token=0.02,
    container_start_seconds=1.5,
    webhook_import_cpu_seconds=0.9,
    webhook_cpu_seconds=0.04,
)


def poisson(per_second: float, count: int, random: np.random.Generator) -> np.ndarray:
    return np.cumsum(random.exponential(1 / per_second, count))


def erlang_c_wait(per_second: float, served_per_second: float, servers: int) -> float:
    """Return the mean wait in line of an M/M/c queue, in seconds."""
    offered = per_second / served_per_second
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    waiting = last / (sum(offered**k / math.factorial(k) for k in range(servers)) + last)
    return waiting / (servers * served_per_second - per_second)


@pytest.mark.parametrize(("servers", "per_second"), [(1, 0.12), (5, 0.7)])
def test_messages_wait_as_long_as_erlang_says(servers: int, per_second: float):
    random = np.random.default_rng(7)
    work = Load(poisson(per_second, 50_000, random), random.exponential(5.0, 50_000))
    outcome = Pipeline(NOTHING_BESIDE, Quotas(transcribers=servers), work, eager=False).run()
    waited = float(np.mean(outcome.answered_at - work.arrivals - work.engine_seconds))
    assert waited == pytest.approx(erlang_c_wait(per_second, 0.2, servers), rel=0.08)


@given(st.integers(0, 2**32), st.integers(1, 300), st.integers(1, 6))
def test_each_message_is_begun_when_the_first_of_the_servers_is_free(seed: int, count: int, servers: int):
    random = np.random.default_rng(seed)
    work = Load(poisson(1.0, count, random), random.exponential(servers, count))
    free_at, expected = [0.0] * servers, []
    for arrived, needed in zip(work.arrivals, work.engine_seconds, strict=True):
        expected.append(max(arrived, heapq.heappop(free_at)) + needed)
        heapq.heappush(free_at, expected[-1])
    outcome = Pipeline(NOTHING_BESIDE, Quotas(transcribers=servers), work, eager=False).run()
    assert list(outcome.answered_at) == pytest.approx(expected)


def test_what_telegram_takes_one_by_one_waits_as_a_line_of_constant_service():
    random = np.random.default_rng(3)
    turns, arrivals = Turns(per_second=2.0), poisson(1.6, 60_000, random)
    waited = np.mean([turns.wait(at, math.inf) for at in arrivals])
    use = 1.6 / 2.0
    assert waited == pytest.approx(use / (2 * 2.0 * (1 - use)), rel=0.05)


def test_whoever_has_no_patience_takes_no_turn():
    turns = Turns(per_second=0.1)
    assert [turns.wait(0.0, 5.0), turns.wait(0.0, 5.0), turns.wait(6.0, 5.0)] == [0.0, None, 4.0]


def test_the_instance_that_was_used_last_is_taken_first_and_an_old_one_is_gone():
    instances = Instances(idle_seconds=60)
    assert [instances.take(0), instances.take(0)] == [True, True]
    instances.give_back(10)
    instances.give_back(50)
    assert [instances.take(100), instances.take(100)] == [False, True]  # of 50; the one of 10 is gone


def test_a_patient_trigger_lets_messages_wait_and_loses_none():
    work = Load(np.zeros(30), np.full(30, 10.0))
    outcome = Pipeline(NOTHING_BESIDE, Quotas(transcribers=5, container_calls=10), work, eager=False).run()
    assert sorted(outcome.answered_at) == [10.0 * (1 + number // 5) for number in range(30)]
    assert (outcome.refused, outcome.in_system) == (0, 0)


def test_an_eager_trigger_burns_deliveries_until_messages_are_dead():
    # Ten of thirty are taken at once; the rest is refused, and comes again after 660 s, when again ten are taken.
    work = Load(np.zeros(80), np.full(80, 10.0))
    outcome = Pipeline(NOTHING_BESIDE, Quotas(transcribers=5, container_calls=10), work, eager=True).run()
    taken = [660.0 * turn + rest for turn in range(5) for rest in [10.0] * 5 + [20.0] * 5]
    assert sorted(outcome.answered_at)[:50] == taken
    assert sorted(outcome.dead_at)[:30] == [5 * 660.0] * 30
    assert outcome.refused == 70 + 60 + 50 + 40 + 30


def test_an_answer_that_telegram_does_not_take_in_time_comes_with_the_next_delivery_and_is_not_recognised_again():
    slow = replace(NOTHING_BESIDE, answer_patience_seconds=0.5, intake_patience_seconds=math.inf)
    work = Load(np.array([0.0, 0.1]), np.array([100.0, 100.0]))
    outcome = Pipeline(slow, Quotas(writes_per_second=1.0), work, eager=False).run()
    # Status messages at 0 and 1. Answers: at 100, and a second one ready at 101 finds its turn.
    assert list(outcome.answered_at) == [100.0, 101.0]
    work = Load(np.array([0.0, 0.0]), np.array([101.0, 100.0]))  # both ready at 101
    outcome = Pipeline(slow, Quotas(writes_per_second=1.0), work, eager=False).run()
    assert sorted(outcome.answered_at) == [101.0, 1.0 + 660.0]


def test_the_parts_of_a_long_recording_are_recognised_so_many_at_once_and_then_joined():
    work = Load(np.array([5.0]), np.array([100.0]), {0: Cut(parts=10, seconds=2.0)})
    outcome = Pipeline(replace(NOTHING_BESIDE, parts_at_once=8), Quotas(), work, eager=False).run()
    assert outcome.container_to == [7.0, *[17.0] * 8, 27.0, 27.0, 27.0]  # cut, eight parts, the two that two of them queue, joined
    assert list(outcome.answered_at) == [27.0]
    assert len(outcome.queued_at) == 12
    assert len(outcome.written_at) == 2  # parts write to nobody


def test_a_long_recording_takes_no_more_of_the_engine_for_being_cut():
    work = Load(np.array([0.0]), np.array([100.0]), {0: Cut(parts=7, seconds=3.0)})
    outcome = Pipeline(NOTHING_BESIDE, Quotas(transcribers=1), work, eager=False).run()
    assert list(outcome.answered_at) == pytest.approx([103.0])


def test_a_recording_is_given_up_with_the_first_of_its_parts_that_is():
    # Two calls at a time: the other message holds one, the first part the other, and the second part is refused five times.
    work = Load(np.array([0.0, 1.0]), np.array([20_000.0, 10_000.0]), {0: Cut(parts=2, seconds=2.0)})
    outcome = Pipeline(NOTHING_BESIDE, Quotas(container_calls=2), work, eager=True).run()
    assert list(outcome.dead_at) == [2.0 + 5 * 660.0, math.inf]
    assert list(outcome.answered_at) == [math.inf, 10_001.0]
    assert len(outcome.container_to) == 3  # nobody joins what is given up


def test_recordings_are_cut_as_the_settings_say():
    assert scale.cuts(np.array([10.0, 360.0, 361.0, 3600.0])) == {2: Cut(4, pytest.approx(361 / 360)), 3: Cut(30, pytest.approx(10.0))}


BOUNDS = st.builds(
    Quotas,
    transcribers=st.integers(1, 4),
    container_calls=st.integers(1, 6),
    function_calls=st.just(3),
    connections=st.just(4),
    writes_per_second=st.sampled_from([0.5, 3.0, UNBOUNDED]),
)


@given(st.integers(0, 2**32), st.integers(1, 200), BOUNDS, st.booleans(), st.floats(0, 20_000))
def test_every_message_is_answered_dead_or_still_there(seed: int, count: int, quotas: Quotas, eager: bool, end: float):
    random = np.random.default_rng(seed)
    cuts = {int(number): Cut(int(random.integers(1, 20)), 1.0) for number in np.flatnonzero(random.uniform(size=count) < 0.1)}
    work = Load(np.sort(random.uniform(0, 600, count)), random.exponential(20.0, count), cuts)
    outcome = Pipeline(INPUTS.deployment(), quotas, work, eager=eager).run(end + 1)
    answered, dead = np.isfinite(outcome.answered_at), np.isfinite(outcome.dead_at)
    assert not np.any(answered & dead)
    assert answered.sum() + dead.sum() + outcome.in_system == count
    at_least = work.engine_seconds / [min(8, cuts[one].parts) if one in cuts else 1 for one in range(count)]
    assert np.all(outcome.answered_at[answered] >= (work.arrivals + at_least)[answered])
    seconds = np.arange(0.0, end + 1, 1.0)
    assert at_once(outcome.container_from, outcome.container_to, seconds).max(initial=0) <= quotas.transcribers
    assert at_once(outcome.function_from, outcome.function_to, seconds).max(initial=0) <= 3


def free(size: int = 3_000, **changes: object) -> Scenario:
    return replace(Scenario(messages_per_day=size, bounds="none", quotas=Quotas(), eager=False, burst=False, inputs=INPUTS), **changes)


def beside(work: Load) -> float:
    """Return a message's mean seconds in warm containers beside the engine: one call, and of what is cut one for each part and one more."""
    calls = len(work.arrivals) + sum(cut.parts + 1 for cut in work.cuts.values())
    cutting = sum(cut.seconds for cut in work.cuts.values())
    return (scale.CONTAINER_BESIDE_SECONDS * calls + cutting) / len(work.arrivals)


def test_without_queueing_it_costs_what_the_costs_say():
    scenario = free()
    work, audio = scale.load(scenario)
    warm = replace(INPUTS.deployment(), container_cold_seconds=0.0, webhook_cold_seconds=0.0)
    spent = scale.usage(scenario, work, audio, Pipeline(warm, Quotas(), work, eager=False).run())
    by_hand = costs.Usage(
        messages_per_day=3_000,
        seconds_per_message=float(audio.mean()),
        real_time_factor=float(work.engine_seconds.sum() / audio.sum()),
        container_seconds_beside=beside(work),
    )
    assert work.cuts
    assert [rub(spent) for _, rub in costs.ITEMS] == pytest.approx([rub(by_hand) for _, rub in costs.ITEMS])


def test_cold_starts_are_paid_for():
    scenario = free()
    work, audio = scale.load(scenario)
    outcome = Pipeline(INPUTS.deployment(), Quotas(), work, eager=False).run()
    started = outcome.cold_starts / len(audio) * INPUTS.deployment().container_cold_seconds
    assert started > 0
    assert scale.usage(scenario, work, audio, outcome).container_seconds_beside == pytest.approx(beside(work) + started)


def test_the_messages_are_as_many_and_as_long_as_was_said():
    scenario = free(10_000)
    work, audio = scale.load(scenario)
    assert len(audio) == pytest.approx(10_000 * scenario.whole_days, rel=0.03)
    assert float(np.median(audio)) == pytest.approx(scale.MEDIAN_SECONDS, rel=0.03)
    assert float(audio.mean()) == pytest.approx(scale.MEAN_SECONDS, rel=0.05)
    assert float(np.mean(scenario.busiest(work.arrivals))) == pytest.approx(scale.share_of_busiest(), rel=0.05)
    assert list(work.arrivals) == sorted(work.arrivals)


def test_a_burst_brings_twenty_times_as_many_for_five_minutes_and_leaves_the_rest_of_the_evening_as_it_was():
    plain, burst = (scale.load(free(30_000, burst=burst))[0].arrivals for burst in (False, True))
    begin = scale.BURST_AT - scale.EVENING[0]
    within = [int(np.sum((times >= begin) & (times < begin + 300))) for times in (plain, burst)]
    usual = 30_000 * scale.share_of_busiest() / 3600 * 300
    assert within[1] - within[0] == pytest.approx(19 * usual, rel=0.05)
    assert len(burst) - within[1] == len(plain) - within[0]
    assert set(plain) <= set(burst)


def test_a_short_message_takes_the_engine_a_whole_window():
    times = INPUTS.engine_seconds(np.array([1.0, 20.0, 28.0, 29.0]))
    assert list(times) == pytest.approx([6 + 0.1, 6 + 2.0, 6 + 2.8, 12 + 2.9])


def test_the_first_quotas_are_those_of_one_zone():
    assert (scale.first_quotas().transcribers, scale.first_quotas().updates) == (5, 10)


def test_what_is_asked_for_is_never_less_than_there_is_and_above_the_peak():
    first = scale.first_quotas()
    assert scale.asked_quotas({"transcribers": 2.0, "functions": 1.0}) == first
    large = scale.asked_quotas({"transcribers": 100.0, "functions": 40.0})
    assert (large.transcribers, large.container_calls, large.function_calls) == (125, 125, 50)
    assert (large.connections, large.writes_per_second) == (first.connections, first.writes_per_second)


def test_the_same_seed_gives_the_same_figures_in_any_process_and_another_one_others():
    (row,) = scale.simulate_all([20_000], INPUTS, seed=1)["rows"]
    crowded = {"bounds": "first", "quotas": scale.first_quotas(), "eager": True, "burst": True}
    assert scale.simulate(free(20_000, seed=1)) == row["free"]
    assert scale.simulate(free(20_000, seed=1, **crowded)) == row["first, eager, burst"]
    assert scale.simulate(free(20_000, seed=2)) != row["free"]
    assert row["first, eager, burst"]["dead"] > row["first, eager"]["dead"]


def test_a_message_that_nobody_answered_has_no_wait():
    scenario = free(10_000, bounds="first", quotas=Quotas(transcribers=1), inputs=replace(INPUTS, seconds_per_window=3600.0))
    work, _ = scale.load(scenario)
    figures = scale.waits(scenario, work, Pipeline(INPUTS.deployment(), scenario.quotas, work, eager=False).run(scenario.end))
    assert (figures["p95"], figures["dead"]) == (None, 0)
    assert figures["answered"] < 0.1


RECORDED = scale_report.recorded()


def test_the_documents_tell_the_recorded_figures():
    assert scale_report.write(check=True) == 0


def test_a_figure_that_changed_makes_the_documents_stale(monkeypatch, capsys):
    changed = copy.deepcopy(RECORDED)
    changed["rows"][-1]["free"]["cost"]["rub_per_message"] += 1
    monkeypatch.setattr(scale_report, "recorded", lambda: changed)
    assert scale_report.write(check=True) == 1
    assert "make docs" in capsys.readouterr().err


def test_the_recorded_figures_are_of_the_recorded_inputs():
    inputs = json.loads(results.FILE.read_text(encoding="utf-8"))["scale, inputs"]
    assert {name: value for name, value in RECORDED["inputs"].items() if name != "slower"}.items() <= inputs.items()
    assert [row["messages_per_day"] for row in RECORDED["rows"]] == list(scale.SIZES)


def test_the_smallest_size_gives_again_what_is_recorded():
    row = RECORDED["rows"][0]
    fresh = scale.simulate(free(row["messages_per_day"], inputs=Inputs(**RECORDED["inputs"])))
    assert fresh == row["free"]


def test_a_limit_is_told_when_the_busiest_minute_reaches_it():
    shares = {"transcribers": 3.04, "functions": 0.5, "writes": 1.0}
    assert scale_report.reached({"use_of_limits": shares}) == "container cores × 3.0, Telegram's messages × 1.0"
    assert scale_report.reached({"use_of_limits": {"functions": 0.5, "writes": 0.1}}) == "none (function calls 50.0 %)"


def test_the_size_that_is_carried_ends_at_the_first_that_is_not():
    def row(size: int, p95: float | None, dead: float = 0) -> dict:
        return {"messages_per_day": size, "run": {"p95": p95, "dead": dead}}

    rows = [row(100, 5), row(300, 60), row(1_000, 61), row(3_000, 5)]
    assert scale_report.carried({"rows": rows}, "run") == 300
    assert scale_report.carried({"rows": [row(100, 5, 0.1)]}, "run") == 0
    assert scale_report.carried({"rows": [row(100, None)]}, "run") == 0
    assert scale_report.carried({"rows": rows[:2]}, "run", "not simulated") == 0
