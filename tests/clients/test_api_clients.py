"""Programs that others wrote, untouched, against the local cloud with a published Whisper: base URL and key are all that changes.

The recordings are prompts that people spoke. Each block of docs/api-clients.md is run as printed, in a folder where its files are such
recordings; the programs beside this file ask for the rest of what each client can do.
"""

import io
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import srt
import webvtt

from benchmarks.hearing.corpora import Prompt, prompts
from benchmarks.hearing.models import whole_model
from benchmarks.hearing.scoring import normalised
from localstack.stack import ROOT, Stack, StackConfig
from tests.e2e.test_readme import blocks

DOCUMENT = ROOT / "docs" / "api-clients.md"
PROGRAMS = Path(__file__).parent / "programs"
PYTHON = ROOT / "build" / "clients" / "bin" / "python"
PACKAGES = ROOT / "build" / "clients-npm" / "node_modules"
SECONDS = 120

SPOKEN = {
    "en-1.ogg": ("en", "vm-dialout"),
    "en-2.ogg": ("en", "conf-noempty"),
    "en-3.ogg": ("en", "enter-num-blacklist"),
    "ru-1.ogg": ("ru", "vm-tempgreeting"),
    "ru-2.ogg": ("ru", "vm-invalidpassword"),
    "talk.wav": ("ru", "confbridge-only-one"),
}
"""What the page's files are here: their language, and the prompt of Debian's that Whisper base hears without an error."""


class Place:
    """A folder as the page supposes it, with the settings of a running Pisar."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self._prompts = {name: prompts(language, (prompt,))[0] for name, (language, prompt) in SPOKEN.items()}
        (folder / "node_modules").symlink_to(PACKAGES)
        for name, prompt in self._prompts.items():
            target = folder / "demo" / "sentences" / name if name.endswith(".ogg") else folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            _convert(prompt, target)
        path = f"{PYTHON.parent}:{os.environ['PATH']}"
        self._environment = {
            "PATH": path,
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # nothing is fetched from elsewhere
            "PISAR_API_URL": settings["PISAR_API_URL"],
            "PISAR_API_KEY": settings["PISAR_API_KEY"],
        }

    def recording(self, name: str) -> str:
        """Return the path of a recording, relative to the folder."""
        return f"demo/sentences/{name}"

    def language(self, name: str) -> str:
        """Return the language of a recording."""
        return self._prompts[name].language

    def said(self, name: str) -> str:
        """Return what is said in a recording, without its capitals and punctuation."""
        return normalised(self._prompts[name].text, self.language(name))

    def run(self, *command: str | Path) -> str:
        """Run a command in the folder and return what it prints."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def answer(self, program: str, *arguments: str) -> dict[str, Any]:
        """Run a program of this folder's and return the JSON object that it prints last."""
        copied = self.folder / program  # where its packages are found
        copied.write_text((PROGRAMS / program).read_text(encoding="utf-8"), encoding="utf-8")
        printed = self.run("node" if program.endswith(".mjs") else PYTHON, copied, *arguments)
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return found


def _convert(prompt: Prompt, target: Path) -> None:
    codec = ("-c:a", "libopus", "-b:a", "48k") if target.suffix == ".ogg" else ()
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-nostdin", "-loglevel", "error", "-i", str(prompt.path), *codec, str(target)], check=True
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Stack(StackConfig(settings={"PISAR_MODEL": str(whole_model()), "PISAR_THREADS": "2"})) as stack:
        stack.warm_up()
        yield Place(tmp_path_factory.mktemp("clients"), {"PISAR_API_URL": stack.api_url, "PISAR_API_KEY": stack.api_key})


PRINTED = [
    ("sh", "curl -sS", "en-1.ogg"),
    ("python", "OpenAI(", "en-1.ogg"),
    ("js", "new OpenAI", "en-1.ogg"),
    ("js", "createOpenAI", "ru-1.ogg"),
    ("python", "litellm", "en-2.ogg"),
    ("python", "speech_recognition", "talk.wav"),
    ("js", "FormData", "en-3.ogg"),
    ("python", "pisar_client", "ru-2.ogg"),
]


@pytest.fixture(scope="module")
def generated(place: Place) -> None:
    """The client of the page's own command."""
    (command,) = blocks(DOCUMENT, "sh", "openapi-python-client")
    place.run("bash", "-ec", command)


