"""`pisar keys`: make, list and revoke API keys in the bucket that PISAR_BUCKET names.

A key is printed once, alone on standard output, so that a script can take it: `KEY=$(pisar keys create phone)`.
"""

import os
from datetime import UTC, datetime
from time import time

import click

from pisar.cli.screen import table
from pisar.domain.clients import Client


@click.group(short_help="Make, list and revoke API keys.")
def keys() -> None:
    """Look after the API keys (PISAR_BUCKET, and boto3's AWS_… settings)."""


@keys.command()
@click.argument("name")
@click.option("--minutes-per-day", type=float, metavar="N", help="Minutes of audio the key is good for each day; any number if left out.")
def create(name: str, minutes_per_day: float | None) -> None:
    """Make a key for NAME and print it: it is not kept and can't be shown again."""
    from pisar.wiring.cli import keys as stored  # noqa: PLC0415 - boto3, 0.4 s

    new = stored(os.environ).create(name, minutes_per_day=minutes_per_day, now=time())
    click.echo(new.key)
    click.echo(f"This is the key of {name!r}, id {new.client.id}. Keep it: it can't be shown again.", err=True)
    click.echo(f"Its callbacks are signed with {new.client.callback_secret}: with it their receiver tells them from forgeries.", err=True)


@keys.command("list")
def list_() -> None:
    """List the keys, the oldest first."""
    from pisar.wiring.cli import keys as stored  # noqa: PLC0415 - see create

    rows = [(one.id, one.name, _minutes(one), _time(one.created_at or None), _time(one.revoked_at)) for one in stored(os.environ).list()]
    if rows:
        table(("id", "name", "minutes per day", "created (UTC)", "revoked (UTC)"), rows, right=("minutes per day",))
    else:
        click.echo("There are no keys yet: pisar keys create NAME", err=True)


@keys.command()
@click.argument("id_or_name", metavar="ID|NAME")
def revoke(id_or_name: str) -> None:
    """Take the right from a key: within a minute it opens nothing."""
    from pisar.wiring.cli import keys as stored  # noqa: PLC0415 - see create

    client = stored(os.environ).revoke(id_or_name, now=time())
    click.echo(f"The key of {client.name!r}, id {client.id}, is revoked since {_time(client.revoked_at)} UTC.", err=True)


def _minutes(client: Client) -> str:
    return "no limit" if client.minutes_per_day is None else f"{client.minutes_per_day:g}"


def _time(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
