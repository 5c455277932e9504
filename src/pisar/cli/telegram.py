"""`pisar telegram`: tell Telegram who the bot is and where its updates go, and look how that fares.

No token and no secret is ever printed. What Telegram or a foreign server says is shown without control characters.
"""

import os
from time import time

import click

from pisar.cli.screen import shown, table


@click.group(short_help="Set the bot up at Telegram, and check it.")
def telegram() -> None:
    """Look after the bot's face at Telegram (TELEGRAM_BOT_TOKEN, TELEGRAM_API_URL)."""


def _url(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise click.BadParameter("it must begin with https://")
    return value


@telegram.command()
@click.option(
    "--url", required=True, metavar="https://…/telegram", callback=_url, help="Where Telegram sends updates: the gateway's address."
)
@click.option("--drop-pending", is_flag=True, help="Forget the updates that wait to be delivered.")
def setup(url: str, *, drop_pending: bool) -> int:
    """Set the webhook, the menus of commands and the descriptions. It can be repeated at any time.

    The webhook gets TELEGRAM_WEBHOOK_SECRET, which must be the function's. Whom TELEGRAM_OWNER_IDS names sees the owner's commands
    too; such a person must have written to the bot before.
    """
    from pisar.wiring.cli import bot_setup  # noqa: PLC0415 - aiogram, half a second

    with bot_setup(os.environ) as bot:
        steps = bot.run(url, drop_pending=drop_pending)
    table(("what", "for", "now"), [(one.what, one.whose, shown(f"{one.now}: {one.problem}" if one.problem else one.now)) for one in steps])
    return 1 if any(one.problem for one in steps) else 0


@telegram.command()
def check() -> int:
    """Tell whether the bot is set up and gets its updates, and what to do where not. Changes nothing."""
    from pisar.wiring.cli import bot_check  # noqa: PLC0415 - see setup

    with bot_check(os.environ) as bot:
        findings = bot.run(time())
    rows = [("✓" if one.fine else "✗", one.about, shown(one.found), one.advice) for one in findings]
    table(("", "what", "found", "what to do, or to know"), rows)
    return 0 if all(one.fine for one in findings) else 1
