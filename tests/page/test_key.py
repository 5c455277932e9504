"""The key: typed, brought by a link, wrong, used up, forgotten."""

import re

import requests
from playwright.sync_api import Page, expect

from .conftest import Visits
from .steps import VOICE, VOICES, choose, expect_text, finished_job, text_of

NAME_OF_FOCUSED = """
(() => {
  const focused = document.activeElement;
  return focused.labels?.[0]?.textContent ?? focused.getAttribute("aria-label") ?? focused.textContent;
})()
"""


def test_by_the_keyboard_alone_from_the_key_to_the_text(visits: Visits, key: str):
    page = visits.page()
    tab_to(page, "Your key")
    page.keyboard.type(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Transcribe a recording")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        tab_to(page, "Choose files")
        page.keyboard.press("Enter")
    chooser.value.set_files([VOICE])
    expect_text(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('word')"):
            break
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == text_of(page).locator(".word").nth(1).text_content()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(NAME_OF_FOCUSED).strip() == name:
            return
    raise AssertionError(f"the Tab key does not come to {name}")


def test_a_wrong_key_is_said_in_words_and_another_may_be_typed(visits: Visits, key: str):
    page = visits.page()
    page.get_by_label("Your key").fill("pisar_wrong_wrong_wrong")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("This key does not work")
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Transcribe a recording")).to_be_visible()


def test_a_key_of_a_link_leaves_the_address_and_is_kept_only_where_it_is_asked_for(visits: Visits, key: str):
    page = visits.page(key=key)
    assert key not in page.url
    stored = "() => [Object.values(localStorage), Object.values(sessionStorage)].map((all) => all.join(' '))"
    local, session = page.evaluate(stored)
    assert (key in local, key in session) == (False, True)
    page.get_by_role("button", name="Remember it").click()
    local, session = page.evaluate(stored)
    assert (key in local, key in session) == (True, False)
    page.goto(f"{visits.stack.api_url}/#/settings")
    page.get_by_role("button", name="Forget the key").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget the key").click()
    expect(page.get_by_label("Your key")).to_be_visible()
    assert key not in "".join(page.evaluate(stored))


def test_a_used_quota_says_when_there_is_more(visits: Visits, new_key):
    key = new_key(minutes_per_day=0.01)
    page = visits.page(key=key)
    finished_job(page, visits.stack, key)  # a recording is taken while any minutes are left
    page.goto(f"{visits.stack.api_url}/#/")
    choose(page, VOICES / "ru-3.ogg")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("Today’s minutes are used up. New minutes come: .+"))
    page.get_by_role("link", name="See my minutes").click()
    expect(page.get_by_text(re.compile(r"0\smin of"))).to_be_visible()


def test_the_list_comes_by_pages(visits: Visits, key: str):
    headers = {"X-API-Key": key}
    for number in range(25):
        answer = requests.post(f"{visits.stack.api_url}/jobs", json={"name": f"take {number}"}, headers=headers, timeout=60)
        assert answer.status_code == 201
    page = visits.page("/#/jobs", key=key)
    expect(page.get_by_role("listitem")).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("listitem")).to_have_count(25)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_second_key_by_a_link_takes_the_place_of_the_first_and_may_be_remembered(visits: Visits, new_key):
    first, second = new_key(), new_key()
    page = visits.page(key=first)
    page.evaluate("(key) => { location.hash = `#key=${key}`; }", second)
    page.get_by_role("button", name="Remember it").click()
    stored = page.evaluate("[localStorage.getItem('pisar.key'), sessionStorage.getItem('pisar.key'), location.hash]")
    assert stored == [second, None, "#/"]
