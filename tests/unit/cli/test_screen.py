"""What strangers named, sent or answered is printed without what moves a terminal's cursor, colours it, or turns its lines round."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from pisar import cli
from pisar.cli import screen
from pisar.domain.transcripts import Segment, Transcript
from pisar.errors import Unavailable
from pisar.wiring.cli import ScribeSettings

EVIL = "a\x1b[2J\x9bH\x07\x7f\u202eb"
HARMLESS = "a?[2J?H???b"


def hear(monkeypatch: pytest.MonkeyPatch, recognise: Callable[..., Transcript]) -> None:
    """Have files heard in this way, without a model."""
    monkeypatch.setattr(ScribeSettings, "load", lambda _: SimpleNamespace(recognise=recognise))


def test_cells_of_tables_are_harmless(capsys: pytest.CaptureFixture[str]):
    screen.table(("file",), [(EVIL,)])
    assert capsys.readouterr().out.splitlines()[-1].strip() == HARMLESS


def test_halves_of_letters_are_printed_as_marks(capsys: pytest.CaptureFixture[str]):
    screen.say("a\ud800b\udfff \udcff")
    assert capsys.readouterr().err == "a?b? \ufffd\n"


def test_lines_for_people_stay_lines(capsys: pytest.CaptureFixture[str]):
    screen.say(f"one\t{EVIL}\ntwo")
    assert capsys.readouterr().err == f"one\t{HARMLESS}\ntwo\n"


@pytest.mark.parametrize("arguments", [["transcribe", f"--{EVIL}"], ["transcribe", EVIL], [EVIL], ["quantize", EVIL, "x", "--type", EVIL]])
def test_a_name_that_is_not_known_is_repeated_harmlessly(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert cli.run(arguments) in {1, 2}
    said = capsys.readouterr()
    assert [letter for letter in said.out + said.err if not letter.isprintable() and letter != "\n"] == []
    assert "[2J" in said.err


def test_what_a_server_answered_is_told_harmlessly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def answered(*_: object, **__: object) -> int:
        raise Unavailable(f"the store says: {EVIL}")

    monkeypatch.setattr(cli.pisar, "main", answered)
    assert cli.run([]) == 1
    assert capsys.readouterr().err == f"pisar: the store says: {HARMLESS}\n"


@pytest.mark.parametrize(("terminal", "printed"), [(True, f"{HARMLESS}\ntwo\n"), (False, f"{EVIL}\ntwo\n")])
def test_a_transcript_is_harmless_on_a_terminal_and_whole_for_a_program(monkeypatch: pytest.MonkeyPatch, terminal: bool, printed: str):
    class Output(io.TextIOWrapper):
        def isatty(self) -> bool:
            return terminal

    output = Output(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", output)
    transcript = Transcript(language="ru", duration=1.0, segments=(Segment(0.0, 1.0, f"{EVIL}\ntwo"),))
    hear(monkeypatch, lambda *_: transcript)
    assert cli.run(["transcribe", __file__]) == 0
    assert output.buffer.getvalue().decode() == printed


def test_what_a_file_says_of_itself_is_told_harmlessly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    def refuse(*_: object) -> Transcript:
        raise Unavailable(f"it is a {EVIL}")

    hear(monkeypatch, refuse)
    monkeypatch.chdir(tmp_path)
    Path(EVIL).touch()
    assert cli.run(["transcribe", EVIL]) == 1
    assert capsys.readouterr().err == f"pisar: {HARMLESS}: Not possible right now: it is a {HARMLESS}.\n"
