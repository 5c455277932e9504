"""What people see in a terminal: a progress bar, tables and sentences, with what a terminal must not be told left out.

Names of files, ids, and what a decoder, a store or a server says are strangers' bytes: an escape sequence among them would move the
cursor, hide lines or answer for the person at the keyboard. Whatever is printed for people goes through `shown`, here and nowhere else.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH_OF_A_FILE = 200
"""Columns where the output is no terminal, so that rows are whole lines for whoever reads them."""

_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates, which no output takes, but for those that stand for the bytes of a file's name (PEP 383): click decodes these."""


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None] | None]:
    """Show a bar on standard error until the block ends; gives what to tell the share that is done, None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - 0.1 s, only where there is a terminal
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - see above

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        task = progress.add_task(label, total=1.0)
        yield lambda share: progress.update(task, completed=share)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table on standard output; the columns in `right` are numbers."""
    console().print(made_table(columns, rows, right=right))


def made_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> "Table":
    """Return a table to print; the columns in `right` are numbers."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - see progress_bar
    from rich.table import Table  # noqa: PLC0415 - see progress_bar
    from rich.text import Text  # noqa: PLC0415 - see progress_bar

    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(shown(cell)) for cell in row))
    return made


def console() -> "Console":
    """Return standard output, as wide as it is."""
    from rich.console import Console  # noqa: PLC0415 - see progress_bar

    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


def shown(name: object) -> str:
    """Return a file's name as it may be printed: bytes that are no letters, halves of letters and control characters become marks."""
    whole = _HALVES.sub("?", str(name))
    return "".join(letter if letter.isprintable() else "?" for letter in click.format_filename(whole))


def say(text: str) -> None:
    """Print lines for people on standard error."""
    click.echo(lines_shown(text), err=True)


def lines_shown(text: str) -> str:
    """Return a text of several lines as it may be printed; tabs stay."""
    return "\n".join("\t".join(map(shown, line.split("\t"))) for line in text.split("\n"))
