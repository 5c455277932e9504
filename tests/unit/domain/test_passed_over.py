"""Which names are no recordings."""

import pytest

from pisar.domain.passed_over import why_passed_over


@pytest.mark.parametrize(
    "path",
    [
        ".DS_Store",
        "talks/._monday.mp3",
        "talks/.monday.mp3.part",
        "talks/.monday.mp3.q5Xw2L",
        ".Trash-1000/monday.mp3",
        ".git/objects/ab",
        "Thumbs.db",
        "talks/thumbs.db",
        "desktop.ini",
        "Desktop.ini",
        "~$minutes.docx",
        "monday.mp3~",
        "__MACOSX/monday.mp3",
        "monday.mp3.partial",
        "monday.mp3.3f2c1a.partial",
        "monday.mp3.part",
        "monday.mp3.crdownload",
        "Unconfirmed 12345.crdownload",
        "monday.mp3.filepart",
        "monday.mp3.TMP",
        "monday.error",
        "talks_$folder$",
        "talks/",
        "",
    ],
)
def test_what_systems_and_programs_leave_is_passed_over(path: str):
    assert why_passed_over(path)


@pytest.mark.parametrize(
    "path",
    [
        "monday.mp3",
        "talk.v1.2.mp3",
        "partial.mp3",
        "part 1.ogg",
        "voice",
        "tmp/monday.mp3",
        "talk.part/monday.mp3",
        "drafts~/monday.mp3",
        "$ 100.mp3",
        "a~b.mp3",
        "~monday.mp3",
        "downloads/x.download.mp3",
        "error.mp3",
        "файл №1.ogg",
        "…mp3",
        "two\nlines.ogg",
        "notes.txt",
    ],
)
def test_a_recording_is_not(path: str):
    assert not why_passed_over(path)
