"""`pisar` on the command line: files transcribed without a cloud, and what the owner looks after: keys, bot, store, deployment, costs.

What was asked for goes to standard output, everything else to standard error. Exit codes: 0 done, 1 not or not all of it, 2 a wrong
call or setting, 130 Ctrl-C, 141 nobody reads the output any more. A command imports what is slow only when it runs, so that `--help`
answers at once.
"""

import os
import sys
from collections.abc import Sequence
from io import StringIO

import click

from pisar.cli.bench import bench
from pisar.cli.cost import cost
from pisar.cli.dead_letters import dead_letters
from pisar.cli.doctor import doctor
from pisar.cli.keys import keys
from pisar.cli.quantize import quantize
from pisar.cli.screen import say
from pisar.cli.status import status
from pisar.cli.storage import storage
from pisar.cli.telegram import telegram
from pisar.cli.transcribe import transcribe
from pisar.errors import Misconfigured, PisarError

FAILED, WRONG, INTERRUPTED, UNREAD = 1, 2, 130, 141  # the last two as a shell shows a process that SIGINT or SIGPIPE ended

STDOUT = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def pisar() -> None:
    """Turn voice into text."""


pisar.add_command(transcribe)
pisar.add_command(keys)
pisar.add_command(telegram)
pisar.add_command(dead_letters)
pisar.add_command(cost)
pisar.add_command(doctor)
pisar.add_command(status)
pisar.add_command(storage)
pisar.add_command(quantize)
pisar.add_command(bench)


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit code."""
    try:
        code = pisar.main(arguments, prog_name="pisar", standalone_mode=False) or 0
        if sys.stdout is not None:  # it is closed
            sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # click makes the latter of the former
        return UNREAD
    except click.ClickException as error:
        said = StringIO()
        error.show(said)
        say(said.getvalue().rstrip("\n"))
        return error.exit_code
    except click.Abort:  # click's word for KeyboardInterrupt
        click.echo("pisar: interrupted", err=True)
        return INTERRUPTED
    except PisarError as error:
        say(f"pisar: {error}")
        return WRONG if isinstance(error, Misconfigured) else FAILED
    return code


def main() -> None:
    """Run the command line and end the process."""
    code = run(sys.argv[1:])
    if code == UNREAD:  # Python writes what is left once more at its end, and would complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
    if code == INTERRUPTED:  # the engine may still be at work on its thread, and Python would not end under it in peace
        os._exit(code)
    sys.exit(code)
