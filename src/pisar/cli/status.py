"""`pisar status`: queues, workers and jobs in flight, again and again until Ctrl-C."""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from pisar.cli.screen import console, made_table, shown
from pisar.domain.answer_to import Drop, Order, Reply, Whole

if TYPE_CHECKING:
    from rich.console import Group

    from pisar.domain.jobs import Job
    from pisar.owner.status import Seen, Status

ID_CHARACTERS = 8
"""As much of a job's id as finds its lines in the logs."""

MINUTE, HOUR, DAY = 60, 3600, 86_400


@click.command(short_help="Show queues, workers and jobs in flight.")
@click.option("--once", is_flag=True, help="Look once and end, as where the output is no terminal.")
@click.option("--json", "as_json", is_flag=True, help="Look once, and print it for programs.")
@click.option("--all", "everything", is_flag=True, help="Read up to 1,000 job records too, to find what no worker or line knows of.")
@click.option("--every", type=click.FloatRange(0.5, 3600), default=2.0, show_default=True, metavar="SECONDS", help="Between two looks.")
def status(*, once: bool, as_json: bool, everything: bool, every: float) -> int:
    """Show what waits in the queues, who works, and on what, until Ctrl-C.

    It takes PISAR_BUCKET and PISAR_BROKER_URL, in the cloud PISAR_QUEUE_URL, and boto3's AWS_… settings. Changes nothing. Ends with 1
    if the queues or the store did not answer.
    """
    from pisar.wiring.cli import overview  # noqa: PLC0415 - boto3, 0.4 s

    one = overview(os.environ)
    if once or as_json or not sys.stdout.isatty():
        found = one.look(everything=everything)
        if as_json:
            click.echo(json.dumps(described(found), ensure_ascii=sys.stdout.isatty(), indent=2))
        else:
            console().print(drawn(found))
        return 1 if found.problems else 0
    return _live(lambda: one.look(everything=everything), every)


def _live(look: Callable[[], "Status"], every: float) -> int:
    from rich.live import Live  # noqa: PLC0415 - 0.1 s, only where there is a terminal

    found = None
    try:
        with Live(console=console(), auto_refresh=False, vertical_overflow="crop") as live:
            while True:
                found = look()
                live.update(drawn(found), refresh=True)
                time.sleep(every)
    except KeyboardInterrupt:  # the way to end it
        return 1 if found and found.problems else 0


def drawn(found: "Status") -> "Group":
    """Return the status as tables."""
    from rich.console import Group  # noqa: PLC0415 - see _live
    from rich.text import Text  # noqa: PLC0415 - see _live

    parts: list[Any] = [Text(f"Pisar at {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(found.at))}", "bold")]
    parts += [Text(f"✗ {what}: {shown(why)}", "bold red") for what, why in found.problems.items()]
    if found.depths is not None:
        rows = [(one.name, _number(one.waiting), _number(one.held)) for one in found.depths]
        parts += [Text(), made_table(("queue", "waiting", "held"), rows, right=("waiting", "held"))]
    elif "queues" not in found.problems:
        parts.append(Text("Queues: not looked at, for neither PISAR_BROKER_URL nor PISAR_QUEUE_URL is set."))
    if "store" not in found.problems:
        parts += [Text(), *_workers(found), Text(), *_jobs(found)]
    return Group(*parts)


def _workers(found: "Status") -> list[Any]:
    from rich.text import Text  # noqa: PLC0415 - see _live

    if not found.workers:
        return [Text("No worker has shown itself in the last day.")]
    rows = []
    for one in found.workers:
        state = "gone" if one.is_gone(found.at) else "working" if one.job_ids else "waiting"
        jobs = " ".join(this[:ID_CHARACTERS] for this in one.job_ids)
        beat = f"{_span(found.at - one.beat_at)} ago"
        rows.append((shown(one.name), one.role, shown(one.host), state, _span(found.at - one.started_at), beat, shown(jobs)))
    return [made_table(("worker", "role", "host", "state", "up", "last beat", "jobs"), rows, right=("up", "last beat"))]


def _jobs(found: "Status") -> list[Any]:
    from rich.text import Text  # noqa: PLC0415 - see _live

    said: list[Any] = []
    if found.jobs:
        columns = ("job", "for", "state", "age", "length", "done", "tries", "in line", "worker")
        said.append(made_table(columns, [_row(one, found.at) for one in found.jobs], right=("age", "length", "done", "tries", "in line")))
    else:
        said.append(Text("No job is in flight, as far as workers and line know."))
    if found.oldest_waiting_seconds is not None:
        said.append(Text(f"The first in line has waited for {_span(found.oldest_waiting_seconds)}."))
    if found.left_out > 0:
        said.append(Text(f"{found.left_out}{' or more' if found.waiting_at_least else ''} more jobs wait; the first of them are shown."))
    if found.cut_short:
        said.append(Text("There are more job records than were read: an unfinished job may be among the others."))
    if found.dead_letters:
        said.append(Text(f"Messages that no worker could read: {found.dead_letters}. `pisar dead-letters list` shows them.", "bold red"))
    return said


def _row(one: "Seen", now: float) -> tuple[str, ...]:
    job = one.job
    return (
        shown(job.id[:ID_CHARACTERS]),
        _asker(job),
        _state(one, now),
        _span(now - job.created_at),
        "" if job.audio_seconds is None else _span(job.audio_seconds),
        f"{job.progress:.0%}" if job.progress else "",
        str(job.deliveries),
        "" if one.place is None else str(one.place + 1),
        shown(" ".join(one.workers)),
    )


def _state(one: "Seen", now: float) -> str:
    if one.has_lost_its_worker(now):
        return "lost its worker"
    return f"in {one.job.parts} parts" if one.job.parts else one.job.state.value


def _asker(job: "Job") -> str:
    return {Reply: "chat", Drop: "file", Order: "API", Whole: "part"}.get(type(job.answer_to), "?")


def described(found: "Status") -> dict[str, Any]:
    """Return the status for programs: times are Unix seconds, None is what can't be learned. Nothing says who asked, or what."""
    return {
        "at": found.at,
        "problems": dict(found.problems),
        "queues": None if found.depths is None else [{"name": one.name, "waiting": one.waiting, "held": one.held} for one in found.depths],
        "workers": [
            {
                "name": one.name,
                "role": one.role,
                "host": one.host,
                "gone": one.is_gone(found.at),
                "started_at": one.started_at,
                "beat_at": one.beat_at,
                "jobs": list(one.job_ids),
            }
            for one in found.workers
        ],
        "jobs": [
            {
                "id": one.job.id,
                "for": _asker(one.job),
                "state": one.job.state.value,
                "lost_its_worker": one.has_lost_its_worker(found.at),
                "created_at": one.job.created_at,
                "audio_seconds": one.job.audio_seconds,
                "progress": one.job.progress,
                "parts": one.job.parts,
                "tries": one.job.deliveries,
                "place": one.place,
                "workers": list(one.workers),
            }
            for one in found.jobs
        ],
        "waiting": found.waiting,
        "waiting_at_least": found.waiting_at_least,
        "waiting_not_listed": found.left_out,
        "oldest_waiting_seconds": found.oldest_waiting_seconds,
        "dead_letters": found.dead_letters,
        "records_cut_short": found.cut_short,
    }


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def _span(seconds: float) -> str:
    seconds = max(0, round(seconds))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"
    return f"{seconds // DAY} d {seconds % DAY // HOUR} h"
