"""`pisar quantize`: a smaller file of a model, with which recognition is faster and takes less memory."""

import os
from pathlib import Path

import click

from pisar.adapters.ggml_files import QUANTISED
from pisar.cli.interruption import interruptible
from pisar.cli.screen import progress_bar, shown

KINDS = {kind.name: kind for kind in QUANTISED}


@click.command(short_help="Make a smaller, faster file of a model.")
@click.argument("model", metavar="NAME|PATH")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--type", "kind", type=click.Choice(list(KINDS)), default="q8_0", show_default=True, help="What weights are made of.")
@click.option("--force", is_flag=True, help="Write over OUT if it exists.")
def quantize(model: str, out: Path, kind: str, *, force: bool) -> None:
    """Write the model of NAME or PATH to OUT, its weights in small numbers.

    A name, such as small, is downloaded once. q8_0 is half as large and the closest to the whole; iq4_nl is a third and the
    fastest, and rounds more. The others are for comparison: docs/engine.md has the figures. Then set PISAR_MODEL to OUT.
    """
    from pisar.wiring.engine import smaller_model  # noqa: PLC0415 - the engine, only once there is work

    if out.exists() and not force:
        raise click.UsageError(f"{shown(out)} exists; --force writes over it.")
    with progress_bar(f"{shown(out.name)} {kind}") as on_progress:
        before, after = interruptible(lambda: smaller_model(os.environ, model, out, KINDS[kind], on_progress=on_progress))
    click.echo(f"{shown(out)}: {after / 1e6:.0f} MB, {after / before:.0%} of the {before / 1e6:.0f} MB it was.", err=True)
