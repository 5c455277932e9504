"""`python -m localstack` in processes of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from dotenv import dotenv_values

from localstack.stack import DEMO_MODEL, ROOT
from tests.support.processes import alive, descendants

from .conftest import eventually

DEMO_SECONDS = 300
READY_SECONDS = 120
STOP_SECONDS = 60
READY = "Every part answers."


def environment(**more: str) -> dict[str, str]:
    """Return a newcomer's environment, but for the model, which is the quick one of the tests, and one thread for the engine."""
    ours = ("PISAR_", "TELEGRAM_", "AWS_")
    quick = {"PISAR_MODEL": str(DEMO_MODEL), "PISAR_THREADS": "1"}
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | quick | more


def demo(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "localstack", "--folder", str(folder), "demo", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=DEMO_SECONDS, check=False)


def plain(text: str) -> str:
    """Return a text without the boxes around it and with its lines joined."""
    return " ".join(re.sub(r"[─│╭╮╰╯┃━]", " ", text).split())


class Up:
    """A running `up`."""

    def __init__(self, folder: Path, *arguments: str, module: str = "localstack", **more: str) -> None:
        self.folder = folder
        command = [sys.executable, "-u", "-m", module, "--folder", str(folder), "up", *(arguments or ("--port", "0"))]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment(**more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._changed = threading.Condition()
        self.output = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.output += line
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, text: str, seconds: float = READY_SECONDS) -> None:
        with self._changed:
            found = self._changed.wait_for(lambda: text in self.output or self.process.poll() is not None, seconds)
        assert found, self.output
        assert text in self.output, self.output

    def values(self) -> dict[str, str]:
        """Return what local.env says."""
        return {name: value or "" for name, value in dotenv_values(self.folder / "local.env").items()}

    def logs(self) -> str:
        return "".join(file.read_text() for file in (self.folder / "logs").glob("*.log"))

    def ended(self, seconds: float = READY_SECONDS) -> int:
        """Wait until it has ended by itself and all its output is read; return its status."""
        status = self.process.wait(seconds)
        self._reader.join()
        return status

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """End it, and see that nothing it has started is left."""
        started = descendants(self.process.pid)
        self.process.send_signal(signal_number)
        status = self.ended(STOP_SECONDS)
        eventually(lambda: not any(alive(pid) for pid in started), "the end of every child")
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._reader.join()
        self.process.stdout.close()  # type: ignore[union-attr]
