"""One local cloud as `make up` runs it, a person in a chat of their own, and recordings in every form people send."""

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import requests

from localstack.stack import Stack, StackConfig
from localstack.telegram import Seen
from tests.faults.conftest import SPOKEN, VOICES, Cloud, eventually

LEVELS = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}
MAX_MINUTES = 20  # a recording over the default limit of three hours takes minutes to decode
SETTINGS = {
    "PISAR_THREADS": "1",  # several stacks share this machine's cores, and ggml's threads wait for one another spinning
    "PISAR_MAX_AUDIO_MINUTES": str(MAX_MINUTES),
}
CHATS = count(50_001)
SHORTEST_TELLING_WORD = 5

Ffmpeg = Callable[..., bytes]


class Person(Cloud):
    """A person in a private chat with the bot."""

    def answer_to(self, update: dict[str, Any]) -> Seen:
        """Wait for the end of what the update has caused, and return the one message that the bot has written about it."""
        self.update, self.chat = update, update["message"]["chat"]["id"]
        self.settle()
        (answer,) = (message for message in self.said() if message.reply_to == update["message"]["message_id"])
        return answer

    def said(self) -> list[Seen]:
        """Return all that the bot has written into the chat, deleted messages too."""
        return [message for message in self.stack.telegram.messages(self.chat) if message.from_bot]

    def in_passing(self, update: dict[str, Any]) -> None:
        """Wait until the bot has taken an update that causes nothing."""
        eventually(lambda: self.stack.telegram.delivery(update["update_id"]).state == "delivered", "a taken update")

    def calls(self) -> list[str]:
        """Return the methods the bot has called about this chat."""
        return [call.method for call in self.stack.telegram.calls(chat_id=self.chat)]

    def records(self) -> list[str]:
        """Return the names of all job records there are."""
        return list(self.stack.store().keys("jobs/"))


@pytest.fixture(scope="session")
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def stack(log_folder: Path) -> Iterator[Stack]:
    with Stack(StackConfig(settings=SETTINGS, log_folder=log_folder)) as stack:
        stack.warm_up()
        yield stack
        assert_clean_logs(stack, log_folder)


@pytest.fixture
def person(stack: Stack) -> Person:
    return Person(stack, chat=next(CHATS))


@pytest.fixture
def api(stack: Stack) -> Iterator["Api"]:
    with Api(stack.api_url, stack.api_key) as api:
        yield api


class Api(requests.Session):
    """A client of the HTTP API."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        self.trust_env = False
        self._url = url
        self.key = key

    def transcribe(self, audio: bytes | None, **how: Any) -> requests.Response:
        """POST /transcribe, with the stack's key unless other `headers` are given."""
        how = {"headers": {"X-API-Key": self.key}, "files": {"file": ("voice.ogg", audio)} if audio is not None else None} | how
        return self.post(f"{self._url}/transcribe", timeout=60, **how)


@pytest.fixture(scope="session")
def ffmpeg(tmp_path_factory: pytest.TempPathFactory) -> Ffmpeg:
    """Run ffmpeg with the arguments and return the file it made; the last argument is the file's name."""
    folder = tmp_path_factory.mktemp("media")

    def run(*arguments: str | Path) -> bytes:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-nostdin", "-loglevel", "error", *map(str, arguments)]
        subprocess.run(command, check=True, cwd=folder)
        return (folder / arguments[-1]).read_bytes()

    return run


@pytest.fixture(scope="session")
def mp3(ffmpeg: Ffmpeg) -> bytes:
    return ffmpeg("-i", VOICES / "ru-1.ogg", "-b:a", "192k", "voice.mp3")


@pytest.fixture(scope="session")
def mp4(ffmpeg: Ffmpeg) -> bytes:
    """A video of black frames with the voice as AAC, its index at the end as phones write it."""
    picture = ("-f", "lavfi", "-i", "color=black:size=240x240:rate=10")
    return ffmpeg("-i", VOICES / "ru-1.ogg", *picture, "-shortest", "-c:a", "aac", "-b:a", "160k", "-pix_fmt", "yuv420p", "video.mp4")


def voice(name: str = "ru-1.ogg") -> bytes:
    return (VOICES / name).read_bytes()


def joined(ffmpeg: Ffmpeg, names: list[str], pause_seconds: float) -> bytes:
    """Return the voices one after another, each followed by a pause, as one voice message."""
    inputs = [part for name in names for part in ("-i", VOICES / name)]
    padded = "".join(f"[{index}:a]aresample=16000,apad=pad_dur={pause_seconds}[a{index}];" for index in range(len(names)))
    graph = f"{padded}{''.join(f'[a{index}]' for index in range(len(names)))}concat=n={len(names)}:v=0:a=1"
    return ffmpeg(*inputs, "-filter_complex", graph, "-c:a", "libopus", "-b:a", "32k", "joined.ogg")


def looped(ffmpeg: Ffmpeg, audio: bytes, times: int) -> bytes:
    """Return an Opus recording so many times over; nothing is encoded anew."""
    with tempfile.NamedTemporaryFile(suffix=".ogg") as once:
        once.write(audio)
        once.flush()
        return ffmpeg("-stream_loop", str(times - 1), "-i", once.name, "-c", "copy", "looped.ogg")


def log_lines(folder: Path) -> list[tuple[str, str]]:
    """Return (process, line) for every line every process has written."""
    return [(file.stem, line) for file in sorted(folder.glob("*.log")) for line in file.read_text().splitlines()]


def assert_clean_logs(stack: Stack, folder: Path) -> None:
    """Every line is one entry as the cloud reads it, and none holds a secret or what somebody has said."""
    lines = log_lines(folder)
    assert lines
    for process, line in lines:
        entry = json.loads(line)
        assert {"message", "level", "time", "job_id"} <= entry.keys(), (process, line)
        assert entry["level"] in LEVELS, (process, line)
    secrets = (stack.bot_token, stack.webhook_secret, stack.api_key, stack.bot_token.partition(":")[2])
    assert leaks((line for _, line in lines), secrets) == []


def leaks(lines: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Return the lines that hold a secret or a word of the demo's voices (those too short to tell from a log's own left out)."""
    words = {word for text in SPOKEN.values() for word in text.split() if len(word) >= SHORTEST_TELLING_WORD}
    telling = re.compile("|".join([*map(re.escape, secrets), *(rf"\b{word}\b" for word in sorted(words))]), re.IGNORECASE)
    return [line for line in lines if telling.search(line)]
