"""`pisar transcribe -`: a recording that comes by a pipe."""

import io
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import DEMO, TEXTS
from tests.unit.cli.test_transcribe import files, rows

RU, EN = "ru-1.ogg", "en-2.ogg"


class Dribble(io.RawIOBase):
    """A pipe that gives a few bytes at a time, and counts them; without a body it never ends."""

    def __init__(self, body: bytes | None) -> None:
        self._body = None if body is None else io.BytesIO(body)
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        block = b"x" * len(room) if self._body is None else self._body.read(min(len(room), 700))
        room[: len(block)] = block
        self.given += len(block)
        return len(block)


@pytest.fixture
def pipe(monkeypatch, tmp_path):
    """Lay something into standard input, None for what never ends; what is written beside goes to the test's folder."""
    monkeypatch.chdir(tmp_path)

    def lay(body: bytes | None) -> Dribble:
        dribble = Dribble(body)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(dribble, 16)))
        return dribble

    return lay


def sound(name: str) -> bytes:
    return (DEMO / "voices" / name).read_bytes()


def test_its_text_goes_to_standard_output(pisar, pipe):
    pipe(sound(RU))
    ran = pisar("transcribe", "-")
    assert (ran.code, ran.out, ran.err) == (0, TEXTS[RU] + "\n", "")


def test_other_files_and_options_go_along(pisar, pipe, voice, tmp_path):
    pipe(sound(RU))
    ran = pisar("transcribe", "--format", "srt", "-", voice(EN), "-")
    assert (ran.code, next(row[0] for row in rows(ran.out)), len(rows(ran.out))) == (0, "standard input", 2)
    assert sorted(files(tmp_path)) == ["en-2.srt", "stdin.srt"]


def test_it_may_be_written_into_another_folder(pisar, pipe, tmp_path):
    pipe(sound(RU))
    assert pisar("transcribe", "-", "--output-dir", tmp_path / "out").code == 0
    assert files(tmp_path) == {"out/stdin.txt": TEXTS[RU] + "\n"}


def test_a_file_that_is_named_by_a_path_is_a_file(pisar, pipe):
    pipe(b"")
    Path("-").write_bytes(sound(EN))
    assert pisar("transcribe", "./-").out == TEXTS[EN] + "\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"", "It is empty: nothing came by it."), (b"not audio", "The file can't be read as audio or video.")],
)
def test_what_is_no_recording_is_a_sentence(pisar, pipe, body, said):
    pipe(body)
    ran = pisar("transcribe", "-")
    assert (ran.code, ran.out, ran.err) == (1, "", f"pisar: standard input: {said}\n")


def test_what_never_ends_is_read_as_far_as_the_limit(pisar, pipe, monkeypatch):
    monkeypatch.setenv("PISAR_MAX_AUDIO_MB", "1")
    monkeypatch.setenv("PISAR_MAX_UPLOAD_MB", "2")
    dribble = pipe(None)
    ran = pisar("transcribe", "-")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "pisar: standard input: It is longer than 2 MB, which PISAR_MAX_UPLOAD_MB allows.\n"
    assert 2 * 2**20 < dribble.given <= 2 * 2**20 + 32


def test_a_terminal_is_told_what_to_do(pisar, pipe, monkeypatch):
    pipe(b"")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    ran = pisar("transcribe", "-")
    assert (ran.code, ran.out) == (2, "")
    assert "Standard input is a terminal. Send a recording into it: pisar transcribe - < talk.ogg" in ran.err


def test_standard_input_that_is_closed_is_a_wrong_call(pisar, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert pisar("transcribe", "-").code == 2
