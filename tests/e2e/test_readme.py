"""The documents' lines for programs, run against `make up`: as printed with Whisper base, and quickly with the demo model's voices."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localstack.demo import sentences, words
from localstack.stack import ROOT
from pisar.adapters.model_files import locate_model
from pisar.wiring.environment import read
from pisar.wiring.settings import Recognising
from tests.faults.conftest import SPOKEN

from .processes import READY, Up, environment

README = ROOT / "README.md"
API = ROOT / "docs" / "api.md"
OPERATIONS = ROOT / "docs" / "operations.md"
SECONDS = 300


def blocks(document: Path, language: str, *needed: str) -> list[str]:
    """Return a document's blocks in a language that hold all the words."""
    found = re.findall(rf"^```{language}\n(.*?)^```", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [block for block in found if all(word in block for word in needed)]


@dataclass(frozen=True)
class Checkout:
    """A folder that looks like a clone in which `make up` runs, and what the files say that the documents' lines send."""

    folder: Path
    spoken: dict[str, str]

    def said(self, name: str) -> list[str]:
        """Return the words of a voice; published models write them with capitals and punctuation of their own."""
        return words(self.spoken[name])


@pytest.fixture(scope="module", params=["demo model", pytest.param("base", marks=pytest.mark.slow)])
def checkout(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("clone")
    for name in ("src", "localstack"):
        (folder / name).symlink_to(ROOT / name)
    published = request.param == "base"
    (folder / "demo").mkdir()
    (folder / "demo" / "sentences").symlink_to(ROOT / "demo" / ("sentences" if published else "voices"))
    (folder / ".venv" / "bin").mkdir(parents=True)
    pisar = folder / ".venv" / "bin" / "pisar"
    pisar.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pisar.cli "$@"\n')
    pisar.chmod(0o755)
    up = Up(folder / ".pisar", **({"PISAR_MODEL": _base()} if published else {}))
    up.wait_for(READY)
    yield Checkout(folder, {voice.path.name: voice.expected or "" for voice in sentences()} if published else SPOKEN)
    up.close()


def _base() -> str:
    recognising = read({}, Recognising)
    return str(locate_model("base", cache=recognising.model_cache, base_url=recognising.model_url))


def run(command: list[str], checkout: Checkout) -> str:
    given = environment(PYTHONPATH=str(ROOT / "src"), PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    done = subprocess.run(command, cwd=checkout.folder, env=given, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def in_shell(lines: str, checkout: Checkout) -> str:
    return run(["bash", "-ec", f"set -a; . .pisar/local.env; set +a\n{lines}"], checkout)


def test_the_curl_line_gives_the_answer_that_is_printed(checkout: Checkout):
    (line,) = blocks(README, "sh", "curl", "/transcribe")
    (printed,) = blocks(README, "json", "transcription")
    answer = json.loads(run(["bash", "-ec", line], checkout))
    assert shape(answer) == shape(json.loads(printed))
    assert words(answer["transcription"]) == checkout.said("ru-1.ogg")


def test_the_curl_lines_for_a_job_print_what_was_said(checkout: Checkout):
    (lines,) = blocks(README, "sh", "form-string")
    assert words(in_shell(lines, checkout)) == checkout.said("ru-2.ogg")


def test_the_descriptions_curl_lines_are_the_readmes():
    document = json.loads((ROOT / "src" / "pisar" / "web" / "openapi.json").read_text(encoding="utf-8"))
    (lines,) = blocks(README, "sh", "form-string")
    assert f"```sh\n{lines}```" in document["paths"]["/jobs"]["post"]["description"]


def test_the_curl_lines_for_an_upload_by_parts_start_the_job(checkout: Checkout):
    (lines,) = blocks(API, "sh", "part.tmp")
    waited = 'until [ "$(curl -sS "$PISAR_API_URL/jobs/$id" -H "$key" | value finished_at)" != None ]; do sleep 1; done\n'
    fetched = 'curl -sS "$PISAR_API_URL/jobs/$id/transcript?format=text" -H "$key"'
    job, _, text = in_shell(lines + "echo\n" + waited + fetched, checkout).partition("\n")
    assert json.loads(job)["error"] is None
    assert words(text) == checkout.said("ru-3.ogg")


def shape(answer: Any) -> Any:
    """Return an answer with its texts and numbers taken out: those are the model's."""
    if isinstance(answer, dict):
        return {name: shape(value) for name, value in answer.items()}
    return [shape(one) for one in answer[:1]] if isinstance(answer, list) else type(answer)


def test_the_jobs_program_prints_what_was_said(checkout: Checkout):
    (program,) = blocks(API, "python", "import os, time")
    (checkout.folder / "jobs.py").write_text(program)
    assert words(in_shell("python jobs.py", checkout)) == checkout.said("ru-2.ogg")


def test_the_openai_program_prints_what_was_said(checkout: Checkout):
    (program,) = blocks(API, "python", "OpenAI(")
    (checkout.folder / "client.py").write_text(program)
    assert words(in_shell("python client.py", checkout)) == checkout.said("en-1.ogg")


def test_the_lines_for_a_person_send_press_write_and_show_the_chat(checkout: Checkout):
    (lines,) = blocks(OPERATIONS, "sh", "/control/")
    voice, press, file, command, chat = (json.loads(line) for line in run(["bash", "-ec", lines], checkout).splitlines() if line)
    assert voice["message"]["voice"]["file_size"] == (checkout.folder / "demo" / "sentences" / "ru-2.ogg").stat().st_size
    assert press["callback_query"]["data"].startswith("as:txt:")
    assert (file["message"]["audio"]["file_name"], file["message"]["caption"]) == ("en-1.ogg", "en")
    assert command["message"]["text"] == "/help"
    answered = next(message for message in chat if message["reply_to"] == voice["message"]["message_id"])
    assert words(answered["text"]) == checkout.said("ru-2.ogg")


def test_the_keys_commands_make_list_and_revoke_a_key(checkout: Checkout):
    (commands,) = blocks(API, "sh", "keys create")
    key, *table = in_shell(commands, checkout).splitlines()
    assert key.startswith("pisar_")
    assert any("phone" in row and "60" in row for row in table)
