"""`pisar dead-letters`: what no worker could read, listed, queued again or dropped.

The messages lie in the bucket that PISAR_BUCKET names; queueing again needs PISAR_QUEUE_URL.
"""

import os
from collections.abc import Callable

import click

from pisar.cli.screen import say, table
from pisar.errors import Missing, Unreadable


@click.group("dead-letters", short_help="See, retry and drop messages that no worker could read.")
def dead_letters() -> None:
    """Look after the messages that no worker could read (PISAR_BUCKET, PISAR_QUEUE_URL, and boto3's AWS_… settings)."""


@dead_letters.command("list")
def list_() -> None:
    """List the messages, and which of them can be retried."""
    from pisar.wiring.cli import kept_letters  # noqa: PLC0415 - boto3, 0.4 s

    rows = [(one.id, one.body, f"no: {one.problem}" if one.problem else "yes") for one in kept_letters(os.environ).list()]
    if rows:
        table(("id", "message", "can be retried"), rows)
    else:
        click.echo("There are no dead letters.", err=True)


@dead_letters.command()
@click.argument("ids", nargs=-1, metavar="ID…")
@click.option("--all", "every", is_flag=True, help="Every message that can be retried.")
def retry(ids: tuple[str, ...], *, every: bool) -> int:
    """Queue messages again and keep them no longer."""
    from pisar.wiring.cli import kept_letters, queue  # noqa: PLC0415 - see list_

    letters, jobs = kept_letters(os.environ), queue(os.environ)
    chosen = _chosen(ids, [one.id for one in letters.list() if not one.problem] if every else None)
    return _each(chosen, lambda one: letters.retry(one, jobs), "queued again")


@dead_letters.command()
@click.argument("ids", nargs=-1, metavar="ID…")
@click.option("--all", "every", is_flag=True, help="Every message.")
def drop(ids: tuple[str, ...], *, every: bool) -> int:
    """Erase messages for good."""
    from pisar.wiring.cli import kept_letters  # noqa: PLC0415 - see list_

    letters = kept_letters(os.environ)
    return _each(_chosen(ids, [one.id for one in letters.list()] if every else None), letters.drop, "dropped")


def _chosen(ids: tuple[str, ...], every: list[str] | None) -> list[str]:
    if bool(ids) is (every is not None):
        raise click.UsageError("Name messages by their ids, or all of them with --all; `pisar dead-letters list` shows them.")
    return list(ids) if every is None else every


def _each(ids: list[str], do: Callable[[str], None], done: str) -> int:
    failed = 0
    for one in ids:
        try:
            do(one)
            say(f"{one} {done}")
        except Missing:
            failed += 1
            say(f"pisar: there is no dead letter {one}")
        except Unreadable as error:
            failed += 1
            say(f"pisar: {error}")
    click.echo(f"{len(ids) - failed} of {len(ids)} {done}.", err=True)
    return 1 if failed else 0
