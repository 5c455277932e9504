"""The demonstration: voice messages go through the whole pipeline, the conversation and the time of each hop are shown.

Every answer is compared with what was spoken, word by word. The first message that is not answered rightly ends the demonstration with
the name of the hop it did not pass.
"""

import re
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

SENTENCES = ROOT / "demo" / "sentences"
VOICES = ROOT / "demo" / "voices"
ANSWER_SECONDS = 120.0  # a slow machine takes Whisper-base half a minute for a sentence
OWN_ANSWER_SECONDS = 540.0  # a recording of one's own may be long and its model large: the container's own time
BUBBLE_WIDTH = 60
CLOCK_STEP = 0.001  # log times are rounded to it

HOPS = (
    ("received", "gateway → webhook function"),
    ("recorded", "job record made"),
    ("status sent", "status message → chat"),
    ("downloaded", "voice ← Telegram"),
    ("stored", "audio → Object Storage"),
    ("queued", "job → Message Queue"),
    ("claimed", "queue → trigger → container"),
    ("fetched", "audio ← Object Storage"),
    ("decoded", "decoded by ffmpeg"),
    ("listened", "speech found by Silero"),
    ("recognised", "text by whisper.cpp"),
    ("kept", "transcript → Object Storage"),
    ("answered", "status edited into the text"),
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


class WrongAnswer(Exception):
    """A voice message did not become its text; the message says at which hop."""


def sentences() -> list[Voice]:
    """Return what people would dictate, Russian and English, for a published model."""
    return _voices(SENTENCES)


def demo_voices() -> list[Voice]:
    """Return the demo model's own voices: of its 146 words, which make no sense."""
    return sorted(_voices(VOICES), key=lambda voice: voice.path.name)


def _voices(folder: Path) -> list[Voice]:
    rows = (folder / "texts.tsv").read_text(encoding="utf-8").splitlines()
    return [Voice(folder / name, text, name[:2]) for name, text in (row.split("\t") for row in rows)]


def words(text: str) -> list[str]:
    """Return the words of a text, small letters and punctuation aside; ё is often written е."""
    return re.findall(r"\w+(?:['’]\w+)*", text.casefold().replace("ё", "е"))


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


def _wait(stack: Stack, voice: Voice, update_id: int) -> Sequence[Mapping[str, Any]]:
    """Return the log lines of the voice's job once it has ended; raise WrongAnswer naming the hop it did not pass."""
    patience = ANSWER_SECONDS if voice.expected is not None else OWN_ANSWER_SECONDS
    try:
        # The log alone does not wake us when the webhook's answer is what comes last.
        stack.telegram.wait_for(lambda: stack.telegram.delivery(update_id).attempts, patience)
        return stack.logs.wait_for(lambda: _if_ended(_lines_since(stack, update_id)), patience)
    except TimeoutError:
        passed = {line["message"] for line in _lines_since(stack, update_id)}
    missing = next(meaning for message, meaning in HOPS if message not in passed)
    complaints = [str(line["message"]) for line in stack.logs.lines() if line.get("level") in {"WARN", "ERROR", "FATAL"}][-3:]
    said = f" The log says: {'; '.join(complaints)}." if complaints else ""
    raise WrongAnswer(f"{voice.path.name} did not pass the hop «{missing}» in {patience:.0f} s.{said}")


def _lines_since(stack: Stack, update_id: int) -> Sequence[Mapping[str, Any]]:
    # One voice is under way at a time, so the job last received is the one this update has made.
    attempts = stack.telegram.delivery(update_id).attempts
    received = [line for line in stack.logs.lines(message="received") if attempts and line["time"] >= attempts[0].started_unix - CLOCK_STEP]
    return stack.logs.lines(job_id=received[-1]["job_id"]) if received else ()


def _if_ended(lines: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    # A job refused at the door is finished without an audio to erase.
    messages = {line["message"] for line in lines}
    return lines if "erased" in messages or ("finished" in messages and "queued" not in messages) else ()


def _hop_times(stack: Stack, update_id: int, lines: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    # A hop lasts from the one before it to its own log line, in seconds; the first from Telegram's first byte to us.
    before = stack.telegram.delivery(update_id).attempts[0].started_unix
    took = {}
    for message, _ in HOPS:
        at = next((line["time"] for line in lines if line["message"] == message), None)
        if at is not None:
            took[message] = max(0.0, at - before)
            before = max(at, before)  # some go on at the same time
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
    outcome = next((line["outcome"] for line in lines if line["message"] == "finished"), None)
    if voice.expected is not None:
        if [words(text) for text in shown] != [words(voice.expected)]:
            hop = {"transcribed": "text by whisper.cpp", "no_speech": "speech found by Silero"}.get(outcome or "")
            why = f"the hop «{hop}» gave" if hop else f"it was not transcribed ({outcome}):"
            raise WrongAnswer(f"{voice.path.name} should have become «{voice.expected}», but {why} {shown}")
        return
    if len(shown) != 1 or shown[0] in {texts["accepted"] for texts in TEXTS.values()} or outcome not in {"transcribed", "no_speech"}:
        raise WrongAnswer(f"{voice.path.name} was not transcribed ({outcome}): {shown}")


def _table(times: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(title="Time of each hop, milliseconds")
    table.add_column("hop", no_wrap=True)
    for name in times:
        table.add_column(Path(name).stem, justify="right", no_wrap=True)
    for message, meaning in HOPS:
        table.add_row(meaning, *(f"{1000 * took[message]:.0f}" if message in took else "–" for took in times.values()))
    table.add_section()
    table.add_row("in all", *(f"{1000 * sum(took.values()):.0f}" for took in times.values()), style="bold")
    return table
