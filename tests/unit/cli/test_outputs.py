"""Outputs appear whole or not at all."""

import resource
from pathlib import Path

import pytest

from pisar.cli.inputs import Source
from pisar.cli.outputs import Outputs


def outputs(folder: Path, *, force: bool = False) -> Outputs:
    return Outputs([Source(folder / "talk.ogg", Path("talk.ogg"))], ["text"], folder=None, force=force)


@pytest.mark.parametrize(
    ("name", "target"),
    [("talk.ogg", "talk.txt"), ("talk.v2.OGG", "talk.v2.txt"), ("talk", "talk.txt"), ("at 10.30 today", "at 10.30 today.txt")],
)
def test_only_the_extension_of_a_recording_is_replaced(tmp_path, name, target):
    assert outputs(tmp_path).claim(Source(tmp_path / name, Path(name))) == {"text": tmp_path / target}


def test_a_disk_that_takes_a_part_only_leaves_nothing_and_keeps_the_old(tmp_path):
    (tmp_path / "talk.txt").write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match=r"talk\.txt can't be written: File too large"):
            outputs(tmp_path, force=True).write(tmp_path / "talk.txt", "x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"talk.txt": "old"}


def test_a_file_made_during_the_work_is_kept(tmp_path):
    out = outputs(tmp_path)
    target = out.claim(Source(tmp_path / "talk.ogg", Path("talk.ogg")))["text"]
    target.write_text("mine")
    with pytest.raises(FileExistsError, match=r"^talk\.txt exists; --force writes over it\.$"):
        out.write(target, "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"talk.txt": "mine"}


def test_a_file_where_the_folder_should_be_is_said(tmp_path):
    (tmp_path / "out").write_text("a file")
    out = Outputs([], ["text"], folder=tmp_path / "out", force=False)
    with pytest.raises(OSError, match=r"talk\.txt can't be written: (File exists|Not a directory)"):
        out.write(tmp_path / "out" / "talk.txt", "text")
