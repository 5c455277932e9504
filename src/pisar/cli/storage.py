"""`pisar storage`: try out whether the store that PISAR_BUCKET lies in keeps what Pisar rests on."""

import os

import click

from pisar.cli.screen import shown, table


@click.group(short_help="Check the store, and make its bucket.")
def storage() -> None:
    """Look after the store (PISAR_BUCKET, and boto3's AWS_… settings)."""


@storage.command()
@click.option("--create", is_flag=True, help="Make the bucket where there is none.")
def check(*, create: bool) -> int:
    """Try out conditional writes, listing and upload forms, and say what is missing.

    It writes a few small objects under check/ and erases them. Run it before the first start, and after each change of the store.
    """
    from pisar.wiring.cli import storage_check  # noqa: PLC0415 - boto3, 0.4 s

    findings = storage_check(os.environ).run(create=create)
    table(
        ("", "what", "found", "what to do, or to know"),
        [("✓" if one.fine else "✗", one.about, shown(one.found), shown(one.advice)) for one in findings],
    )
    bad = sum(not one.fine for one in findings)
    click.echo(f"{bad} of {len(findings)} are not as Pisar needs them." if bad else f"All {len(findings)} are well.", err=True)
    return 1 if bad else 0
