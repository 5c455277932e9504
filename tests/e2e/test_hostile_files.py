"""Files built to cost memory, at the API's doors and in the bot's chat: each has its documented answer, soon and within its memory.

The local cloud runs in a process of its own, for what the kernel counts of a child covers every process that the child has waited for.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests

from localstack.stack import Stack, StackConfig
from pisar.bot.texts import say
from tests.faults.conftest import SPOKEN, VOICES, Cloud
from tests.fuzz.media import MOST_BYTES, MOST_SECONDS
from tests.fuzz.sounds import TINY, covered, flac, png, wav

from .conftest import Ffmpeg

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 240
VOICE = "en-1.ogg"
TRANSCRIBE, OPENAI, BOT = "/transcribe", "/v1/audio/transcriptions", "bot"
REFUSED = {"least_hz": 4000, "most_hz": 768_000, "most_channels": 16}

SOUNDS = {
    **{f"{number}.flac": (bytes.fromhex(content), 1, 1) for number, content in enumerate(TINY.values())},
    "slow.flac": (flac(1, 8), 1, 8),
    "wide.wav": (wav(48_000, 255), 48_000, 255),
}
"""Files of sound that nobody records, and the rate and channels that they claim."""


class Answer(NamedTuple):
    """What a door answered: a status (0: the bot's) and words; and after how many seconds."""

    status: int
    text: str
    seconds: float


def of_the_api(stack: Stack, door: str, path: Path) -> Answer:
    form = {"model": "whisper-1"} if door == OPENAI else {}
    with path.open("rb") as file:
        files, keyed = {"file": (path.name, file)}, {"X-API-Key": stack.api_key}
        answer = requests.post(stack.api_url + door, headers=keyed, files=files, data=form, timeout=PATIENCE_SECONDS)
    said = answer.json()
    text = said["text" if door == OPENAI else "transcription"] if answer.ok else f"{said['error']['code']}: {said['error']['message']}"
    return Answer(answer.status_code, text, answer.elapsed.total_seconds())


def of_the_bot(stack: Stack, path: Path, number: int) -> Answer:
    one = Cloud(stack, chat=60_001 + number)
    one.update = stack.telegram.document(one.chat, path.name, "audio/mpeg", path.read_bytes(), language_code="en")
    one.settle()
    (message,) = one.answers()
    return Answer(0, message.now.text, message.versions[-1].at - message.versions[0].at)


def ask(paths: list[Path]) -> dict[str, dict[str, Answer]]:
    """Return what each door answered to each file, on a local cloud that has had nothing else to do."""
    with Stack(StackConfig(settings={"PISAR_THREADS": "1", "PISAR_REUSE_HOURS": "0"})) as stack:
        stack.warm_up()
        return {
            path.name: {door: of_the_api(stack, door, path) for door in (TRANSCRIBE, OPENAI)} | {BOT: of_the_bot(stack, path, number)}
            for number, path in enumerate(paths)
        }


def asked(folder: Path) -> tuple[dict[str, dict[str, Answer]], int]:
    """Return the answers to the files of a folder, and the most memory that any process had for them, in bytes."""
    script = "import json, sys; from pathlib import Path; from tests.e2e.test_hostile_files import ask; "
    script += "print(json.dumps(ask(sorted(Path(sys.argv[1]).iterdir()))))"
    process = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    with process.stdout as out:
        printed = out.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    found: dict[str, dict[str, list[Any]]] = json.loads(printed)
    return {name: {door: Answer(*one) for door, one in answers.items()} for name, answers in found.items()}, usage.ru_maxrss * 1024


def test_each_door_answers_each_of_them_within_its_bounds(tmp_path: Path, ffmpeg: Ffmpeg):
    voice = ffmpeg("-i", VOICES / VOICE, "-b:a", "32k", "voice.mp3")
    (tmp_path / "covers.mp3").write_bytes(covered(voice, [png(5000)] * 4))
    for name, (content, _, _) in SOUNDS.items():
        (tmp_path / name).write_bytes(content)
    answers, peak = asked(tmp_path)
    assert peak < MOST_BYTES
    assert {(name, door): one.seconds for name, doors in answers.items() for door, one in doors.items() if one.seconds > MOST_SECONDS} == {}
    for name, (_, rate, channels) in SOUNDS.items():
        for door in (TRANSCRIBE, OPENAI):
            one = answers[name][door]
            assert (one.status, one.text.partition(":")[0]) == (400, "unsupported_sound"), (name, door, one)
            assert f"{rate} Hz, channels: {channels};" in one.text, (name, door, one)
        assert answers[name][BOT].text == say("en", "unsupported_sound", rate_hz=rate, channels=channels, **REFUSED), name
    assert {door: one.text for door, one in answers["covers.mp3"].items()} == dict.fromkeys((TRANSCRIBE, OPENAI, BOT), SPOKEN[VOICE])
