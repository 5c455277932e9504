"""Which files a command line stands for."""

from pathlib import Path

import pytest

from pisar.cli.inputs import Source, find_sources


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "in/b.mp3",
        "in/a.OGG",
        "in/notes.txt",
        "in/.hidden.ogg",
        "in/sub/c.wav",
        "in/.git/d.wav",
        "in/unnamed",
        "in/other",
        "[1].ogg",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"OggS" if path.name == "unnamed" else b"x")
    (tmp_path / "empty").mkdir()
    return tmp_path


def found(*names: str, recursive: bool = False) -> list[str]:
    return [str(source.path) for source in find_sources(names, recursive=recursive)]


def test_a_folder_gives_its_media_in_order_and_nothing_hidden(folder):
    assert found("in") == ["in/a.OGG", "in/b.mp3", "in/unnamed"]


def test_folders_within_are_looked_into_when_asked(folder):
    assert found("in", recursive=True) == ["in/a.OGG", "in/b.mp3", "in/unnamed", "in/sub/c.wav"]


def test_a_named_file_is_taken_whatever_it_is_called(folder):
    assert found("in/notes.txt") == ["in/notes.txt"]


@pytest.mark.parametrize("pattern", ["in/*.mp3", "in/**/c.wav", "{cwd}/in/[b].mp3"])
def test_a_quoted_pattern_is_expanded(folder, pattern):
    expected = {"in/*.mp3": "in/b.mp3", "in/**/c.wav": "in/sub/c.wav"}.get(pattern, f"{folder}/in/b.mp3")
    assert found(pattern.format(cwd=folder)) == [expected]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(folder):
    assert found("[1].ogg") == ["[1].ogg"]


def test_a_file_named_twice_is_taken_once(folder):
    assert found("in/b.mp3", "in", "./in/../in/b.mp3") == ["in/b.mp3", "in/a.OGG", "in/unnamed"]


def test_a_place_is_told_from_the_folder_that_was_named(folder):
    assert find_sources(["in/sub", "in/b.mp3"], recursive=True) == [
        Source(Path("in/sub/c.wav"), Path("c.wav")),
        Source(Path("in/b.mp3"), Path("b.mp3")),
    ]
    assert find_sources(["in"], recursive=True)[-1].place == Path("sub/c.wav")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none.ogg", "There is no such file or folder."),
        ("*.flac", "No file matches this pattern."),
        ("empty", "There is no audio or video in this folder itself; --recursive looks deeper."),
    ],
)
def test_what_is_not_there_is_a_problem_and_not_nothing(folder, name, problem):
    assert [source.problem for source in find_sources([name], recursive=False)] == [problem]


def test_a_link_to_nothing_is_a_problem(folder):
    (folder / "gone.ogg").symlink_to("nowhere")
    assert [source.problem for source in find_sources(["gone.ogg"], recursive=False)] == ["There is no such file or folder."]
