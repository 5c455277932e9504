"""The demonstration: voice messages go through the whole pipeline, the conversation and the time of each hop are shown.

Every answer is compared with what was spoken. The first message that is not answered rightly ends the demonstration with
the name of the hop it did not pass.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table

from localstack.stack import ROOT, Stack
from localstack.telegram import Seen
from pisar.bot.texts import TEXTS

VOICES = ROOT / "demo" / "voices"
ANSWER_SECONDS = 30.0
BUBBLE_WIDTH = 60

HOPS = (
    ("received", "Telegram → gateway → function"),
    ("recorded", "job record made"),
    ("status sent", "status message sent"),
    ("downloaded", "voice fetched from Telegram"),
    ("stored", "audio → Object Storage"),
    ("queued", "job → Message Queue"),
    ("claimed", "queue → trigger → transcriber"),
    ("fetched", "audio ← Object Storage"),
    ("decoded", "decoded by ffmpeg"),
    ("listened", "speech found by Silero"),
    ("recognised", "text by whisper.cpp"),
    ("kept", "transcript → Object Storage"),
    ("answered", "status edited into the answer"),
    ("finished", "record final"),
    ("erased", "audio erased"),
)
"""Log messages in the order in which a voice message causes them, and what each means."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice message to send. `expected` None: nobody knows what was said; `language` is that of the sender's Telegram."""

    path: Path
    expected: str | None
    language: str

    @property
    def chat_id(self) -> int:
        """One person for each language."""
        return 1001 if self.language == "ru" else 1002


class WrongAnswer(Exception):  # noqa: N818 - what happened
    """A voice message did not become its text; the message says at which hop."""


def demo_voices() -> list[Voice]:
    """Return the demo's own voices, with what they say."""
    rows = (VOICES / "texts.tsv").read_text(encoding="utf-8").splitlines()
    return [Voice(VOICES / name, text, name[:2]) for name, text in (row.split("\t") for row in sorted(rows))]


def run(stack: Stack, voices: Sequence[Voice], console: Console) -> None:
    """Send the voices one after another, show what happens, and raise WrongAnswer at the first that is not answered rightly."""
    times: dict[str, Mapping[str, float]] = {}
    for voice in voices:
        sent = stack.telegram.voice(voice.chat_id, voice.path.read_bytes(), seconds=1, language_code=voice.language)
        message_id = sent["message"]["message_id"]
        with Live(Spinner("dots", f"{voice.path.name} is on its way"), console=console, transient=True):
            lines = _wait(stack, voice, sent["update_id"])
        seen = [message for message in stack.telegram.answers(voice.chat_id) if message.reply_to == message_id]
        times[voice.path.name] = _hop_times(stack, sent["update_id"], lines)
        _show(console, voice, seen, sum(times[voice.path.name].values()))
        _check(voice, seen, lines)
    console.print(_table(times))


def _wait(stack: Stack, voice: Voice, update_id: int) -> list[Mapping[str, Any]]:
    def job_lines() -> list[Mapping[str, Any]]:
        delivered = stack.telegram.delivery(update_id)
        since = delivered.attempts[0].started_unix if delivered.attempts else time.time()
        received = [line for line in stack.logs.lines(message="received") if line["time"] >= since - 0.001]
        return stack.logs.lines(job_id=received[-1]["job_id"]) if received else []

    last = HOPS[-1][0]
    ended = ("erased", "finished")
    try:
        return stack.logs.wait_for(
            lambda: (lines := job_lines()) and any(line["message"] == last for line in lines) and lines, ANSWER_SECONDS
        )
    except TimeoutError:
        lines = job_lines()
        if any(line["message"] in ended for line in lines):
            return lines
        passed = {line["message"] for line in lines}
        missing = next(meaning for message, meaning in HOPS if message not in passed)
        complaints = [line for line in stack.logs.lines() if line.get("level") in ("WARN", "ERROR", "FATAL")][-3:]
        raise WrongAnswer(
            f"{voice.path.name} did not pass the hop «{missing}» in {ANSWER_SECONDS:.0f} s. Last complaints: {complaints}"
        ) from None


def _hop_times(stack: Stack, update_id: int, lines: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    # A hop lasts from the one before it to its own log line, in seconds; the first from Telegram's first byte to us.
    before = stack.telegram.delivery(update_id).attempts[0].started_unix
    took = {}
    for message, _ in HOPS:
        at = next((line["time"] for line in lines if line["message"] == message), None)
        if at is not None:
            took[message] = max(0.0, at - before)
            before = at
    return took


def _show(console: Console, voice: Voice, answers: Sequence[Seen], seconds: float) -> None:
    console.print(
        Padding(Panel(f"🎤 {voice.path.name}", width=BUBBLE_WIDTH, title="person", title_align="left", border_style="cyan"), (0, 0, 0, 12))
    )
    for answer in answers:
        steps = " → ".join(version.text for version in answer.versions)
        console.print(
            Panel(steps, width=BUBBLE_WIDTH, title="pisar", title_align="left", subtitle=f"{seconds:.2f} s", border_style="green")
        )


def _check(voice: Voice, answers: Sequence[Seen], lines: Sequence[Mapping[str, Any]]) -> None:
    shown = [answer.now.text for answer in answers]
    if voice.expected is not None:
        if shown != [voice.expected]:
            raise WrongAnswer(f"{voice.path.name} should have become «{voice.expected}», but the hop «text by whisper.cpp» gave {shown}")
        return
    outcome = next((line["outcome"] for line in lines if line["message"] == "finished"), None)
    if len(shown) != 1 or shown[0] in {texts["accepted"] for texts in TEXTS.values()} or outcome not in ("transcribed", "no_speech"):
        raise WrongAnswer(f"{voice.path.name} was not transcribed ({outcome}): {shown}")


def _table(times: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(title="Time of each hop, milliseconds")
    table.add_column("hop")
    for name in times:
        table.add_column(name, justify="right")
    for message, meaning in HOPS:
        table.add_row(meaning, *(f"{1000 * took[message]:.0f}" if message in took else "–" for took in times.values()))
    table.add_section()
    table.add_row("in all", *(f"{1000 * sum(took.values()):.0f}" for took in times.values()), style="bold")
    return table