@pytest.mark.usefixtures("generated")
@pytest.mark.parametrize(("language", "word", "name"), PRINTED)
def test_what_the_page_prints_gives_the_text(place: Place, language: str, word: str, name: str):
    (block,) = blocks(DOCUMENT, language, word)
    if language == "sh":
        printed = place.run("bash", "-ec", block)
    else:
        program = place.folder / f"printed.{'mjs' if language == 'js' else 'py'}"
        program.write_text(block, encoding="utf-8")
        printed = place.run("node" if language == "js" else PYTHON, program)
    assert normalised(printed, place.language(name)) == place.said(name)


def test_the_page_prints_no_block_that_is_not_run():
    found = re.findall(r"^```(?:sh|js|python)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == len(PRINTED) + 1


def test_the_pages_versions_are_those_that_are_locked():
    pinned = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements" / "clients.txt").read_text(), re.MULTILINE))
    packages = json.loads((ROOT / "requirements" / "clients-npm.json").read_text())["packages"]
    npm = {path.removeprefix("node_modules/"): one["version"] for path, one in packages.items()}
    rows = re.findall(r"^\| (.+?) \| ([\d., ]+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert {re.sub(r"\]\(.*?\)", "]", client): versions for client, versions in rows} == {
        "[openai], Python": pinned["openai"],
        "[openai], JavaScript": npm["openai"],
        "[ai-sdk]: `ai` with `@ai-sdk/openai`": f"{npm['ai']}, {npm['@ai-sdk/openai']}",
        "[litellm]": pinned["litellm"],
        "[SpeechRecognition]": pinned["speechrecognition"],
        "[openapi-python-client]": pinned["openapi-python-client"],
        "[requests]": pinned["requests"],
    }


def from_srt(text: str) -> str:
    return " ".join(cue.content for cue in srt.parse(text))


def from_vtt(text: str) -> str:
    return " ".join(cue.text for cue in webvtt.from_buffer(io.StringIO(text)))


def test_openais_client_for_javascript_gets_every_format_and_reads_refusals(place: Place):
    name = "en-1.ogg"
    got = place.answer("openai.mjs", place.recording(name))
    texts = [
        got["json"]["text"],
        got["text"],
        from_srt(got["srt"]),
        from_vtt(got["vtt"]),
        got["verbose"]["text"],
        *got["streamed"],
        got["translated"],
    ]
    assert [normalised(text, "en") for text in texts] == [place.said(name)] * len(texts)
    assert got["json"]["usage"]["type"] == "duration"
    assert (got["verbose"]["language"], got["verbose"]["segments"][0]["id"]) == ("english", 0)
    assert normalised(" ".join(word["word"] for word in got["verbose"]["words"]), "en") == place.said(name)
    assert got["models"] == ["whisper-1"]
    assert got["wrongOption"] == ["UnprocessableEntityError", 422, "bad_option", "language"]
    assert got["wrongKey"] == ["PermissionDeniedError", 403, None, None]


def test_ai_sdk_gets_the_text_by_every_model_that_it_knows(place: Place):
    name = "ru-1.ogg"
    got = place.answer("ai_sdk.mjs", place.recording(name), "ru")
    assert {how: normalised(text, "ru") for how, (text, *_) in got.items()} == dict.fromkeys(got, place.said(name))
    assert normalised(" ".join(segment["text"] for segment in got["words"][1]), "ru") == place.said(name)
    assert all(segment["startSecond"] < segment["endSecond"] for segment in got["segments"][1])
    assert (got["words"][2], got["words"][3] > 1) == ("ru", True)


def test_litellm_gets_every_format_by_every_provider_that_takes_a_base_url(place: Place):
    name = "en-2.ogg"
    got = place.answer("litellm_formats.py", place.recording(name))
    texts = {how: got[how] for how in ("json", "text", "language", "hosted_vllm", "litellm_proxy")}
    texts |= {"srt": from_srt(got["srt"]), "vtt": from_vtt(got["vtt"]), "words": " ".join(got["words"])}
    assert {how: normalised(text, "en") for how, text in texts.items()} == dict.fromkeys(texts, place.said(name))
    status, message = got["refusal"]
    assert (status, "language" in message) == (422, True)


@pytest.mark.usefixtures("generated")
def test_a_generated_client_transcribes_uploads_and_reads_refusals(place: Place):
    name = "ru-2.ogg"
    got = place.answer("generated.py", place.recording(name))
    texts = [
        got["transcribed"],
        " ".join(got["words"]),
        got["openai"],
        " ".join(got["openai words"]),
        got["by parts"],
        " ".join(got["words by parts"]),
    ]
    assert [normalised(text, "ru") for text in texts] == [place.said(name)] * len(texts)
    assert (got["arrived"], got["listed"], got["deleted"], got["gone"]) == ([1], ["recording"], 204, "not_found")
    assert (got["me"], got["models"], got["refused"]) == (True, ["whisper-1"], "bad_option")
