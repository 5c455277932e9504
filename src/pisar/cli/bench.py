"""`pisar bench`: how fast a model is on this machine, what memory it takes, and what an hour of audio would cost with it."""

import json
import os
from pathlib import Path
from statistics import median

import click

from pisar.cli.interruption import interruptible
from pisar.cli.screen import progress_bar, shown, table
from pisar.errors import Rejected
from pisar.formats.refusals import sentence
from pisar.owner import costs, prices
from pisar.owner.costs import Usage

ASSUMED = Usage(messages_per_day=0)


@click.command(short_help="Measure a model on this machine: speed, memory, cost of an hour.")
@click.argument("model", default="", metavar="[NAME|PATH]")
@click.option("--audio", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A recording; without one, 30 s of noise.")
@click.option("--runs", type=click.IntRange(1, 100), default=3, show_default=True, help="How often, after a first that does not count.")
@click.option("--vcpus", type=click.IntRange(1, 32), help="Of the container that would do it [as many as are used here].")
@click.option("--gb", type=click.FloatRange(0.128, 64), default=ASSUMED.container_gb, show_default=True, help="Memory of that container.")
@click.option("--json", "as_json", is_flag=True, help="Numbers for programs, on standard output.")
def bench(model: str, audio: Path | None, runs: int, vcpus: int | None, gb: float, *, as_json: bool) -> None:
    """Measure a model that is named or lies at a path [PISAR_MODEL, or base].

    Recognition is measured as the service does it, from samples to text. Noise tells the time of a window with hardly any text in it:
    for what your own recordings take, give one with --audio. The settings of the service apply, PISAR_THREADS among them.
    """
    from pisar.wiring.engine import measure  # noqa: PLC0415 - the engine, only once there is work

    try:
        sound = audio.read_bytes() if audio else None
        with progress_bar("measuring") as on_progress:
            found = interruptible(lambda: measure(os.environ, model, sound, runs=runs, on_progress=on_progress))
    except Rejected as rejection:
        raise click.UsageError(sentence(rejection)) from rejection
    factor = found.real_time_factor
    cpus = vcpus or found.threads
    hour = costs.rub_per_audio_hour(real_time_factor=factor, vcpus=cpus, gb=gb)
    if as_json:
        told = {
            "model": found.model.name,
            "type": found.made_of,
            "level": found.level,
            "threads": found.threads,
            "load_seconds": round(found.load_seconds, 3),
            "audio_seconds": round(found.audio_seconds, 3),
            "seconds": [round(one, 3) for one in found.seconds],
            "real_time_factor": round(factor, 4),
            "peak_mb": round(found.peak_bytes / 1e6),
            "words": found.words,
            "rub_per_audio_hour": round(hour, 2),
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    rows = [
        ("model", f"{shown(found.model.name)}, {found.made_of}"),
        ("engine", f"{found.threads} threads" + (f", CPU level {found.level}" if found.level else "")),
        ("loaded in", f"{found.load_seconds:.2f} s"),
        ("audio", f"{found.audio_seconds:.1f} s, {found.words} words" + ("" if audio else ": noise, so hardly any text")),
        ("recognised in", f"{median(found.seconds):.2f} s ({min(found.seconds):.2f}–{max(found.seconds):.2f})"),
        ("real-time factor", f"{factor:.3f} ({1 / factor:.1f} times as fast as it was spoken)"),
        ("peak memory", f"{found.peak_bytes / 1e6:.0f} MB"),
        ("an hour of audio", f"{hour:.2f} roubles on {cpus} vCPU and {gb:g} GB, beyond the free allowance"),
    ]
    table(("what", "measured"), rows)
    click.echo(f"Prices of {prices.VALID_FROM.isoformat()}; the cloud's CPUs may be slower or faster than these.", err=True)
