"""How far a model is on its way: a bar in a terminal, one line in a log, nothing where nobody asked."""

import sys
from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:
    from tqdm import tqdm

MEGABYTE = 1_000_000


def bar(name: str, total: int, *, shown: bool, initial: int = 0, steps: bool = False) -> "tqdm[Never]":
    """Return a bar over `total` bytes on stderr, for a `with`. `steps`: different work counts into it, so it tells no bytes a second."""
    from tqdm import tqdm  # noqa: PLC0415 - 0.1 s, and only the first start fetches a model

    terminal = sys.stderr.isatty()
    if not terminal:
        note(f"{name}: {(total - initial) / MEGABYTE:.0f} MB to {'download and write' if steps else 'download'}", shown=shown)
    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}" if steps else None
    return tqdm(total=total, initial=initial, unit="B", unit_scale=True, desc=name, bar_format=layout, disable=not (shown and terminal))


def note(sentence: str, *, shown: bool) -> None:
    """Write a line to stderr."""
    if shown:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - it is for who has started the command
