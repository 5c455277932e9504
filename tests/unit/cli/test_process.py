"""The command line as a process of its own: what it imports, what a terminal sees, how Ctrl-C ends it."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import wave
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from pisar.adapters.decoder import FfmpegDecoder
from pisar.domain.audio import AudioLimits
from tests.unit.cli.conftest import DEMO, MODEL

pytestmark = pytest.mark.slow

SLOW = {"numpy", "boto3", "botocore", "aiogram", "pydantic", "rich", "requests", "_pywhispercpp", "starlette"}
ENVIRONMENT = os.environ | {"PISAR_MODEL": str(MODEL), "PISAR_THREADS": "1", "TERM": "xterm", "COLUMNS": "100"}
PATIENCE_SECONDS = 120


def imported_by(*arguments: str) -> set[str]:
    code = f"import sys; from pisar.cli import run; code = run({list(arguments)}); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments", [("--help",), ("transcribe", "--help"), ("keys", "create", "--help"), ("telegram", "setup", "--help")]
)
def test_help_imports_nothing_slow(arguments):
    assert imported_by(*arguments) & SLOW == set()


def test_a_transcription_into_a_file_imports_neither_the_cloud_nor_telegram():
    loaded = imported_by("transcribe", str(DEMO / "voices" / "ru-1.ogg"))
    assert loaded & SLOW == {"numpy", "_pywhispercpp"}


def test_the_package_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "pisar.cli", "--help"], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, done.stdout.splitlines()[0], done.stderr) == (0, "Usage: pisar [OPTIONS] COMMAND [ARGS]...", "")


def test_text_is_utf_8_whatever_the_locale():
    command = [sys.executable, "-m", "pisar.cli", "transcribe", str(DEMO / "voices" / "ru-1.ogg")]
    environment = ENVIRONMENT | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert done.stdout.decode() == "два хлеб вода вчера белый шесть\n"


def test_a_recording_comes_by_a_pipe_of_the_shell():
    command = f"cat {DEMO / 'voices' / 'ru-1.ogg'} | {sys.executable} -m pisar.cli transcribe - --format srt | tail -n +3"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True, env=ENVIRONMENT)
    assert (done.stdout.decode(), done.stderr) == ("два хлеб вода вчера белый шесть\n\n", b"")


@pytest.mark.parametrize("arguments", [("transcribe", str(DEMO / "voices" / "ru-1.ogg")), ("--help",), ("transcribe", "--help")])
def test_nobody_who_reads_the_output_is_an_end_without_words(arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "pisar.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    process.stdout.close()
    with process.stderr:
        said = process.stderr.read()
    assert (process.wait(PATIENCE_SECONDS), said) == (141, b"")


def test_an_output_that_is_closed_is_none_that_nobody_reads():
    command = f"{sys.executable} -m pisar.cli --help >&-"
    assert subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False, env=ENVIRONMENT).returncode == 0


class Terminal:
    """`pisar` with a terminal as its standard error."""

    def __init__(self, *arguments: str | Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pisar.cli", *map(str, arguments)], stdout=subprocess.PIPE, stderr=slave, env=ENVIRONMENT
        )
        os.close(slave)
        self.seen = ""

    def read_until(self, pattern: str | None) -> None:
        """Read until the pattern is seen, or for None until the process has let go of the terminal."""
        deadline = monotonic() + PATIENCE_SECONDS
        while pattern is None or not re.search(pattern, self.seen):
            if not select.select([self._master], [], [], max(0, deadline - monotonic()))[0]:
                raise AssertionError(f"{pattern} was not seen in time, but {self.seen!r}")
            try:
                self.seen += os.read(self._master, 65536).decode(errors="replace")
            except OSError:  # EIO: nobody holds the other end
                assert pattern is None, self.seen
                return

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        os.close(self._master)


@pytest.fixture
def terminal():
    opened = []

    def start(*arguments: str | Path) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def write_speech(path: Path, repeats: int) -> None:
    """Write a recording of 3.4 s of speech said again and again."""
    sound = (DEMO / "voices" / "en-1.ogg").read_bytes()
    samples = FfmpegDecoder().decode(sound, AudioLimits(max_bytes=1_000_000, max_seconds=60))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        file.writeframes((np.tile(samples, repeats) * 32767).astype("<i2").tobytes())


def test_a_terminal_sees_the_percent_of_the_recording_and_then_the_text_alone(terminal, tmp_path):
    write_speech(tmp_path / "long.wav", 24)
    one = terminal("transcribe", tmp_path / "long.wav")
    one.read_until(None)
    percents = [int(found) for found in re.findall(r"(\d+)%", one.seen)]
    assert one.process.wait(PATIENCE_SECONDS) == 0
    assert percents == sorted(percents)
    assert any(0 < percent < 100 for percent in percents)
    assert "long.wav" in one.seen
    assert one.process.stdout.read().decode().startswith("meeting book")


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(terminal, tmp_path):
    write_speech(tmp_path / "long.wav", 400)  # over twenty minutes of speech: a minute of work at the least
    one = terminal("transcribe", "--write", tmp_path / "long.wav")
    one.read_until(r"[1-9]\d*%")  # the engine is at work
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(20) == 130
    one.read_until(None)
    assert one.seen.endswith("pisar: interrupted\r\n")
    assert "\x1b[?25h" in one.seen  # the cursor is back
    assert [path.name for path in tmp_path.iterdir()] == ["long.wav"]
