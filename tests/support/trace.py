"""The path of one voice message through the code: `python -m tests.support.trace` counts its files, functions and moves between files.

The doors, storage, queue, Telegram and the engine are in-memory twins; twins and logs are not counted.
"""

import json
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.table import Table

import pisar
from pisar.adapters.telegram import parse_update
from pisar.web import telegram
from tests.unit.world import CHAT, World

SOURCES = Path(pisar.__file__).parent
UPDATE = Path(__file__).parents[1] / "data" / "events" / "telegram" / "voice.json"
NOT_COUNTED = ("logs.py",)
GOALS = {"webhook": (12, 35), "worker": (12, 60)}
"""Files, and moves from file to file, at most."""

Call = tuple[str, str]
"""A file below src/pisar, and a function in it."""


def calls_of(run: Callable[[], object]) -> list[Call]:
    """Return the calls of Pisar's functions while `run` runs, in all threads, in order."""
    calls: list[Call] = []
    turn = threading.Lock()

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(SOURCES):
            name = path.relative_to(SOURCES).as_posix()
            if name not in NOT_COUNTED:
                with turn:
                    calls.append((name, frame.f_code.co_qualname))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return calls


def files(calls: list[Call]) -> list[str]:
    """Return the files, in the order in which they are first met."""
    return list(dict.fromkeys(file for file, _ in calls))


def moves(calls: list[Call]) -> int:
    """Return how often a call is in another file than the one before it."""
    return sum(before[0] != after[0] for before, after in pairwise(calls))


def paths() -> dict[str, list[Call]]:
    """Return the calls of the webhook and of the worker for one voice message, by instances that have had one before."""
    world = World()
    world.chat.username()
    update = json.loads(UPDATE.read_text(encoding="utf-8"))
    message = update["message"]
    message["chat"]["id"] = message["from"]["id"] = CHAT
    world.files.add(message["voice"]["file_id"], b"hello there")

    def receive() -> None:
        body = json.dumps(update).encode()
        _ = telegram.refusal("secret", "secret") or telegram.received(body, lambda sent: world.conversation.receive(parse_update(sent)))

    def work() -> None:
        received = world.queue.receive()
        if received is None:
            raise AssertionError("the voice message was not queued")
        world.transcription.work(received[1])

    receive()
    work()
    message["message_id"] += 1
    world.files.add(message["voice"]["file_id"], b"hello again")
    webhook, worker = calls_of(receive), calls_of(work)
    if world.shown() != ["hello there", "hello again"]:
        raise AssertionError(f"the voice message was not answered: {world.shown()}")
    return {"webhook": webhook, "worker": worker}


def main() -> int:
    """Print the counts and the files; exit status 1 above a goal."""
    console, ended_well = Console(width=150), True
    for name, calls in paths().items():
        most_files, most_moves = GOALS[name]
        found = files(calls)
        ended_well &= len(found) <= most_files and moves(calls) <= most_moves
        table = Table(
            "file",
            "functions, in the order of their first calls",
            title=f"{name}: {len(found)} files (at most {most_files}), "
            f"{len(set(calls))} functions, {moves(calls)} moves (at most {most_moves})",
        )
        for file in found:
            table.add_row(file, ", ".join(dict.fromkeys(function for path, function in calls if path == file)))
        console.print(table)
    return 0 if ended_well else 1


if __name__ == "__main__":
    sys.exit(main())
