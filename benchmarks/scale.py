"""From 100 to a million voice messages a day on the deployment of terraform/, simulated: `make scale`.

Each size is run on an evening, and on one with a burst (BURST_TIMES as many messages for BURST_SECONDS): with nothing bounded, which
tells what is needed; with the cloud's first quotas; and with quotas as they would be asked for. What was measured comes from
`benchmarks.scale_inputs`, what is assumed is written here as a constant. Below WHOLE_DAYS_BELOW messages a day whole days are simulated,
as many as give some hundred messages in the busiest hour; from there on one evening, whose cold starts then stand for the day's. The same
seed gives the same figures.
"""

import json
import math
from argparse import ArgumentParser
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from benchmarks import results, scale_report
from benchmarks.serverless import UNBOUNDED, Cut, Deployment, Load, Outcome, Pipeline, Quotas, at_once
from pisar.owner import costs
from pisar.speech.recognition import PIECE_SECONDS
from pisar.wiring.environment import read
from pisar.wiring.settings import Lengths

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
SEED = 1
PROCESSES = 2

# Assumed: of many people's voice messages no statistics were at hand.
MEDIAN_SECONDS, MEAN_SECONDS, LEAST_SECONDS, LONGEST_SECONDS = 10.0, 20.0, 0.5, 3600.0
"""Of a message: log-normal. The longest is about what the 20 MB hold that a bot may fetch."""
CUTTING_SECONDS = 10 / 3600
"""For a second of a long recording: decoding it and looking for speech (decision 0018)."""
TOKENS_PER_SECOND = 5.0
"""Of Russian speech: some 2.3 words a second, each a little more than two of Whisper's tokens."""
PROFILE = (1.5, 0.8, 0.5, 0.4, 0.4, 0.6, 1.2, 2.4, 3.8, 4.6, 5.0, 5.2, 5.6, 5.6, 5.4, 5.2, 5.4, 5.8, 6.4, 7.6, 9.0, 8.2, 6.0, 3.4)
"""Per cent of the day in each hour."""
BURST_TIMES, BURST_SECONDS, BURST_AT = 20, 300.0, 20.25 * 3600
CONTAINER_BESIDE_SECONDS = 1.0
"""Of a warm container: about 0.1 s of ffmpeg, some twelve calls of the storage and two of Telegram, none of them measured in the cloud."""
PLATFORM_SECONDS = 2.0
"""What the cloud itself needs to start an instance, before anything of ours runs."""
IDLE_SECONDS = 300.0
"""How long the cloud keeps an instance that has nothing to do: not documented."""

# From the cloud's pages of quotas (containers, functions, Message Queue) and the Bot API; the first four are for one zone, and calls may
# all land in one.
ZONE_CORES, ZONE_GB, ZONE_INSTANCES, ZONE_CALLS = 10, 20, 10, 10
FUNCTION_CALLS = 10
CONNECTIONS = 40  # max_connections of a webhook, where nobody set another
WRITES_PER_SECOND = 30  # core.telegram.org/bots/faq: into all chats together; that edits count is assumed
QUEUE_CALLS_PER_SECOND = 300
QUEUE_IN_FLIGHT = 120_000
STORAGE_GB = 1_024
KEEP_DAYS = 7  # PISAR_KEEP_DAYS

BUSIEST = (20 * 3600.0, 21 * 3600.0)
"""The hour that waits are told of."""
EVENING = (19.5 * 3600.0, 22.25 * 3600.0)
"""What is simulated of a large day: an eager trigger's last delivery is over an hour after its first."""
WHOLE_DAYS_BELOW = 20_000
WANTED_IN_BUSIEST = 600
LONG_WANTED = 10
MARGIN = 1.25
"""Of what is asked for, above the peak."""
HOPELESS_TIMES = 10
"""Where an evening needs more than this of what is allowed at first, that is not simulated: hardly anything would be answered."""

CUTTING = read({}, Lengths)

