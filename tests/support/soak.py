"""Voice messages while everything breaks: `python -m tests.support.soak [DEPLOYMENT …] [--messages N] [--seed S]`.

Through the local cloud, and through machines over each broker, so many messages go while parts get SIGKILL in turn, Telegram and the
store answer with errors, late or not at all, and some updates come again. In the end each message must be answered once and rightly,
nothing may wait in a queue, no audio may be left, every job must be finished, and no part may have grown. Exit status 1 otherwise.
"""

import argparse
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from localstack.demo import demo_voices
from pisar.domain.jobs import Job, State
from tests.support.answers import Answered, Sent, answers_to
from tests.support.harm import Harm
from tests.support.soaked import CLOUD, NAMES, Deployed, soaked

SEED = 20_261_128
CHATS = 100
"""So many chats write at a time."""
MESSAGES_A_CHAT = 10
"""After so many messages from each, other chats write: what was answered is looked for in the chats of the latest messages, all of them."""
FIRST_CHAT = 9001
UNDER_WAY = 24
"""So many messages are under way at most: more would only wait for one another."""
LATEST = 10 * UNDER_WAY
FAULTS_PER_MESSAGE = 0.2
MESSAGES_A_KILL = 15
KILLED_SHARE = 2 / 3
"""While so large a share of the messages is sent parts are killed; who lives then is not, and must not grow."""
REPEATS = 0.05
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 300.0
"""What the last messages may take after they were sent, and the deployment to put away what is left."""
GROWTH_MB = 64.0
"""A process has not grown if it takes no more than so much above its first half's most: Python's heap and ggml's buffers vary by that."""

T = TypeVar("T")


def soak(deployed: Deployed, count: int, dice: random.Random, name: str) -> dict[str, Any]:
    """Send the messages, and return what became of them."""
    began, faults, repeats = time.monotonic(), 0, 0
    sent: list[Sent] = []
    voices = demo_voices()
    with Progress(transient=True) as progress, Harm(deployed, dice) as harm:
        task = progress.add_task(f"{name}: answered", total=count)
        for number in range(count):
            harm.check()
            if number % MESSAGES_A_KILL == MESSAGES_A_KILL // 2 and number < KILLED_SHARE * count:
                harm.kill()
            answered = _wait_until(lambda: answers_to(deployed, sent[-LATEST:]), lambda got: _unanswered(got) < UNDER_WAY)
            progress.update(task, completed=len(sent) - _unanswered(answered))
            voice, chat_id = voices[number % len(voices)], _chat(number)
            audio = voice.path.read_bytes() + number.to_bytes(4, "big")  # ffmpeg passes over what stands behind the last page
            update = deployed.telegram.voice(chat_id, audio, seconds=2, language_code=voice.language)
            sent.append(Sent(chat_id, update["message"]["message_id"], voice.expected or "", time.monotonic()))
            if dice.random() < FAULTS_PER_MESSAGE:
                harm.spoil()
                faults += 1
            if name == CLOUD and dice.random() < REPEATS:
                deployed.telegram.deliver(update)
                repeats += 1
        _wait_until(lambda: answers_to(deployed, sent), lambda got: _unanswered(got) == 0)
    # What comes late comes now: a repeat whose turn it is, a message that becomes visible again.
    left = _wait_until(lambda: _left(deployed), lambda found: not any(found.values()))
    answered = answers_to(deployed, sent)
    waits = sorted(got[-1].versions[-1].at - one.at for one in sent if (got := answered[one.chat_id, one.message_id]))
    texts = {place: [message.now.text for message in messages] for place, messages in answered.items()}
    return {
        "messages": len(sent),
        "lost": sum(not texts[one.chat_id, one.message_id] for one in sent),
        "doubled": sum(len(texts[one.chat_id, one.message_id]) > 1 for one in sent),
        "wrong": [
            {"expected": one.expected, "got": said}
            for one in sent
            if (said := texts[one.chat_id, one.message_id]) and said != [one.expected]
        ],
        "kills": harm.kills,
        "faults": faults,
        "repeats": repeats,
        "left": left,
        "grown_mb": harm.grown_mb,
        "seconds_median": round(statistics.median(waits), 1) if waits else None,
        "seconds_most": round(waits[-1], 1) if waits else None,
        "minutes": round((time.monotonic() - began) / 60, 1),
    }


def _chat(number: int) -> int:
    """Return the chat that the message of this number, counted from 0, comes from."""
    return FIRST_CHAT + CHATS * (number // (CHATS * MESSAGES_A_CHAT)) + number % CHATS


def failed(found: Mapping[str, Any]) -> bool:
    """Say whether anything is not as it must be."""
    return bool(
        found["lost"]
        or found["doubled"]
        or found["wrong"]
        or any(found["left"].values())
        or not found["kills"]
        or (found["grown_mb"] or 0) > GROWTH_MB
    )


def _unanswered(answered: Answered) -> int:
    return sum(not got for got in answered.values())


def _wait_until(look: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """Return what is seen once it is enough, or after PATIENCE_SECONDS."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not enough(found := look()) and time.monotonic() < deadline:
        pause.wait(LOOK_SECONDS)
    return found


def _left(deployed: Deployed) -> dict[str, int]:
    """Return what has not been put away: messages in queues, audio, and jobs without an end."""
    store = deployed.store()
    jobs = [Job.decode(store.get(key).body) for key in store.keys("jobs/")]
    return {
        "queued": deployed.waiting(),
        "audio": sum(1 for _ in store.keys("audio/")),
        "unfinished": sum(job.state is not State.FINISHED for job in jobs),
    }


def main(arguments: list[str]) -> int:
    """Soak each deployment and print what became of the messages."""
    parser = argparse.ArgumentParser(prog="tests.support.soak", description=__doc__)
    parser.add_argument("deployments", nargs="*", metavar="DEPLOYMENT", help=f"{', '.join(NAMES)}; all of them if none is named")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    if unknown := set(options.deployments) - set(NAMES):
        parser.error(f"no such deployment: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    console, ended_well = Console(width=150), True
    columns = (
        "messages",
        "lost",
        "doubled",
        "wrong",
        "left",
        "killed",
        "faults",
        "repeats",
        "grown, MB",
        "wait: median, most, s",
        "minutes",
    )
    table = Table("deployment", *columns, title=f"Soaked, seed {options.seed}")
    for name in options.deployments or NAMES:
        with soaked(name) as deployed:
            found = soak(deployed, options.messages, random.Random(f"{options.seed} {name}"), name)  # noqa: S311 - the same harm each time
        ended_well &= not failed(found)
        counted = [found[key] for key in ("messages", "lost", "doubled")]
        harmed = [found[key] for key in ("kills", "faults", "repeats", "grown_mb")]
        waits = f"{found['seconds_median']}, {found['seconds_most']}"
        cells = (*counted, len(found["wrong"]), sum(found["left"].values()), *harmed, waits, found["minutes"])
        table.add_row(name, *map(str, cells))
        for one in found["wrong"][:5]:
            console.print(f"{name}: it should be {one['expected']!r}, and is {one['got']}")
        if any(found["left"].values()):
            console.print(f"{name}: left over: {found['left']}")
    console.print(table)
    return 0 if ended_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
