"""What the simulation of scale found, told from benchmarks/results.json: tables, pictures, and what the README says of it.

`python -m benchmarks.scale_report` writes the parts of docs/scale.md and README.md that stand between two marker lines; with --check it
only says whether they are fresh. The pictures are drawn by `make scale`.
"""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import results
from pisar.generated_text import with_part
from pisar.owner import costs

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "images"

LIMITS = {
    "transcribers": "container cores",
    "functions": "function calls",
    "connections": "webhook connections",
    "writes": "Telegram's messages",
    "queue_calls": "queue calls",
    "in_flight": "messages in flight",
    "storage": "stored GB",
}
WELL_SECONDS = 60.0
"""95 of 100 messages answered within this is called well."""
MINUTES_FROM_SECONDS = 120.0

Row = dict[str, Any]
Columns = dict[str, Callable[[Row], str]]


def number(value: float, digits: int = 0) -> str:
    """Return a number with thin groups of thousands, as the README has them."""
    return f"{value:,.{digits}f}".replace(",", " ")


def seconds(value: float | None) -> str:
    """Return a wait in words; None is one that did not end."""
    if value is None:
        return "∞"
    return f"{value:.0f} s" if value < MINUTES_FROM_SECONDS else f"{value / 60:.0f} min"


def percent(share: float) -> str:
    """Return a share in per cent, and no zero for what is not none."""
    return "0" if share == 0 else "< 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"  # noqa: PLR2004 - what one digit can tell


def _run(name: str, *figures: str) -> Callable[[Row], str]:
    def cell(row: Row) -> str:
        if name not in row or not row[name].keys() >= set(figures):
            return "–"
        return " / ".join(seconds(row[name][figure]) if figure.startswith("p") else percent(row[name][figure]) for figure in figures)

    return cell


def reached(row: Row, use: str = "use_of_limits") -> str:
    """Return the limits that the busiest minute reaches, the first to be met first; else the one it comes nearest to."""
    shares = sorted(row[use].items(), key=lambda pair: -pair[1])
    over = [f"{LIMITS[name]} × {share:.1f}" for name, share in shares if share >= 1]
    name, share = shares[0]
    return ", ".join(over) or f"none ({LIMITS[name]} {percent(share)})"


def asked(row: Row, first: Row) -> str:
    """Return what to ask the cloud's support for, in each zone."""
    workers, calls, wanted = row["asked"]["transcribers"], row["asked"]["function_calls"], []
    if workers > first["transcribers"]:
        wanted.append(f"{2 * workers} container cores, {4 * workers} GB, {max(workers, 10)} instances, {max(workers, 10)} requests")
    if calls > first["function_calls"]:
        wanted.append(f"{calls} function instances, {calls} calls")
    return "; ".join(wanted) or "nothing"


def _day(row: Row) -> str:
    return number(row["messages_per_day"])


def waits() -> Columns:
    """Return the table of waits: p50, p95 and p99, and what is given up."""
    return {
        "messages a day": _day,
        "first quotas, patient trigger": _run("first, patient", "p50", "p95", "p99"),
        "eager trigger": _run("first, eager", "p50", "p95", "p99"),
        "… dead letters": _run("first, eager", "dead"),
        "quotas asked for": _run("asked, patient", "p50", "p95", "p99"),
        "… recordings over six minutes, p50": _run("asked, patient", "p50_long"),
    }


def bursts() -> Columns:
    """Return the same of an evening with a burst."""
    return {
        "messages a day": _day,
        "first quotas, patient trigger": _run("first, patient, burst", "p50", "p95", "p99"),
        "eager trigger": _run("first, eager, burst", "p50", "p95", "p99"),
        "… dead letters": _run("first, eager, burst", "dead"),
        "quotas asked for, patient trigger": _run("asked, patient, burst", "p50", "p95", "p99"),
        "… eager trigger": _run("asked, eager, burst", "p50", "p95", "p99"),
        "…… dead letters": _run("asked, eager, burst", "dead"),
    }


def requests(row: Row) -> str:
    """Return the requests a second of the busiest minute, to the gateway and to Object Storage; nobody documents a limit of either."""
    updates = row["free"]["busiest_minute"]["updates"]
    return f"{updates:.2g} / {updates * (costs.PUTS_PER_MESSAGE + costs.GETS_PER_MESSAGE):.2g}"


def needs(first: Row) -> Columns:
    """Return the table of what it takes."""
    return {
        "messages a day": _day,
        "transcribers, mean / peak": lambda row: (
            f"{row['free']['peaks']['mean_transcribers']:.1f} / {row['free']['peaks']['transcribers']:.0f}"
        ),
        "cold starts": _run("free", "cold"),
        "limits reached in the busiest minute": reached,
        "to ask the support for, a zone": lambda row: asked(row, first),
        "in a burst": lambda row: reached(row, "use_of_limits, burst"),
        "requests a second, gateway / storage": requests,
    }


