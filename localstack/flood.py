"""Many people at once: `python -m localstack.flood [--messages N] [--chats N]` sends voices for a minute and counts the answers.

Telegram refuses calls at random with 429, and every call over one a second into one chat. Each message must be answered once, in the
order of the chat. Exit status 1, and the first that were not, if it is otherwise. No two recordings are the same, so none is answered
from the cache.
"""

import argparse
import random
import statistics
import sys
import threading
import time
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from localstack.demo import demo_voices
from localstack.stack import Stack, StackConfig
from localstack.telegram import Seen, flood
from pisar.bot.texts import TEXTS

SEED = 20_261_124
SENDING_SECONDS = 60.0
PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 0.5
REFUSED_AT_RANDOM = 40
CALLS_A_MESSAGE = 3
MESSAGES_PER_SECOND = 1.0
FIRST_CHAT = 5001
UNDER_WAY = tuple(texts[key].split("{")[0] for texts in TEXTS.values() for key in ("accepted", "accepted_waiting", "progress", "more"))


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and what it should become; `at` is when it was sent, by the monotonic clock."""

    chat_id: int
    message_id: int
    expected: str
    at: float


def main(arguments: list[str]) -> int:
    """Run the flood and print what became of it."""
    parser = argparse.ArgumentParser(prog="localstack.flood", description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--chats", type=int, default=50)
    options = parser.parse_args(arguments)
    console = Console()
    config = StackConfig(transcribers=2, function_instances=8, settings={"PISAR_THREADS": "1", "TELEGRAM_PATIENCE_SECONDS": "30"})
    with Stack(config) as stack:
        stack.telegram.flood_control.messages_per_second = MESSAGES_PER_SECOND
        stack.warm_up()
        dice = random.Random(SEED)  # noqa: S311 - the same flood each time
        for _ in range(REFUSED_AT_RANDOM):
            skip = dice.randrange(CALLS_A_MESSAGE * options.messages)
            stack.telegram.faults.add(flood("/(sendMessage|editMessageText)", retry_after=1, skip=skip))
        sent = _send(stack, dice, options.messages, options.chats)
        answered = _wait(stack, sent)
        return _report(console, stack, sent, answered)


def _send(stack: Stack, dice: random.Random, messages: int, chats: int) -> list[Sent]:
    voices = demo_voices()
    moments = sorted(dice.uniform(0, SENDING_SECONDS) for _ in range(messages))
    began, sent, pause = time.monotonic(), [], threading.Event()
    with Progress(transient=True) as progress:
        task = progress.add_task("messages sent", total=messages)
        for number, moment in enumerate(moments):
            pause.wait(max(0.0, began + moment - time.monotonic()))
            voice = dice.choice(voices)
            audio = voice.path.read_bytes() + number.to_bytes(2, "big")  # ffmpeg passes over what stands behind the last page
            chat_id = FIRST_CHAT + dice.randrange(chats)
            update = stack.telegram.voice(chat_id, audio, seconds=2, language_code=voice.language)
            sent.append(Sent(chat_id, update["message"]["message_id"], voice.expected or "", time.monotonic()))
            progress.advance(task)
    return sent


def _answers(stack: Stack, sent: list[Sent]) -> dict[tuple[int, int], list[Seen]]:
    found: dict[tuple[int, int], list[Seen]] = {(one.chat_id, one.message_id): [] for one in sent}
    for chat_id in {one.chat_id for one in sent}:
        for message in stack.telegram.answers(chat_id):
            if message.reply_to is not None and not message.now.text.startswith(UNDER_WAY):
                found[chat_id, message.reply_to].append(message)
    return found


def _wait(stack: Stack, sent: list[Sent]) -> dict[tuple[int, int], list[Seen]]:
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    with Progress(transient=True) as progress:
        task = progress.add_task("messages answered", total=len(sent))
        while True:
            found = _answers(stack, sent)
            done = sum(1 for answers in found.values() if answers)
            progress.update(task, completed=done)
            if done == len(sent) or time.monotonic() > deadline:
                return found
            pause.wait(LOOK_SECONDS)


def _report(console: Console, stack: Stack, sent: list[Sent], answered: dict[tuple[int, int], list[Seen]]) -> int:
    wrong = [one for one in sent if [message.now.text for message in answered[one.chat_id, one.message_id]] != [one.expected]]
    disordered = _out_of_order(sent, answered)
    waits = [answered[one.chat_id, one.message_id][-1].versions[-1].at - one.at for one in sent if answered[one.chat_id, one.message_id]]
    refused = sum(1 for call in stack.telegram.calls() if call.status == 429)  # noqa: PLR2004 - HTTP
    table = Table("what", "figure", title="The flood")
    table.add_row("messages, chats", f"{len(sent)}, {len({one.chat_id for one in sent})}")
    table.add_row("answered once and rightly", str(len(sent) - len(wrong)))
    table.add_row("chats whose answers are out of order", str(len(disordered)))
    table.add_row("calls refused with 429", str(refused))
    if waits:
        table.add_row("seconds until the answer: median, most", f"{statistics.median(waits):.1f}, {max(waits):.1f}")
    console.print(table)
    for one in wrong[:5]:
        got = [message.now.text for message in answered[one.chat_id, one.message_id]]
        console.print(f"message {one.message_id} of chat {one.chat_id} should have become {one.expected!r}, and became {got}")
    return 1 if wrong or disordered else 0


def _out_of_order(sent: list[Sent], answered: dict[tuple[int, int], list[Seen]]) -> set[int]:
    latest: dict[int, int] = {}
    disordered = set()
    for one in sent:
        for message in answered[one.chat_id, one.message_id]:
            if message.message_id < latest.get(one.chat_id, 0):
                disordered.add(one.chat_id)
            latest[one.chat_id] = message.message_id
    return disordered


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
