"""Voice messages sent to a running deployment, and what became of each of them, for who sends many at once."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.progress import Progress

from localstack.telegram import Seen, TelegramStandIn
from pisar.bot.texts import TEXTS

LOOK_SECONDS = 0.5
UNDER_WAY = tuple(texts[key].split("{")[0] for texts in TEXTS.values() for key in ("accepted", "accepted_waiting", "progress", "more"))

NOTICE = tuple(texts["being_written"].format(beginning="") for texts in TEXTS.values())
"""The ends of messages that only tell that an answer comes: one that is left over is no answer."""


class Deployed(Protocol):
    """A deployment that is written to: the local cloud, or a self-hosted one."""

    telegram: TelegramStandIn


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and what it should become; `at` is when it was sent, by the monotonic clock."""

    chat_id: int
    message_id: int
    expected: str
    at: float


Answered = dict[tuple[int, int], list[Seen]]
"""What each message was answered with, by chat and message."""


def answers_to(deployed: Deployed, sent: Sequence[Sent]) -> Answered:
    """Return what each message was answered with so far; messages that only say how it goes are no answers."""
    found: Answered = {(one.chat_id, one.message_id): [] for one in sent}
    for chat_id in {one.chat_id for one in sent}:
        for message in deployed.telegram.answers(chat_id):
            of = found.get((chat_id, message.reply_to or 0))  # None: what the bot said to a command
            if of is not None and not message.now.text.startswith(UNDER_WAY) and not message.now.text.endswith(NOTICE):
                of.append(message)
    return found


def wait_for_answers(deployed: Deployed, sent: Sequence[Sent], *, patience_seconds: float) -> Answered:
    """Return what each message was answered with, once all of them are, or after so long."""
    deadline, pause = time.monotonic() + patience_seconds, threading.Event()
    with Progress(transient=True) as progress:
        task = progress.add_task("messages answered", total=len(sent))
        while True:
            found = answers_to(deployed, sent)
            done = sum(1 for answers in found.values() if answers)
            progress.update(task, completed=done)
            if done == len(sent) or time.monotonic() > deadline:
                return found
            pause.wait(LOOK_SECONDS)


def wrongly_answered(sent: Sequence[Sent], answered: Answered) -> list[Sent]:
    """Return the messages that were not answered exactly once with what they should become."""
    return [one for one in sent if [message.now.text for message in answered[one.chat_id, one.message_id]] != [one.expected]]
