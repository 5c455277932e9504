"""The README's lines for other programs, run as printed against `make up`."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstack.stack import ROOT
from tests.faults.conftest import SPOKEN

from .processes import READY, Up, environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECONDS = 120


def blocks(language: str, *needed: str) -> list[str]:
    """Return the README's blocks in a language that hold all the words."""
    found = re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return [block for block in found if all(word in block for word in needed)]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that looks like a clone in which `make up` runs."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("demo", "src", "localstack"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv" / "bin").mkdir(parents=True)
    pisar = folder / ".venv" / "bin" / "pisar"
    pisar.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pisar.cli "$@"\n')
    pisar.chmod(0o755)
    up = Up(folder / ".pisar")
    up.wait_for(READY)
    yield folder
    up.close()


def run(command: list[str], folder: Path) -> str:
    given = environment(PYTHONPATH=str(ROOT / "src"), PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def in_shell(lines: str, folder: Path) -> str:
    return run(["bash", "-ec", f"set -a; . .pisar/local.env; set +a\n{lines}"], folder)


def test_the_curl_line_gives_the_answer_that_is_printed(checkout: Path):
    (line,) = blocks("sh", "curl", "/transcribe")
    (printed,) = blocks("json", "transcription")
    answer = json.loads(run(["bash", "-ec", line], checkout))
    assert answer == json.loads(printed)
    assert answer["transcription"] == SPOKEN["ru-1.ogg"]


def test_the_jobs_program_prints_what_was_said(checkout: Path):
    (program,) = blocks("python", "/jobs")
    (checkout / "jobs.py").write_text(program)
    assert in_shell("python jobs.py", checkout).strip() == SPOKEN["ru-2.ogg"]


def test_the_openai_program_prints_what_was_said(checkout: Path):
    (program,) = blocks("python", "OpenAI(")
    (checkout / "client.py").write_text(program)
    assert in_shell("python client.py", checkout).strip() == SPOKEN["en-1.ogg"]


def test_the_keys_commands_make_list_and_revoke_a_key(checkout: Path):
    (commands,) = blocks("sh", "keys create")
    key, *table = in_shell(commands, checkout).splitlines()
    assert key.startswith("pisar_")
    assert any("phone" in row and "60" in row for row in table)
