"""A part of the hearing measured anew: the rest of the kept run stays, with its day."""

import json
from pathlib import Path

import pytest
from rich.progress import Progress

from benchmarks.hearing import __main__ as hearing
from benchmarks.hearing import report
from pisar.errors import Misconfigured


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "hear.json"
    monkeypatch.setattr(report, "FILE", file)
    monkeypatch.setattr(hearing, "material", lambda _: None)
    monkeypatch.setattr(hearing, "trials", lambda _: [])
    monkeypatch.setattr(hearing, "hear", lambda _asked, _progress: [])
    return file


def test_what_was_measured_before_stays_and_each_has_its_day(kept: Path):
    kept.write_text(json.dumps({"short": {"date": "2026-01-02", "machine": "m", "engine": "e", "told": {"a": 1}, "languages": {"old": 1}}}))
    found = hearing.measured_again("short", ["languages"], Progress())
    assert (found["told"], found["engine"]) == ({"a": 1}, "e")
    assert "old" not in found["languages"]
    assert found["days"]["told"] == "2026-01-02"
    assert found["days"]["languages"] > "2026-01-02"


def test_a_part_of_nothing_can_not_be_measured(kept: Path):
    with pytest.raises(Misconfigured, match="measure all of it first"):
        hearing.measured_again("usual", ["languages"], Progress())
