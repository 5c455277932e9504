"""The engines that are compared, each in a process of its own (`benchmarks.hearing.child`), asked a request at a time."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from benchmarks.hearing.corpora import ROOT
from benchmarks.hearing.models import peer_model, typed_model

PISAR, PEER, STOCK = "Pisar", "faster-whisper", "whisper.cpp"
CHILDREN = {PISAR: "pisar", PEER: "faster-whisper", STOCK: "whisper.cpp"}
FEW, MANY = 1, 5
"""The likeliest word each time, and five beams."""

Request = dict[str, Any]
Answer = dict[str, Any]


class EngineFailedError(Exception):
    """An engine's process ended, or wrote no answer; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine as it is asked: `kind` is the type of Pisar's weights; the peers have those they come with."""

    name: str
    beams: int = FEW
    kind: str = "f16"

    @property
    def label(self) -> str:
        """The engine's name in tables."""
        kind = "" if self.kind == "f16" else f" {self.kind}"
        return f"{self.name}{kind}, {'greedy' if self.beams == FEW else f'{self.beams} beams'}"

    def command(self, threads: int) -> list[str]:
        """Return what starts it; its model is made if it is not there."""
        model = peer_model() if self.name == PEER else typed_model(self.kind)
        python = ROOT / "build" / "peers" / "bin" / "python" if self.name == PEER else Path(sys.executable)
        return [str(python), "-m", "benchmarks.hearing.child", CHILDREN[self.name], str(model), str(threads), str(self.beams)]

    def environment(self) -> dict[str, str]:
        """Return its environment: stock whisper.cpp is the package index's wheel, whatever Pisar has."""
        first = [str(ROOT / "build" / "bench" / "wheel")] if self.name == STOCK else []
        return {**os.environ, "PYTHONPATH": os.pathsep.join([*first, str(ROOT / "src"), str(ROOT)])}


class Running:
    """An engine's process, with its model loaded at the first answer; close it."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        self._engine = engine
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            engine.command(threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            cwd=ROOT,
            env=engine.environment(),
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, request: Request) -> Answer:
        """Return the answer; raise EngineFailedError."""
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._process.wait()
            self._said.seek(0)
            raise EngineFailedError(f"{self._engine.label} ended with {self._process.returncode}: {self._said.read()[-2000:].decode()}")
        return dict(json.loads(line))

    def close(self) -> None:
        """End the process, which has nothing to keep."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            with suppress(BrokenPipeError):  # a request that a process did not live to read
                if pipe:
                    pipe.close()


def answers(engine: Engine, requests: Iterable[Request], *, threads: int = 1, tell: Callable[[], None] = lambda: None) -> list[Answer]:
    """Return an engine's answers in order; `tell` is called after each."""
    found = []
    with Running(engine, threads=threads) as running:
        for request in requests:
            found.append(running.ask(request))
            tell()
    return found
