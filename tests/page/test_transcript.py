"""A text that is read, heard, searched, corrected and taken along."""

import json

import pytest
import requests
from playwright.sync_api import Page, expect

from .conftest import Visits
from .hearing import SPOKEN, VOICES, findings, transcribed

TEXT = " ".join(SPOKEN)


def position(page: Page) -> float:
    """Return where the player is, in seconds."""
    return float(page.get_by_role("slider", name="Position").input_value())


def test_a_click_on_a_word_plays_from_there_and_marks_what_sounds(page: Page):
    words = transcribed(page, "en-1.ogg")
    assert words.all_inner_texts() == SPOKEN
    assert findings(page) == []
    words.nth(4).click()
    expect(page.locator(".word.sounding")).to_have_count(1)
    marked = page.locator(".word.sounding").evaluate("(word) => word.number")
    assert marked >= 4
    expect(page.locator(".word.sounding")).not_to_have_text(words.nth(marked).inner_text())
    page.get_by_role("button", name="Pause").click()
    assert position(page) > 0.5


def test_the_text_is_read_and_heard_by_keyboard_alone(page: Page):
    words = transcribed(page, "en-1.ogg")
    page.get_by_role("button", name="Keys").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "word":
            break
    assert page.evaluate("document.activeElement.number") == 0
    for key, number in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", words.count() - 1), ("Home", 0)]:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.number") == number
    assert page.locator(".word[tabindex='0']").count() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    at = position(page)
    page.keyboard.press("j")
    page.wait_for_timeout(100)
    assert position(page) == max(0.0, at - 5)
    page.keyboard.press("Shift+Period")
    expect(page.get_by_role("combobox", name="Speed")).to_have_value("1.25")
    page.keyboard.press("Shift+Slash")
    assert findings(page) == []
    page.get_by_role("checkbox", name="Keys without Ctrl and Alt are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.wait_for_timeout(200)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_speed_is_kept(page: Page):
    transcribed(page, "en-1.ogg")
    page.get_by_role("combobox", name="Speed").select_option("1.5")
    page.reload()
    expect(page.get_by_role("combobox", name="Speed")).to_have_value("1.5")


def test_search_counts_marks_and_steps(page: Page):
    transcribed(page, "en-1.ogg")
    page.keyboard.press("Slash")
    page.keyboard.type("TO")
    expect(page.locator(".search-count")).to_have_text("1 of 2")
    assert page.evaluate("CSS.highlights.get('pisar-found').size") == 2
    page.keyboard.press("Enter")
    expect(page.locator(".search-count")).to_have_text("2 of 2")
    expect(page.locator(".found-now")).to_have_text("tomorrow")
    assert findings(page) == []
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".search-count")).to_have_text("1 of 2")
    page.keyboard.type("xyz")
    expect(page.locator(".search-count")).to_have_text("Not found")
    page.keyboard.press("Escape")
    expect(page.locator(".search-count")).to_have_text("")
    assert page.evaluate("CSS.highlights.get('pisar-found').size") == 0


def test_cues_show_times_and_the_view_is_kept(page: Page):
    transcribed(page, "en-1.ogg")
    page.get_by_role("radio", name="With times").check(force=True)
    expect(page.locator(".cue-time").first).to_have_text("0:00")
    assert findings(page) == []
    page.reload()
    expect(page.locator(".cue-time").first).to_be_visible()


