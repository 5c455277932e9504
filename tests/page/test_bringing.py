"""Recordings brought in: dropped, chosen, in folders, cut off in the middle."""

import re
import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import Page, Request, expect

from tests.support.cut_proxy import CutProxy

from .conftest import Visits
from .steps import SPOKEN, VOICE, VOICES, choose, drop, expect_text

MB = 1_000_000


def test_a_dropped_file_becomes_text(page: Page):
    drop(page, VOICE)
    expect_text(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("ru-1.ogg")


def test_a_dropped_folder_becomes_texts_and_its_hidden_files_are_passed_over(page: Page, sounds: Path):
    folder = sounds / "meeting"
    (folder / "inner").mkdir(parents=True)
    shutil.copy(VOICE, folder / "one.ogg")
    shutil.copy(VOICES / "ru-2.ogg", folder / "inner" / "two.ogg")
    (folder / ".hidden").write_bytes(b"x")
    drop(page, folder)
    expect(page.get_by_text("1 hidden file was passed over.")).to_be_visible()
    page.get_by_role("link", name="Recordings").first.click()
    for name in ("one.ogg", "two.ogg"):
        expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text("Done")


def test_a_file_chosen_on_a_phone_in_russian_becomes_text(visits: Visits, key: str):
    page = visits.page(key=key, language="ru", theme="dark", phone=True)
    choose(page, VOICE)
    expect_text(page)
    expect(page.get_by_role("button", name="Поделиться")).to_be_visible()


def test_what_is_no_recording_is_named_before_it_is_uploaded_and_after(page: Page, sounds: Path):
    (sounds / "notes.txt").write_text("not a sound")
    choose(page, sounds / "notes.txt")
    expect(page.get_by_text("This does not look like a recording")).to_be_visible()
    page.get_by_role("button", name="Upload anyway").click()
    expect(page.get_by_role("alert")).to_contain_text("can’t be read as audio or video")
    expect(page.get_by_role("alert").get_by_role("link", name="Choose another file")).to_be_visible()


@pytest.fixture(scope="session")
def hundred_megabytes(sounds: Path) -> Path:
    """A voice and then silence, as large as 70 seconds can be."""
    path = sounds / "lecture.wav"
    shape = ["-af", "apad=whole_dur=70", "-ar", "192000", "-ac", "2", "-c:a", "pcm_f32le"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-i", str(VOICE), *shape, str(path)], check=True)
    assert path.stat().st_size > 100 * MB
    return path


def test_an_upload_of_100_mb_that_is_cut_goes_on_without_what_was_sent(
    visits: Visits, page: Page, proxy: CutProxy, hundred_megabytes: Path
):
    visits.watch(page.context).offline = True
    stored: list[str] = []
    page.on("response", lambda answer: stored.append(part_of(answer.request)) if answer.request.method == "PUT" and answer.ok else None)
    begun = proxy.sent
    proxy.cut_after(45 * MB)
    choose(page, hundred_megabytes)
    assert proxy.wait_until_cut(60)
    expect(page.get_by_text(re.compile("No connection"))).to_be_visible()
    before = list(stored)
    assert before
    proxy.mend()
    expect_text(page)
    assert sorted(stored) == sorted(set(stored)), "a part was stored twice"
    assert len(stored) > len(before)
    # Each of the few parts that were on their way is sent again, and nothing else.
    assert proxy.sent - begun < hundred_megabytes.stat().st_size + 45 * MB


def part_of(request: Request) -> str:
    return re.findall(r"partNumber=(\d+)", request.url)[0]


def test_an_upload_whose_tab_was_closed_is_offered_again_and_goes_on(visits: Visits, key: str, proxy: CutProxy, hundred_megabytes: Path):
    context = visits.context()
    visits.watch(context).offline = True
    first = context.new_page()
    first.goto(f"{visits.stack.api_url}/#key={key}")
    proxy.cut_after(45 * MB)
    choose(first, hundred_megabytes)
    assert proxy.wait_until_cut(60)
    expect(first.get_by_text(re.compile("No connection"))).to_be_visible()
    first.close()
    proxy.mend()
    stored: list[str] = []
    second = context.new_page()
    second.on("response", lambda answer: stored.append(part_of(answer.request)) if answer.request.method == "PUT" and answer.ok else None)
    second.goto(f"{visits.stack.api_url}/#key={key}")
    expect(second.get_by_text(re.compile("Not fully uploaded"))).to_be_visible()
    second.get_by_role("button", name="Resume lecture.wav").click()
    second.get_by_role("link", name="lecture.wav", exact=True).click()
    expect_text(second, SPOKEN)
    assert 0 < len(stored) < hundred_megabytes.stat().st_size / (8 * 2**20)
