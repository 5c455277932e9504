"""A voice message's wait with two-hour lectures queued before it, against an idle system, self-hosted over Redis.

Voice messages are sent one at a time, each after the other's answer: first to an idle system, then while one lecture is worked on and
two more wait. Run: python -m benchmarks.fairness. Exit status 1 above 1.3 times.
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import results
from localstack.demo import demo_voices
from tests.support.answers import Sent, answers_to
from tests.support.brokers import Redis
from tests.support.machines import Machines
from tests.support.recordings import lecture

MESSAGES = 30
LECTURES = 3
LECTURE_SECONDS = 7200.0
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.02
GOAL = 1.3
VOICE_CHAT, LECTURE_CHAT = 9001, 9101
SETTINGS = {"PISAR_REUSE_HOURS": "0", "PISAR_MAX_AUDIO_MINUTES": "180"}


def main() -> int:
    """Measure, print, record."""
    with tempfile.TemporaryDirectory() as name, Redis() as broker, Machines(broker, Path(name), settings=SETTINGS) as machines:
        services = {"bot": "bot", "errands": "errands", "worker": "worker", "lectures": "lectures"}
        for one, service in services.items():
            machines.start(service, one)
        talk = lecture(LECTURE_SECONDS, Path(name))
        machines.ready(*services)
        _waits(machines, "warming up", 4)
        idle = _waits(machines, "idle", MESSAGES)
        for number in range(LECTURES):
            machines.telegram.document(LECTURE_CHAT + number, "lecture.ogg", "audio/ogg", talk.audio + bytes([number]), language_code="ru")
        _until_worked_on(machines)
        busy = _waits(machines, "behind lectures", MESSAGES)
    ratio = statistics.median(busy) / statistics.median(idle)
    table = Table("system", "median wait (s)", "longest (s)", title=f"{MESSAGES} voice messages, one at a time")
    for what, waits in (("idle", idle), (f"{LECTURES} lectures of {talk.seconds / 3600:.1f} h queued first", busy)):
        table.add_row(what, f"{statistics.median(waits):.2f}", f"{max(waits):.2f}")
    Console().print(table)
    Console().print(f"{ratio:.2f} times as long; the goal is {GOAL}")
    figures = {
        "voice_s_p50_idle": statistics.median(idle),
        "voice_s_p50_behind_lectures": statistics.median(busy),
        "voice_behind_lecture": ratio,
    }
    results.record("fairness", {name: round(value, 3) for name, value in figures.items()})
    return 0 if ratio <= GOAL else 1


def _waits(machines: Machines, what: str, messages: int) -> list[float]:
    voices, waits, pause = [voice for voice in demo_voices() if voice.expected], [], threading.Event()
    for number in track(range(messages), what, transient=True):
        voice = voices[number % len(voices)]
        update = machines.telegram.voice(VOICE_CHAT, voice.path.read_bytes(), seconds=2, language_code=voice.language)
        sent = Sent(VOICE_CHAT, update["message"]["message_id"], voice.expected or "", time.monotonic())
        while not (answers := answers_to(machines, [sent])[sent.chat_id, sent.message_id]):
            if time.monotonic() - sent.at > PATIENCE_SECONDS:
                raise TimeoutError("a voice message was not answered")
            pause.wait(LOOK_SECONDS)
        waits.append(answers[-1].versions[-1].at - sent.at)
    return waits


def _until_worked_on(machines: Machines) -> None:
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not any('"claimed"' in line for line in machines.log("lectures")):
        if time.monotonic() > deadline:
            raise TimeoutError("no lecture was begun")
        pause.wait(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
