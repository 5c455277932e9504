"""axe over every view, in both themes and languages, on a desktop and a phone."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from localstack.stack import Stack
from pisar.state.api_keys import Keys

from .conftest import Visits
from .steps import made_job

VIEWS = ("welcome", "new", "recorder", "jobs", "text", "cues", "sharing", "keys", "settings", "shared", "lost")


def open_view(page: Page, visits: Visits, key: str, view: str, job: str) -> None:
    """Bring the page, which has a key, to a view."""
    address = visits.stack.api_url
    places = {
        "jobs": "#/jobs",
        "settings": "#/settings",
        "lost": "#/nowhere",
        "new": "#/",
        "recorder": "#/",
        "shared": f"#shared={'A' * 43}",
    }
    page.goto(f"{address}/{places.get(view, f'#/jobs/{job}')}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if view in {"text", "cues", "sharing", "keys"}:
        expect(page.locator(".word").first).to_be_visible()
    if view == "cues":
        page.locator("input[name=view]").nth(1).check(force=True)
    if view == "sharing":
        page.locator(".job-head button").first.click()
    if view == "keys":
        page.keyboard.press("?")
    if view == "recorder":
        page.locator("button[aria-expanded]").click()
        expect(page.locator(".recorder").get_by_role("alert")).to_be_visible()  # no microphone is allowed here


def findings(page: Page) -> list[str]:
    """Return what axe finds: the rule and the first place."""
    page.wait_for_function("document.getAnimations().every((each) => each.playState !== 'running')")
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[:200]}" for one in found]


@pytest.fixture(scope="module")
def job_and_key(stack: Stack) -> tuple[str, str]:
    """A recording, transcribed soon, and the key of its client."""
    key = Keys(stack.store()).create("axe", now=time.time()).key
    return made_job(stack, key), key


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_view(visits: Visits, job_and_key: tuple[str, str], language: str, theme: str, phone: bool):
    job, key = job_and_key
    found: dict[str, list[str]] = {}
    page = visits.page(language=language, theme=theme, phone=phone)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found["welcome"] = findings(page)
    page.goto(f"{visits.stack.api_url}/#key={key}")
    for view in VIEWS[1:]:
        page.goto("about:blank")
        open_view(page, visits, key, view, job)
        found[view] = findings(page)
    assert {view: rules for view, rules in found.items() if rules} == {}
