"""The command line, run in this process with the demo model."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

import pytest

from pisar.cli import run

DEMO = Path(__file__).parents[3] / "demo"
MODEL = DEMO / "model" / "ggml-pisar-demo.bin"
TEXTS = dict(line.split("\t") for line in (DEMO / "voices" / "texts.tsv").read_text().splitlines())


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def pisar(capsys, monkeypatch) -> Callable[..., Ran]:
    monkeypatch.setenv("PISAR_MODEL", str(MODEL))
    monkeypatch.setenv("PISAR_THREADS", "1")

    def invoke(*arguments: object) -> Ran:
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return invoke


@pytest.fixture
def voice(tmp_path) -> Callable[..., Path]:
    """Copies a demo voice to a place below the test's folder."""

    def copied(name: str, to: str = "") -> Path:
        path = tmp_path / (to or name)
        path.parent.mkdir(parents=True, exist_ok=True)
        copy(DEMO / "voices" / name, path)
        return path

    return copied
