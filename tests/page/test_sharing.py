"""A link that shows one text, and a recording that is deleted."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visits
from .steps import SPOKEN, expect_text, finished_job


def test_a_link_opens_the_text_without_a_key_and_nothing_once_it_is_taken_back(page: Page, visits: Visits, key: str):
    finished_job(page, visits.stack, key)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    assert re.fullmatch(re.escape(visits.stack.api_url) + r"/#shared=[\w-]{43,}", link)
    stranger = visits.context().new_page()
    stranger.goto(link)
    expect_text(stranger)
    page.get_by_role("button", name="Take the link back").click()
    expect(page.get_by_text("The link is taken back")).to_be_visible()
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link does not work")).to_be_visible()


@pytest.mark.parametrize("link", ["#shared=", "#shared=x", f"#shared={'A' * 43}"])
def test_a_link_that_opens_nothing_says_so(visits: Visits, link: str):
    page = visits.page(f"/{link}")
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()


def test_a_deleted_recording_is_gone_from_the_list_and_from_its_address(page: Page, visits: Visits, key: str):
    job = finished_job(page, visits.stack, key)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.goto(f"{visits.stack.api_url}/#/jobs/{job}")
    expect(page.get_by_role("alert")).to_contain_text("deleted")


def test_a_correction_is_in_the_file_and_what_was_heard_comes_back(page: Page, visits: Visits, key: str):
    finished_job(page, visits.stack, key)
    first, second = SPOKEN.split()[:2]
    page.locator(".word").first.dblclick()
    field = page.get_by_role("textbox", name=re.compile("Correct"))
    field.fill("Писарь")
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as answered:
        field.press("Enter")
    assert answered.value.ok, answered.value.text()
    page.reload()
    expect_text(page, f"Писарь {second}")
    for ending in ("txt", "srt", "vtt", "json"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download .{ending}").click()
        assert "Писарь" in Path(download.value.path()).read_text(encoding="utf-8")
    page.get_by_role("button", name="1 correction").click()
    page.get_by_role("button", name=re.compile("Take back to")).click()
    expect_text(page, f"{first} {second}")