def test_a_text_is_taken_along_in_every_format(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    transcribed(page, "en-1.ogg")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith(TEXT)
    files = {}
    for ending in ("txt", "srt", "vtt", "json"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download .{ending}").click()
        assert download.value.suggested_filename == f"en-1.{ending}"
        files[ending] = download.value.path().read_text(encoding="utf-8")
    assert files["txt"].startswith(TEXT)
    assert files["srt"].startswith("1\n00:00:0")
    assert files["vtt"].startswith("WEBVTT\n\n00:00:0")
    assert json.loads(files["json"])["segments"][0]["words"][0]["word"] == "meeting"


def test_without_its_sound_a_text_can_still_be_read_and_the_file_be_chosen(page: Page):
    words = transcribed(page, "en-1.ogg")
    page.evaluate("indexedDB.deleteDatabase('pisar')")
    page.reload()
    expect(page.get_by_text("The sound is not here")).to_be_visible()
    expect(words.first).to_be_visible()
    assert findings(page) == []
    page.get_by_label("Choose the file").set_input_files(VOICES / "en-1.ogg")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_sound_that_the_browser_cannot_play_leaves_the_text(page: Page, tmp_path):
    words = transcribed(page, "en-1.ogg")
    page.evaluate("indexedDB.deleteDatabase('pisar')")
    page.reload()
    odd = tmp_path / "odd.amr"
    odd.write_bytes(b"#!AMR\n" + bytes(300))
    page.get_by_label("Choose the file").set_input_files(odd)
    expect(page.get_by_text("This browser can't play this recording")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_have_count(0)
    expect(words.first).to_be_visible()


def corrected_text(visits: Visits, key: str, job: str) -> str:
    answer = requests.get(f"{visits.stack.api_url}/jobs/{job}/transcript?format=text", headers={"X-API-Key": key}, timeout=30)
    return answer.text


def test_a_word_is_corrected_in_its_place_and_taken_back(page: Page, visits: Visits, key: str):
    words = transcribed(page, "en-1.ogg")
    job = page.url.rpartition("/")[2]
    words.nth(4).dblclick()
    field = page.get_by_role("textbox", name="Correct “tomorrow”")
    expect(field).to_be_focused()
    assert findings(page) == []
    page.keyboard.type("seminar")
    page.keyboard.press("Enter")
    expect(words.nth(4).locator("ins")).to_have_text("seminar")
    expect(words.nth(4)).to_be_focused()
    expect(page.locator(".waiting")).to_have_count(0)
    assert "small seminar green tomorrow" in corrected_text(visits, key, job)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    page.keyboard.type("gone")
    page.keyboard.press("Escape")
    expect(words.nth(5)).to_have_text("green")
    page.reload()
    expect(words.nth(4).locator("ins")).to_have_text("seminar")
    page.get_by_role("button", name="1 correction").click()
    assert findings(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(words.nth(4)).to_have_text("tomorrow")
    expect(page.locator(".waiting")).to_have_count(0)
    assert "small tomorrow green tomorrow" in corrected_text(visits, key, job)


def test_a_word_is_taken_away_in_the_mode_for_corrections(page: Page, visits: Visits, key: str):
    words = transcribed(page, "en-1.ogg")
    job = page.url.rpartition("/")[2]
    page.get_by_role("button", name="Correct", exact=True).click()
    words.nth(3).click()
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(words.nth(3).locator("del")).to_have_text("small")
    expect(page.locator(".waiting")).to_have_count(0)
    assert "book meeting tomorrow green" in corrected_text(visits, key, job)
    page.reload()
    expect(words.nth(3).locator("del")).to_have_text("small")
    expect(words.nth(4)).to_have_text("tomorrow")


def test_corrections_without_a_connection_are_kept_and_sent_later(page: Page, visits: Visits, key: str):
    words = transcribed(page, "en-1.ogg")
    job = page.url.rpartition("/")[2]
    page.evaluate("(key) => localStorage.setItem('pisar.key', key)", key)
    visits.watch(page.context).offline = True
    page.context.set_offline(True)
    words.nth(4).focus()
    page.keyboard.press("F2")
    page.keyboard.type("seminar")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 correction is not saved yet")).to_be_visible()
    expect(words.nth(4).locator("ins")).to_have_text("seminar")
    assert findings(page) == []
    context, address = page.context, page.url
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".text .word").nth(4).locator("ins")).to_have_text("seminar")
    expect(page.locator(".waiting")).to_have_count(0)
    assert "small seminar green tomorrow" in corrected_text(visits, key, job)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_view_of_a_text_has_no_finding(visits: Visits, key: str, theme: str, phone: bool):
    page = visits.page(key=key, theme=theme, phone=phone)
    transcribed(page, "en-1.ogg")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
