"""rclone, s3cmd and the AWS command line, untouched, with the bucket: they drop recordings and fetch the texts."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from localstack.cloud.clients import s3_client
from localstack.stack import BUCKET, Stack
from pisar.errors import Missing
from tests.clients.storage_programs import PROGRAMS, Program
from tests.faults.conftest import SPOKEN, TIMES, VOICES, eventually, running

RU, EN = "ru-1.ogg", "en-2.ogg"
TYPES = {
    ".json": "application/json",
    ".srt": "application/x-subrip; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
}
LEFT_BESIDE = [
    ".DS_Store",
    "._ru-1.ogg",
    "Thumbs.db",
    "desktop.ini",
    ".ru-1.ogg.part",
    "ru-1.ogg.crdownload",
    ".cache/ru-1.ogg",
    "~$ru-1.ogg",
]
NAMES = ["a.ogg", "a.oga", "два слова.ogg", "a+b & 100% #1 (%20) = 'x'.ogg", "\u0438\u0306.ogg", "\u0439.ogg", "deep/er/a.ogg"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    yield from running(TIMES)


@pytest.fixture(params=PROGRAMS, ids=lambda kind: kind.name)
def program(request: pytest.FixtureRequest, stack: Stack, tmp_path: Path) -> Program:
    made: Program = request.param(stack.storage_url, tmp_path)
    return made


def results(stack: Stack, key: str) -> list[str]:
    """Return the endings of a dropped file's results."""
    stem = f"transcripts/{key.removeprefix('uploads/')}"
    return [found.removeprefix(stem) for found in stack.store().keys(f"{stem}.")]


def text_of(program: Program, stack: Stack, key: str) -> str:
    """Return the text of a dropped file once it is there, as the program fetches it."""
    eventually(lambda: results(stack, key) in ([".txt"], list(TYPES)), f"the text of {key}")
    return program.get(f"transcripts/{key.removeprefix('uploads/')}.txt").strip()


def text_if_there(stack: Stack, key: str) -> str | None:
    try:
        return stack.store().get(key).body.decode().strip()
    except Missing:
        return None


def tag(stack: Stack, key: str) -> str:
    return stack.store().look(key).etag


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recording of 11.5 MB: a voice, and then a minute in which nobody speaks."""
    path = tmp_path_factory.mktemp("large") / "large.wav"
    asked = ("-i", VOICES / RU, "-af", "apad=whole_dur=60", "-ar", "48000", "-ac", "2", path)
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *asked], check=True)
    return path


def test_a_recording_becomes_text_that_says_what_it_is(program: Program, stack: Stack):
    key = f"uploads/{program.name}/{RU}"
    program.put(VOICES / RU, key)
    assert text_of(program, stack, key) == SPOKEN[RU]
    stem = f"transcripts/{program.name}/{RU}"
    assert {ending: program.media_type(f"{stem}{ending}") for ending in TYPES} == TYPES
    assert json.loads(program.get(f"{stem}.json"))["transcription"] == SPOKEN[RU]


def test_metadata_choose_language_and_formats(program: Program, stack: Stack):
    key = f"uploads/{program.name}/options.ogg"
    program.put(VOICES / EN, key, language="English", formats="text")
    assert text_of(program, stack, key) == SPOKEN[EN]
    assert results(stack, key) == [".txt"]


def test_a_large_recording_comes_in_parts(program: Program, stack: Stack, large: Path):
    key = f"uploads/{program.name}/large.wav"
    program.put(large, key, formats="text")
    assert "-" in tag(stack, key), "not uploaded in parts"
    assert text_of(program, stack, key) == SPOKEN[RU]


def test_a_recording_may_come_by_a_pipe(program: Program, stack: Stack, large: Path):
    for name, body in {"piped.ogg": (VOICES / EN).read_bytes(), "piped.wav": large.read_bytes()}.items():
        program.stream(body, f"uploads/{program.name}/{name}")
    assert text_of(program, stack, f"uploads/{program.name}/piped.ogg") == SPOKEN[EN]
    assert text_of(program, stack, f"uploads/{program.name}/piped.wav") == SPOKEN[RU]


def test_a_folder_is_synchronised_without_what_is_no_recording_in_it(program: Program, stack: Stack, tmp_path: Path):
    folder = tmp_path / "recordings"
    for number, name in enumerate([*NAMES, *LEFT_BESIDE]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((VOICES / RU).read_bytes() + bytes([number]))  # each with a tag of its own
    (folder / "pisar.json").write_text('{"formats": ["text"], "language": "ru"}')
    under = f"{program.name}-folder"
    program.sync(folder, f"uploads/{under}")
    assert len(list(stack.store().keys(f"uploads/{under}/"))) == len(NAMES) + len(LEFT_BESIDE) + 1
    for name in NAMES:
        assert text_of(program, stack, f"uploads/{under}/{name}") == SPOKEN[RU]
    (folder / NAMES[0]).write_bytes((VOICES / EN).read_bytes())
    (folder / NAMES[1]).unlink()
    program.sync(folder, f"uploads/{under}")
    eventually(lambda: text_if_there(stack, f"transcripts/{under}/{NAMES[0]}.txt") == SPOKEN[EN], "the new text")
    assert all("/deep/er/" in key or key.endswith(".txt") for key in stack.store().keys(f"transcripts/{under}/"))
    assert not [key for key in stack.store().keys(f"transcripts/{under}/") if key.endswith(".error.json")]


def test_a_file_that_gets_its_name_when_it_is_whole_is_heard_once(program: Program, stack: Stack):
    key = f"uploads/{program.name}/renamed.ogg"
    program.put(VOICES / EN, f"{key}.partial")
    program.move(f"{key}.partial", key)
    assert text_of(program, stack, key) == SPOKEN[EN]
    assert results(stack, f"{key}.partial") == []


def test_a_bad_new_version_takes_the_text_away(program: Program, stack: Stack, tmp_path: Path):
    key, bad = f"uploads/{program.name}/version.ogg", tmp_path / "bad.ogg"
    program.put(VOICES / EN, key)
    assert text_of(program, stack, key) == SPOKEN[EN]
    bad.write_bytes(b"not a recording at all" * 20 + program.name.encode())
    program.put(bad, key)
    eventually(lambda: results(stack, key) == [".error.json"], "an error alone")
    error = f"transcripts/{program.name}/version.ogg.error.json"
    assert (json.loads(program.get(error))["error"]["code"], program.media_type(error)) == ("cannot_decode", "application/json")
    program.put(VOICES / EN, key)
    assert text_of(program, stack, key) == SPOKEN[EN]


def test_a_folder_marker_is_no_file(stack: Stack):
    s3_client(stack.storage_url).put_object(Bucket=BUCKET, Key="uploads/marked/", Body=b"")
    s3_client(stack.storage_url).put_object(Bucket=BUCKET, Key="uploads/marked/a.ogg", Body=(VOICES / EN).read_bytes())
    eventually(lambda: results(stack, "uploads/marked/a.ogg") == list(TYPES), "the text")
    assert list(stack.store().keys("transcripts/marked/")) == [f"transcripts/marked/a.ogg{ending}" for ending in TYPES]
