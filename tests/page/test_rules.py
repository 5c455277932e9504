"""The rules of the page's shell: which files are taken, how an upload is told from another, how sizes and times are written."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visits
from .modules import ask
from .steps import VOICE, begun_elsewhere, expect_text


@pytest.fixture(scope="module")
def blank(browser, stack, proxy):
    """The page, for its modules alone."""
    visits = Visits(browser, stack, proxy)
    yield visits.page()
    assert visits.close() == []


@pytest.mark.parametrize(
    ("name", "media_type", "size", "doubtful"),
    [
        ("a.ogg", "", 5, False),
        ("A.MP3", "application/octet-stream", 5, False),
        ("call.bin2", "", 5, False),  # nobody knows: the server judges
        ("clip", "video/mp4", 5, False),
        ("report.pdf", "application/pdf", 5, True),
        ("scan", "image/png", 5, True),
        ("a.ogg", "audio/ogg", 0, True),
    ],
)
def test_what_is_surely_no_recording_is_told_by_type_name_and_size(blank: Page, name: str, media_type: str, size: int, doubtful: bool):
    file = {"name": name, "type": media_type, "size": size}
    assert ask(blank, "files.js", "(files, file) => files.isDoubtful(file)", file) is doubtful


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("talks/one.ogg", "talks/one.ogg"),
        ("a\u200b\nb\t c.ogg", "ab c.ogg"),
        ("x" * 300, "…" + "x" * 199),
        ("🎙" * 250, "…" + "🎙" * 199),
    ],
)
def test_a_name_is_one_that_the_api_takes(blank: Page, path: str, name: str):
    assert ask(blank, "files.js", "(files, path) => files.nameFor(path)", path) == name


MB = 2**20
TWO_PARTS = {"part_bytes": 8 * MB, "parts": [{"number": 2, "bytes": 3 * MB, "url": ""}], "done": [1]}
LAST_IS_THERE = {"part_bytes": 8 * MB, "parts": [{"number": 1, "bytes": 8 * MB, "url": ""}], "done": [2]}


@pytest.mark.parametrize(
    ("plan", "size", "may_be"),
    [
        (TWO_PARTS, 11 * MB, True),
        (TWO_PARTS, 11 * MB + 1, False),
        (TWO_PARTS, 3 * MB, False),
        (LAST_IS_THERE, 8 * MB, False),
        (LAST_IS_THERE, 8 * MB + 1, True),
        (LAST_IS_THERE, 16 * MB, True),
        (LAST_IS_THERE, 16 * MB + 1, False),
    ],
)
def test_an_upload_takes_no_file_of_another_size(blank: Page, plan: dict[str, Any], size: int, may_be: bool):
    assert ask(blank, "uploads.js", "(uploads, [plan, size]) => uploads.fits(plan, size)", [plan, size]) is may_be


def test_pauses_between_tries_grow_to_half_a_minute(blank: Page):
    pauses = ask(blank, "uploads.js", "(uploads) => [0, 1, 2, 3, 4, 5, 6, 20].map((tries) => uploads.pauseBefore(tries, 0.5))")
    assert pauses == [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]


def test_a_speed_is_of_the_last_seconds(blank: Page):
    use = """(uploads) => {
        const meter = uploads.speedometer();
        const speeds = [meter.speed()];
        for (const [bytes, now] of [[0, 0], [500, 500], [2000, 2000], [2000, 20000], [12000, 21000]]) {
            meter.told(bytes, now);
            speeds.push(meter.speed());
        }
        return speeds;
    }"""
    assert ask(blank, "uploads.js", use) == [None, None, None, 1000, 0, 10000]


@pytest.mark.parametrize(
    ("state", "retry_after", "expected"),
    [
        ("working", 60, 3000),
        ("working", 1, 1000),
        ("queued", None, 6000),
        ("awaiting_upload", None, 5000),
        ("done", None, None),
        ("failed", 2, None),
    ],
)
def test_who_looks_at_a_job_sees_it_move(blank: Page, state: str, retry_after: int | None, expected: int | None):
    assert ask(blank, "job.js", "(job, [state, seconds]) => job.nextLook(state, seconds)", [state, retry_after]) == expected


def test_sizes_and_times_are_written_as_each_language_writes_them(blank: Page):
    use = """async (format) => {
        const texts = await import(new URL("texts.js", document.querySelector("script[type=module]").src).href);
        return ["ru", "en"].map((language) => {
            const t = texts.translator(language);
            const sizes = [512, 2048, 1572864, 2 ** 30].map((bytes) => format.size(t, bytes));
            const spans = [0.2, 45, 100, 3600, 5400].map((seconds) => format.span(t, seconds));
            return [...sizes, ...spans, t("job.place", { count: 22 }), t("job.place", { count: 1 })];
        });
    }"""
    russian, english = ask(blank, "format.js", use)
    blanks = str.maketrans("\u00a0\u202f", "  ")
    assert [text.translate(blanks) for text in russian] == [
        *("512 Б", "2 КБ", "1,5 МБ", "1 ГБ", "1 с", "45 с", "2 мин", "1 ч", "1 ч 30 мин"),
        *("Перед ней 22 записи.", "Перед ней 1 запись."),
    ]
    assert [text.translate(blanks) for text in english] == [
        *("512 B", "2 KB", "1.5 MB", "1 GB", "1 s", "45 s", "2 min", "1 h", "1 h 30 min"),
        *("22 recordings are before it.", "1 recording is before it."),
    ]
    assert not [text for text in (*russian[:9], *english[:9]) if " " in text], "a number parts from its unit at a line's end"


def test_every_text_is_there_in_both_languages_with_the_same_values(blank: Page):
    use = """(texts) => Object.entries(texts.TEXTS).map(([name, { ru, en }]) => {
        const forms = (text) => (typeof text === "object" ? Object.values(text) : [text]);
        const values = (text) => [...new Set(forms(text).join(" ").match(/\\{\\w+\\}/g) ?? [])].sort().join();
        return [name, Boolean(ru && en) && values(ru) === values(en)];
    })"""
    found = ask(blank, "texts.js", use)
    assert len(found) > 100
    assert [name for name, good in found if not good] == []


def test_an_upload_that_another_device_began_goes_on_here(page: Page, visits: Visits, key: str):
    job = begun_elsewhere(visits.stack, key, VOICE)
    page.goto(f"{visits.stack.api_url}/#/jobs/{job}")
    expect(page.get_by_text("The file is not fully uploaded yet")).to_be_visible()
    file = page.get_by_role("main").locator("input[type=file]")
    file.set_input_files({"name": "other.ogg", "mimeType": "audio/ogg", "buffer": b"OggS"})
    expect(page.get_by_role("alert")).to_contain_text("another file")
    file.set_input_files(VOICE)
    expect_text(page)