def prices() -> Columns:
    """Return the table of costs."""
    return {
        "messages a day": _day,
        "roubles a month": lambda row: number(row["free"]["cost"]["rub_per_month"]),
        "a message": lambda row: f"{row['free']['cost']['rub_per_message']:.3f}",
        "an hour of audio": lambda row: f"{row['free']['cost']['rub_per_audio_hour']:.2f}",
        "of it the container": lambda row: percent(row["free"]["cost"]["container_share"]),
        "container seconds beside the engine": lambda row: f"{row['free']['cost']['container_seconds_beside']:.2f}",
    }


def tables(figures: Row) -> dict[str, Columns]:
    """Return all tables under their titles."""
    return {
        "Waits in the busiest hour, p50 / p95 / p99": waits(),
        "The same with a burst": bursts(),
        "What it takes": needs(figures["first"]),
        "What it costs": prices(),
    }


def markdown(columns: Columns, rows: Iterable[Row]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(columns)} |", "|---:" + "|---" * (len(columns) - 1) + "|"]
    lines += [f"| {' | '.join(cell(row) for cell in columns.values())} |" for row in rows]
    return "\n".join(lines) + "\n"


def show(figures: Row) -> None:
    """Print the tables."""
    for title, columns in tables(figures).items():
        table = Table(*columns, title=title)
        for row in figures["rows"]:
            table.add_row(*(cell(row) for cell in columns.values()))
        Console().print(table)


def carried(figures: Row, *runs: str) -> int:
    """Return the largest size that each of the runs, and those of all smaller sizes, serves well: in time, and with nothing given up."""
    largest = 0
    for row in figures["rows"]:
        served = [row.get(name, {"p95": None, "dead": 1}) for name in runs]
        if any(one["p95"] is None or one["p95"] > WELL_SECONDS or one["dead"] for one in served):
            break
        largest = row["messages_per_day"]
    return largest


def statements(figures: Row) -> list[str]:
    """Return the three sentences that matter most."""
    rows = figures["rows"]
    safe, patient, best = (
        carried(figures, *runs) for runs in (("first, patient", "first, eager"), ("first, patient",), ("asked, patient",))
    )
    beyond = next((row for row in rows if row.get("first, eager", {"dead": 1.0})["dead"]), rows[-1])
    needed = next((row for row in rows if row["messages_per_day"] == best), rows[0])
    lost = beyond.get("first, eager", {"dead": 1.0})["dead"]
    spent = needed["free"]["cost"]
    whichever = ", whatever the trigger does" if safe == patient else f"; with an eager trigger {number(safe)}"
    quotas = (
        f"**A new cloud's quotas carry {number(patient)} voice messages a day**: 95 of 100 are answered within a minute in the busiest hour"
        f"{whichever}. {LIMITS['transcribers'].capitalize()} run out first, {figures['first']['transcribers']:.0f} transcribers in a zone. "
        f"At {number(beyond['messages_per_day'])} an eager trigger gives up {percent(lost)} of the busiest hour by the end of the evening."
    )
    last = rows[-1]
    full = round(last["messages_per_day"] / last["use_of_limits"]["writes"], -4)
    telegram = (
        f"**With quotas asked for, one bot carries {number(best)}**, with {needed['asked']['transcribers']} transcribers at once. From "
        f"about {number(full)} on Telegram is what everybody waits for: it takes {figures['first']['writes_per_second']} messages a second "
        "from a bot, and an answer is two."
    )
    money = (
        f"**A message costs {spent['rub_per_message']:.3f} roubles, an hour of audio {spent['rub_per_audio_hour']:.2f}**, "
        f"{percent(spent['container_share'])} of it the container's. "
        f"At {number(best)} messages a day that is {number(spent['rub_per_month'])} a month."
    )
    return [quotas, telegram, money]


def measured(figures: Row) -> str:
    """Return the sentence of what was measured and what follows from it."""
    inputs, cost = figures["inputs"], figures["rows"][-1]["free"]["cost"]
    cores = "as fast" if inputs["slower"] == 1 else f"{inputs['slower']:g} times as slow"
    return (
        f"Measured (`benchmarks/scale_inputs.py`, Whisper-small in q8_0 on two cores, the language found out): "
        f"{inputs['seconds_per_window']:.2f} s a window and "
        f"{1000 * inputs['seconds_per_token']:.0f} ms a token, so a real-time factor of {cost['real_time_factor']:.2f} over these short "
        f"messages; {inputs['container_start_seconds']:.1f} s to start the container's program and load the model; "
        f"{inputs['webhook_import_cpu_seconds']:.2f} s of CPU for a webhook's imports and first message, "
        f"{inputs['webhook_cpu_seconds']:.3f} s for each after it. A core of the cloud is taken to be {cores}. "
        f"Seed {figures['seed']}."
    )


