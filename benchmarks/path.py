"""A voice message's way through the local cloud beyond the engine's own seconds, hop by hop: medians of MESSAGES, one at a time, warm.

From Telegram's first byte to the webhook until the answer is in the chat. What the trigger takes to look at its queue and to post the
message is the emulator's; it is told apart. Exit status 1 above the goal. Run: python -m benchmarks.path
"""

import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import results
from localstack.demo import HOPS, demo_voices
from localstack.stack import Stack, StackConfig

MESSAGES = 36
WARMING = 6
PATIENCE_SECONDS = 60.0
GOAL_MS = 100.0
ENGINE, TRIGGER, LAST = "recognised", "claimed", "answered"
AFTER = ("finished", "erased")
"""What comes after the answer: nobody waits for it."""


def main() -> int:
    """Measure, print, record."""
    voices = [voice for voice in demo_voices() if voice.expected]
    took: dict[str, list[float]] = defaultdict(list)
    engine: list[float] = []
    with Stack(StackConfig(settings={"PISAR_REUSE_HOURS": "0"})) as stack:
        stack.warm_up()
        for number in track(range(WARMING + MESSAGES), "messages", transient=True):
            voice = voices[number % len(voices)]
            sent = stack.telegram.voice(voice.chat_id, voice.path.read_bytes(), seconds=2, language_code=voice.language)
            hops, engine_ms = _hops(stack, sent["update_id"], number + 1)
            if number >= WARMING:
                engine.append(engine_ms)
                for name, milliseconds in hops.items():
                    took[name].append(milliseconds)
    console = Console(highlight=False)
    table = Table("hop", "median, ms", "longest, ms", title=f"{MESSAGES} voice messages, one at a time")
    for name, meaning in HOPS:
        table.add_row(meaning, f"{statistics.median(took[name]):.1f}", f"{max(took[name]):.1f}", end_section=name == LAST)
    console.print(table)
    waited = [name for name, _ in HOPS if name not in AFTER]
    path = [sum(took[name][number] for name in waited if name != TRIGGER) - engine[number] for number in range(MESSAGES)]
    p50, trigger, engine_p50 = (statistics.median(values) for values in (path, took[TRIGGER], engine))
    console.print(
        f"Beyond the engine ({engine_p50:.0f} ms) and the trigger with the claim ({trigger:.0f} ms):"
        f" {p50:.0f} ms; the goal is {GOAL_MS:.0f}."
    )
    figures = {"path_ms_p50": p50, "trigger_and_claim_ms_p50": trigger, "engine_ms_p50": engine_p50}
    results.record("path", {name: round(value, 1) for name, value in figures.items()})
    return 0 if p50 <= GOAL_MS else 1


def _hops(stack: Stack, update_id: int, count: int) -> tuple[dict[str, float], float]:
    """Return the milliseconds of each hop of the message, the `count`th that was sent, and the engine's own, once all of it is done."""
    stack.telegram.wait_for(lambda: stack.telegram.delivery(update_id).attempts, PATIENCE_SECONDS)
    lines = stack.logs.wait_for(lambda: _if_done(stack, count), PATIENCE_SECONDS)
    before = stack.telegram.delivery(update_id).attempts[0].started_unix
    engine_ms = 1000 * next(line["engine_seconds"] for line in lines if line["message"] == ENGINE)
    hops = {}
    for name, _ in HOPS:
        at = next(line["time"] for line in lines if line["message"] == name)
        hops[name] = 1000 * max(0.0, at - before)
        before = max(at, before)
    return hops, engine_ms


def _if_done(stack: Stack, count: int) -> Sequence[Mapping[str, Any]]:
    received = stack.logs.lines(message="received")
    if len(received) < count:
        return ()
    lines = stack.logs.lines(job_id=received[count - 1]["job_id"])
    return lines if any(line["message"] == "erased" for line in lines) else ()


if __name__ == "__main__":
    sys.exit(main())
