"""`pisar doctor`: look at the deployment on Yandex Cloud as it is, and say what is wrong and the command that mends it."""

import os

import click

from pisar.cli.screen import progress_bar, shown, table
from pisar.owner.costs import Usage

ASSUMED = Usage(messages_per_day=100)


def _url(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value and not value.startswith(("https://", "http://")):
        raise click.BadParameter("it must begin with https://")
    return value


@click.command(short_help="Look whether the deployment on Yandex Cloud is well.")
@click.option("--messages-per-day", type=click.IntRange(1, 10_000_000), default=int(ASSUMED.messages_per_day), show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 14_400), default=ASSUMED.seconds_per_message, show_default=True, help="Of audio in a message."
)
@click.option("--url", default="", metavar="https://…", callback=_url, help="The API's address, if it is not the gateway's own domain.")
def doctor(messages_per_day: int, seconds: float, url: str) -> int:
    """Tell of each part whether it is well, and what to do where not. Changes nothing.

    It takes YC_FOLDER_ID, YC_TOKEN ("$(yc iam create-token)") and what `terraform output -raw owner_environment` prints; with
    TELEGRAM_BOT_TOKEN it looks at the bot too. The expected load is for the quotas.
    """
    from pisar.wiring.cli import doctor as prepared  # noqa: PLC0415 - boto3 and gRPC, over a second

    findings = []
    with prepared(os.environ, messages_per_day=messages_per_day, seconds_per_message=seconds, url=url) as one:
        parts = one.parts()
        with progress_bar("looking") as tell:
            for done, part in enumerate(parts, 1):
                findings += one.run(part)
                if tell:
                    tell(done / len(parts))
    rows = [("✓" if one.fine else "✗", one.about, shown(one.found), shown(one.advice)) for one in findings]
    table(("", "what", "found", "what to do, or to know"), rows)
    bad = sum(not one.fine for one in findings)
    click.echo(f"{bad} of {len(findings)} need mending." if bad else f"All {len(findings)} are well.", err=True)
    return 1 if bad else 0