def document_part(figures: Row) -> str:
    """Return what stands between the markers of docs/scale.md."""
    found = "".join(f"- {one}\n" for one in statements(figures))
    parts = [f"### {title}\n\n{markdown(columns, figures['rows'])}" for title, columns in tables(figures).items()]
    return "\n".join([found, measured(figures) + "\n", *parts])


def readme_part(figures: Row) -> str:
    """Return what stands between the markers of the README."""
    return "".join(f"- {one}\n" for one in statements(figures))


DOCUMENTS: dict[Path, Callable[[Row], str]] = {ROOT / "docs" / "scale.md": document_part, ROOT / "README.md": readme_part}


def recorded() -> Row:
    """Return the figures that are kept."""
    return dict(json.loads(results.FILE.read_text(encoding="utf-8"))["scale"])


def write(*, check: bool = False) -> int:
    """Write the documents' parts, or say which are stale and return 1."""
    figures, stale = recorded(), 0
    for path, part in DOCUMENTS.items():
        found = path.read_text(encoding="utf-8")
        fresh = with_part(found, "scale", part(figures))
        if found == fresh:
            continue
        if check:
            sys.stderr.write(f"what {path.relative_to(ROOT)} says of scale is stale: run `make docs`\n")
            stale = 1
        else:
            path.write_text(fresh, encoding="utf-8")
    return stale


def draw(figures: Row) -> None:
    """Draw the pictures, the same bytes from the same figures."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second, and the check needs none of it

    mpl.use("svg")
    mpl.rcParams.update(
        {"svg.hashsalt": "pisar", "svg.fonttype": "none", "font.family": "sans-serif", "axes.grid": True, "grid.alpha": 0.3}
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in {"waits": _waits, "transcribers": _transcribers, "cost": _cost}.items():
        _save(PICTURES / f"scale-{name}.svg", figures, picture)


def _save(path: Path, figures: Row, picture: Callable[[Any, Row], str]) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415 - see draw()

    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_xlabel("voice messages a day")
    title = picture(axes, figures)
    axes.set_title(title, fontsize=11)
    axes.legend(fontsize=8)
    figure.savefig(path, format="svg", metadata={"Date": None, "Title": title})


def _waits(axes: Any, figures: Row) -> str:
    rows = figures["rows"]
    styles = {
        "first, patient": ("first quotas", "C0", "-"),
        "first, eager": ("first quotas, eager trigger", "C1", "-"),
        "asked, patient": ("quotas asked for", "C2", "-"),
        "asked, patient, burst": ("quotas asked for, with a burst", "C2", ":"),
    }
    top = 2 * max(row[name]["p95"] or 0 for row in rows for name in styles if name in row)
    for name, (label, colour, line) in styles.items():
        sizes = [row["messages_per_day"] for row in rows if name in row]
        heights = [row[name]["p95"] or top for row in rows if name in row]
        axes.plot(sizes, heights, line, color=colour, marker="o", markersize=4, label=label)
    axes.axhline(top, color="grey", linewidth=0.8)
    axes.text(rows[0]["messages_per_day"], top, "never, by the end of the evening", va="bottom", fontsize=8, color="grey")
    axes.set_yscale("log")
    axes.set_ylabel("seconds that 95 of 100 messages wait at most")
    return "How long an answer takes in the busiest hour"


def _transcribers(axes: Any, figures: Row) -> str:
    rows = figures["rows"]
    sizes = [row["messages_per_day"] for row in rows]
    axes.plot(sizes, [row["free"]["peaks"]["transcribers"] for row in rows], marker="o", markersize=4, label="peak")
    axes.plot(sizes, [row["free"]["peaks"]["mean_transcribers"] for row in rows], marker="o", markersize=4, label="mean")
    axes.plot(sizes, [row["free, burst"]["peaks"]["transcribers"] for row in rows], ":", label="peak in a burst, if nothing waits")
    axes.axhline(figures["first"]["transcribers"], color="C3", linewidth=0.8, label="first quotas of a zone")
    axes.set_yscale("log")
    axes.set_ylabel("transcribers at work in the busiest hour")
    return "How many transcribers work at once"


def _cost(axes: Any, figures: Row) -> str:
    rows = figures["rows"]
    sizes = [row["messages_per_day"] for row in rows]
    axes.plot(sizes, [row["free"]["cost"]["rub_per_audio_hour"] for row in rows], marker="o", markersize=4, label="an hour of audio")
    axes.plot(sizes, [100 * row["free"]["cost"]["rub_per_message"] for row in rows], marker="o", markersize=4, label="a hundred messages")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("roubles")
    return "What it costs"


if __name__ == "__main__":
    sys.exit(write(check="--check" in sys.argv[1:]))
