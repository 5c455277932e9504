"""Many voice messages over real brokers while workers are killed: `python -m localstack.endurance [BROKER …] [--messages N]`.

Over each broker the processes of compose.yaml run without Docker: the bot, errands and two engines. Every twenty seconds one of the
workers gets SIGKILL in its turn, errands too, and is started again, as its supervisor would. Each message must be answered exactly once
and rightly. Exit status 1, and the first that were not, if it is otherwise.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from localstack.answers import Answered, Sent, wait_for_answers, wrongly_answered
from localstack.brokers import Broker, RabbitMq, Redis, Sqs
from localstack.demo import demo_voices
from localstack.machines import Machines

BROKERS: dict[str, Callable[[], Broker]] = {"redis": Redis, "rabbitmq": RabbitMq, "sqs": Sqs}
WORKERS = {"worker": "worker", "second": "worker", "errands": "errands"}
FIRST_CHAT = 8001
CHATS = 100
KILL_SECONDS = 20.0
SENDING_SECONDS = 60.0
PATIENCE_SECONDS = 900.0
SETTINGS = {
    # Nothing is taken from an earlier message's work; a killed worker's job comes free within a minute, as its message does.
    "PISAR_REUSE_HOURS": "0",
    "PISAR_LEASE_SECONDS": "20",
    "PISAR_INTAKE_LEASE_SECONDS": "20",
    "PISAR_VISIBILITY_SECONDS": "30",
    "PISAR_LOOK_SECONDS": "5",
    "TELEGRAM_PATIENCE_SECONDS": "5",
}


class Reaper:
    """Kills a worker after the other and starts it again, until the end of the block; counts."""

    def __init__(self, machines: Machines) -> None:
        self.kills = 0
        self._machines = machines
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._reap, name="reaper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)

    def _reap(self) -> None:
        names = list(WORKERS)
        while not self._over.wait(KILL_SECONDS):
            name = names[self.kills % len(names)]
            self._machines.kill(name)
            self._machines.start(WORKERS[name], name)
            self.kills += 1


def main(arguments: list[str]) -> int:
    """Run over each broker and print what became of the messages."""
    parser = argparse.ArgumentParser(prog="localstack.endurance", description=__doc__)
    parser.add_argument("brokers", nargs="*", metavar="BROKER", help=f"{', '.join(BROKERS)}; all of them if none is named")
    parser.add_argument("--messages", type=int, default=500)
    options = parser.parse_args(arguments)
    if unknown := set(options.brokers) - set(BROKERS):
        parser.error(f"no such broker: {', '.join(sorted(unknown))}; there are {', '.join(BROKERS)}")
    table = Table("broker", "messages", "answered once, rightly", "workers killed", "minutes", "wait: median, most (s)", title="Endurance")
    console, failed = Console(), False
    for name in options.brokers or BROKERS:
        with (
            tempfile.TemporaryDirectory() as folder,
            BROKERS[name]() as broker,
            Machines(broker, Path(folder), settings=SETTINGS) as machines,
        ):
            began = time.monotonic()
            sent, answered, kills = _run(machines, options.messages)
            wrong = wrongly_answered(sent, answered)
            waits = [times[-1].versions[-1].at - one.at for one in sent if (times := answered[one.chat_id, one.message_id])]
            spread = f"{statistics.median(waits):.1f}, {max(waits):.1f}" if waits else ""
            table.add_row(name, str(len(sent)), str(len(sent) - len(wrong)), str(kills), f"{(time.monotonic() - began) / 60:.1f}", spread)
            for one in wrong[:5]:
                got = [message.now.text for message in answered[one.chat_id, one.message_id]]
                console.print(f"{name}: message {one.message_id} of chat {one.chat_id} should be {one.expected!r}, and is {got}")
            failed |= bool(wrong) or not kills
    console.print(table)
    return 1 if failed else 0


def _run(machines: Machines, messages: int) -> tuple[list[Sent], Answered, int]:
    for name, service in {"bot": "bot", **WORKERS}.items():
        machines.start(service, name)
    machines.ready("bot", *WORKERS)
    with Reaper(machines) as reaper:
        sent = _send(machines, messages)
        return sent, wait_for_answers(machines, sent, patience_seconds=PATIENCE_SECONDS), reaper.kills


def _send(machines: Machines, messages: int) -> list[Sent]:
    voices, sent, pause = demo_voices(), [], threading.Event()
    began = time.monotonic()
    with Progress(transient=True) as progress:
        task = progress.add_task(f"{machines.broker.name}: messages sent", total=messages)
        for number in range(messages):
            pause.wait(max(0.0, began + number * SENDING_SECONDS / messages - time.monotonic()))
            voice, chat_id = voices[number % len(voices)], FIRST_CHAT + number % CHATS
            audio = voice.path.read_bytes() + number.to_bytes(2, "big")  # ffmpeg passes over what stands behind the last page
            update = machines.telegram.voice(chat_id, audio, seconds=2, language_code=voice.language)
            sent.append(Sent(chat_id, update["message"]["message_id"], voice.expected or "", time.monotonic()))
            progress.advance(task)
    return sent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