DAY = 86_400.0
Bounds = Literal["none", "first", "asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was measured, and how much slower the cloud's cores are than those it was measured on."""

    seconds_per_window: float
    seconds_per_token: float
    container_start_seconds: float
    webhook_import_cpu_seconds: float
    webhook_cpu_seconds: float  # of a warm one; the seconds that `costs.Usage` reckons with are these and its waits
    slower: float = 1.0

    def engine_seconds(self, audio_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the engine's time: whisper takes a window of 30 s for whatever is shorter, so short messages cost as much."""
        windows = np.ceil(audio_seconds / PIECE_SECONDS)
        tokens = TOKENS_PER_SECOND * audio_seconds
        return np.asarray(self.slower * (windows * self.seconds_per_window + tokens * self.seconds_per_token), dtype=float)

    def deployment(self) -> Deployment:
        """Return the times of the deployment; a function of 512 MB has a quarter of a core."""
        usage = costs.Usage(messages_per_day=0)
        share_of_core = usage.function_gb / 2
        return Deployment(
            webhook_seconds=usage.function_seconds,
            webhook_cold_seconds=PLATFORM_SECONDS + self.slower * self.webhook_import_cpu_seconds / share_of_core,
            container_beside_seconds=CONTAINER_BESIDE_SECONDS,
            container_cold_seconds=PLATFORM_SECONDS + self.slower * self.container_start_seconds,
            idle_seconds=IDLE_SECONDS,
            parts_at_once=CUTTING.parts_at_once,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run: how many messages a day, what bounds them, whether there is a burst, how the trigger is."""

    messages_per_day: int
    bounds: Bounds
    quotas: Quotas
    eager: bool
    burst: bool
    inputs: Inputs
    seed: int = SEED

    @property
    def whole_days(self) -> int:
        """How many whole days are simulated; none where an evening is enough."""
        if self.messages_per_day >= WHOLE_DAYS_BELOW:
            return 0
        return max(1, math.ceil(WANTED_IN_BUSIEST / (self.messages_per_day * share_of_busiest())))

    @property
    def end(self) -> float:
        """When the simulation ends."""
        return self.whole_days * DAY if self.whole_days else EVENING[1] - EVENING[0]

    def busiest(self, moments: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say of each moment whether it is in the busiest hour of its day."""
        of_day = moments % DAY if self.whole_days else moments + EVENING[0]
        return (of_day >= BUSIEST[0]) & (of_day < BUSIEST[1])


def share_of_busiest() -> float:
    """Return how much of a day's messages come in the busiest hour."""
    return max(PROFILE) / sum(PROFILE)


def first_quotas() -> Quotas:
    """Return what a new cloud allows in one zone, and Telegram anyone."""
    usage = costs.Usage(messages_per_day=0)
    transcribers = min(ZONE_CORES // usage.container_vcpus, ZONE_GB // usage.container_gb, ZONE_INSTANCES)
    return Quotas(
        transcribers=transcribers,
        container_calls=ZONE_CALLS,
        function_calls=FUNCTION_CALLS,
        connections=CONNECTIONS,
        writes_per_second=WRITES_PER_SECOND,
    )


def asked_quotas(peaks: dict[str, float]) -> Quotas:
    """Return quotas above the peaks of an evening without a burst; Telegram's limits are as they are."""
    first = first_quotas()
    transcribers = max(first.transcribers, math.ceil(MARGIN * peaks["transcribers"]))
    return replace(
        first,
        transcribers=transcribers,
        container_calls=max(first.container_calls, transcribers),
        function_calls=max(first.function_calls, math.ceil(MARGIN * peaks["functions"])),
    )


def load(scenario: Scenario) -> tuple[Load, NDArray[np.float64]]:
    """Return the messages and their lengths in seconds. A burst adds to the messages of the same evening without one."""
    plain, sudden, lengths = np.random.default_rng([scenario.seed, scenario.messages_per_day]).spawn(3)
    arrivals = _evening(plain, scenario)
    if scenario.burst:
        extra = (BURST_TIMES - 1) * scenario.messages_per_day * share_of_busiest() / 3600 * BURST_SECONDS
        begins = [day * DAY + BURST_AT for day in range(scenario.whole_days)] or [BURST_AT - EVENING[0]]
        arrivals += [begin + sudden.uniform(0, BURST_SECONDS, sudden.poisson(extra)) for begin in begins]
    times = np.sort(np.concatenate(arrivals))
    width = math.sqrt(2 * math.log(MEAN_SECONDS / MEDIAN_SECONDS))
    audio = np.clip(lengths.lognormal(math.log(MEDIAN_SECONDS), width, len(times)), LEAST_SECONDS, LONGEST_SECONDS)
    return Load(times, scenario.inputs.engine_seconds(audio), cuts(audio)), audio


def cuts(audio_seconds: NDArray[np.float64]) -> dict[int, Cut]:
    """Return which messages are cut, by number, and into how many parts, as the settings have it that nobody changed."""
    long = np.flatnonzero(audio_seconds > 60 * CUTTING.whole_minutes)
    return {
        int(number): Cut(math.ceil(seconds / (60 * CUTTING.part_minutes)), CUTTING_SECONDS * float(seconds))
        for number, seconds in zip(long, audio_seconds[long], strict=True)
    }


def _evening(random: np.random.Generator, scenario: Scenario) -> list[NDArray[np.float64]]:
    """Return arrivals of each hour, or what the evening has of it."""
    begin, end = (0.0, scenario.end) if scenario.whole_days else EVENING
    arrivals = []
    for hour in range(int(begin // 3600), math.ceil(end / 3600)):
        from_, to = max(begin, hour * 3600.0), min(end, (hour + 1) * 3600.0)
        expected = scenario.messages_per_day * PROFILE[hour % 24] / sum(PROFILE) * (to - from_) / 3600
        arrivals.append(random.uniform(from_, to, random.poisson(expected)) - begin)
    return arrivals


def simulate(scenario: Scenario) -> dict[str, Any]:
    """Run one scenario and return its figures."""
    work, audio = load(scenario)
    until = None if scenario.bounds == "none" else scenario.end  # what nothing holds up is soon done, and costs are told of whole work
    outcome = Pipeline(scenario.inputs.deployment(), scenario.quotas, work, eager=scenario.eager).run(until)
    figures = waits(scenario, work, outcome)
    if scenario.bounds == "none":
        peaks, busy = demand(scenario, outcome)
        figures |= {"peaks": peaks, "busiest_minute": busy, "cost": cost(usage(scenario, work, audio, outcome))}
    return figures


def waits(scenario: Scenario, work: Load, outcome: Outcome) -> dict[str, Any]:
    """Return how long the messages of the busiest hour waited from being sent to being answered, and how many never were.

    A percentile is None where it falls on a message that was not answered until the end. The median of long recordings, which are cut,
    is there where they are LONG_WANTED or more.
    """
    asked = scenario.busiest(work.arrivals)
    took = np.sort((outcome.answered_at - work.arrivals)[asked])
    told = {f"p{rank}": float(took[math.ceil(rank / 100 * len(took)) - 1]) for rank in (50, 95, 99)}
    long = sorted(float(outcome.answered_at[one] - work.arrivals[one]) for one in work.cuts if asked[one])
    if len(long) >= LONG_WANTED:
        told["p50_long"] = long[math.ceil(len(long) / 2) - 1]
    return {
        **{name: round(value, 1) if math.isfinite(value) else None for name, value in told.items()},
        "messages": len(took),
        "answered": round(float(np.mean(np.isfinite(took))), 4),
        "dead": round(float(np.mean(np.isfinite(outcome.dead_at[asked]))), 4),
        "cold": round(outcome.cold_starts / max(1, len(outcome.container_from)), 4),
    }


def demand(scenario: Scenario, outcome: Outcome) -> tuple[dict[str, float], dict[str, float]]:
    """Return of each thing that is bounded its peak in the busiest hours, and its mean over the busiest minute."""
    seconds = np.arange(0.0, scenario.end, 1.0)
    seen = scenario.busiest(seconds)
    rows = {
        "transcribers": at_once(outcome.container_from, outcome.container_to, seconds)[seen],
        "functions": at_once(outcome.function_from, outcome.function_to, seconds)[seen],
        "in_flight": at_once(outcome.in_flight_from, outcome.in_flight_to, seconds)[seen],
        "writes": _per_second(outcome.written_at, seconds)[seen],
        "queue_calls": _per_second(outcome.queued_at, seconds)[seen],
        "updates": _per_second(outcome.function_from, seconds)[seen],
    }
    minutes = {name: float(row.reshape(-1, 60).mean(axis=1).max()) for name, row in rows.items()}
    mean = {"mean_transcribers": float(rows["transcribers"].mean())}
    return {name: float(row.max()) for name, row in rows.items()} | mean, {name: round(value, 3) for name, value in minutes.items()}


def _per_second(times: list[float], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.diff(np.searchsorted(np.sort(times), np.append(seconds, len(seconds))), prepend=0)[1:].astype(float)


def usage(scenario: Scenario, work: Load, audio: NDArray[np.float64], outcome: Outcome) -> costs.Usage:
    """Return the load as `pisar.owner.costs` takes it: what a message took on the average, with its cold starts."""
    in_engine = float(work.engine_seconds.mean())
    container = float(np.sum(outcome.container_to) - np.sum(outcome.container_from)) / len(work.arrivals)
    function = float(np.sum(outcome.function_to) - np.sum(outcome.function_from)) / len(outcome.function_from)
    return costs.Usage(
        messages_per_day=scenario.messages_per_day,
        seconds_per_message=float(audio.mean()),
        real_time_factor=in_engine / float(audio.mean()),
        container_seconds_beside=container - in_engine,
        function_seconds=function,
    )


def cost(of: costs.Usage) -> dict[str, float]:
    """Return the month in roubles, and what a message and an hour of audio cost."""
    month = costs.total_rub(of)
    figures = {
        "rub_per_month": month,
        "rub_per_message": month / of.messages_per_month,
        "rub_per_audio_hour": month / of.audio_hours_per_month,
        "real_time_factor": of.real_time_factor,
        "container_seconds_beside": of.container_seconds_beside,
        "function_seconds": of.function_seconds,
        "container_share": costs.container_rub(of) / month if month else 0.0,
    }
    return {name: round(value, 4) for name, value in figures.items()}


def use_of_limits(size: int, busy: dict[str, float]) -> dict[str, float]:
    """Return how much of each limit the busiest minute uses."""
    first = first_quotas()
    stored_gb = size * KEEP_DAYS * costs.Usage(messages_per_day=0).stored_bytes_per_message / 1e9
    shares = {
        "transcribers": busy["transcribers"] / first.transcribers,
        "functions": busy["functions"] / FUNCTION_CALLS,
        "connections": busy["functions"] / CONNECTIONS,
        "writes": busy["writes"] / WRITES_PER_SECOND,
        "queue_calls": busy["queue_calls"] / QUEUE_CALLS_PER_SECOND,
        "in_flight": busy["in_flight"] / QUEUE_IN_FLIGHT,
        "storage": stored_gb / STORAGE_GB,
    }
    return {name: round(share, 4) for name, share in shares.items()}


def simulate_all(sizes: Iterable[int], inputs: Inputs, seed: int = SEED) -> dict[str, Any]:
    """Return the figures of every size, of the largest first worked on."""
    sizes = sorted(sizes, reverse=True)
    rows: dict[int, dict[str, Any]] = {size: {"messages_per_day": size} for size in sizes}

    def scenario(size: int, bounds: Bounds, quotas: Quotas, *, eager: bool = False, burst: bool = False) -> Scenario:
        return Scenario(messages_per_day=size, bounds=bounds, quotas=quotas, eager=eager, burst=burst, inputs=inputs, seed=seed)

    with ProcessPoolExecutor(PROCESSES) as pool, Progress() as progress:
        bar = progress.add_task("simulating", total=0)

        def work(scenarios: dict[tuple[int, str], Scenario]) -> None:
            progress.update(bar, total=(progress.tasks[0].total or 0) + len(scenarios))
            running = {pool.submit(simulate, one): of for of, one in scenarios.items()}
            for done in as_completed(running):
                size, name = running[done]
                rows[size][name] = done.result()
                progress.advance(bar)

        free = Quotas()
        work({(size, name): scenario(size, "none", free, burst=name != "free") for size in sizes for name in ("free", "free, burst")})
        plans = {}
        for size in sizes:
            row, first, asked = rows[size], first_quotas(), asked_quotas(rows[size]["free"]["peaks"])
            row["use_of_limits"] = use_of_limits(size, row["free"]["busiest_minute"])
            row["use_of_limits, burst"] = use_of_limits(size, row["free, burst"]["busiest_minute"])
            row["asked"] = {name: value for name, value in asdict(asked).items() if value != UNBOUNDED}
            for eager, burst in product((False, True), repeat=2):
                name = ("eager" if eager else "patient") + (", burst" if burst else "")
                if row["use_of_limits"]["transcribers"] <= HOPELESS_TIMES:
                    plans[size, f"first, {name}"] = scenario(size, "first", first, eager=eager, burst=burst)
                if burst or not eager:  # with quotas that are enough, a trigger's patience shows in a burst alone
                    plans[size, f"asked, {name}"] = scenario(size, "asked", asked, eager=eager, burst=burst)
        work(plans)
    return {"seed": seed, "first": asdict(first_quotas()), "inputs": asdict(inputs), "rows": [rows[size] for size in sorted(sizes)]}


def measured(slower: float) -> Inputs:
    """Return the inputs as benchmarks/results.json has them."""
    found = json.loads(results.FILE.read_text(encoding="utf-8"))["scale, inputs"]
    return Inputs(**{one.name: found[one.name] for one in fields(Inputs) if one.name != "slower"}, slower=slower)


def main() -> None:
    """Simulate, print the table, record, and draw."""
    parser = ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="messages a day")
    parser.add_argument("--slower", type=float, default=1.0, help="how many times slower a core of the cloud is than the one measured")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--dry", action="store_true", help="print only: record and draw nothing")
    chosen = parser.parse_args()
    figures = simulate_all(chosen.sizes, measured(chosen.slower), chosen.seed)
    scale_report.show(figures)
    if not chosen.dry:
        results.record("scale", figures)
        scale_report.draw(figures)
        scale_report.write()


if __name__ == "__main__":
    main()
