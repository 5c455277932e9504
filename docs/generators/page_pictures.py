"""Takes the pictures of the page: `python -m docs.generators.page_pictures docs/images`, in Debian's Chromium over the local cloud.

Each shows a view as it is, with the demonstration's sentences: on a desktop in English and light, on a phone in Russian and dark.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from localstack.demo import SENTENCES
from localstack.stack import Stack, StackConfig
from pisar.adapters.model_files import locate_model
from pisar.state.api_keys import Keys
from pisar.wiring.environment import read
from pisar.wiring.settings import Recognising

CHROMIUM = "/usr/bin/chromium"
DESKTOP: dict[str, Any] = {"viewport": {"width": 960, "height": 680}, "locale": "en-GB", "color_scheme": "light"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 720},
    "device_scale_factor": 1.5,
    "locale": "ru-RU",
    "color_scheme": "dark",
    "is_mobile": True,
    "has_touch": True,
}
PATIENCE_SECONDS = 120
NAMES = {"ru-1.ogg": "По дороге домой.ogg", "ru-2.ogg": "Встреча.ogg", "en-1.ogg": "Meeting.ogg", "en-2.ogg": "Voice note.ogg"}
TIMEOUT_MS = 120_000


def made(stack: Stack, key: str, voice: str) -> str:
    """Have a voice transcribed, and return its job's id."""
    headers, body = {"X-API-Key": key}, {"name": NAMES[voice], "language": voice[:2]}
    job = requests.post(f"{stack.api_url}/jobs", json=body, headers=headers, timeout=60).json()
    upload = job["upload"]
    requests.post(upload["url"], data=upload["fields"], files={"file": (SENTENCES / voice).read_bytes()}, timeout=60).raise_for_status()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while requests.get(f"{stack.api_url}/jobs/{job['id']}", headers=headers, timeout=60).json()["state"] != "done":
        if time.monotonic() > deadline:
            raise TimeoutError(f"{voice} has no text after {PATIENCE_SECONDS} s")
        time.sleep(0.5)
    return str(job["id"])


def take(browser: Browser, device: dict[str, Any], address: str, path: Path, prepare: Callable[[Page], None]) -> None:
    """Open an address, bring the page to a view and take its picture."""
    context = browser.new_context(**device, reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("!location.hash.startsWith('#key')")
    if (close := page.locator(".toast button").last).count():
        close.click()
    prepare(page)
    page.screenshot(path=path, animations="disabled", caret="hide")
    context.close()


def shows_text(page: Page) -> None:
    """Wait for the text of a job."""
    expect(page.locator(".word").first).to_be_visible(timeout=TIMEOUT_MS)


def main(folder: Path) -> None:
    """Take all of them."""
    recognising = read(os.environ, Recognising)
    model = locate_model(recognising.model, cache=recognising.model_cache, base_url=recognising.model_url, progress=True)
    with Stack(StackConfig(model=str(model))) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        key = Keys(stack.store()).create("Marina", now=time.time(), minutes_per_day=60).key
        jobs = {voice: made(stack, key, voice) for voice in NAMES}

        def at(place: str) -> Callable[[Page], None]:
            def go(page: Page) -> None:
                page.goto(f"{stack.api_url}/{place}")
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                page.wait_for_load_state("networkidle")

            return go

        def text(voice: str) -> Callable[[Page], None]:
            def go(page: Page) -> None:
                at(f"#/jobs/{jobs[voice]}")(page)
                shows_text(page)
                page.locator("input[type=file]").last.set_input_files(SENTENCES / voice)
                expect(page.get_by_role("slider")).to_be_visible(timeout=TIMEOUT_MS)

            return go

        entry = f"{stack.api_url}/#key={key}"
        for name, device, prepare in (
            ("new", DESKTOP, at("#/")),
            ("text", DESKTOP, text("en-1.ogg")),
            ("new-phone", PHONE, at("#/")),
            ("text-phone", PHONE, text("ru-1.ogg")),
            ("jobs-phone", PHONE, at("#/jobs")),
        ):
            take(browser, device, entry, folder / f"page-{name}.png", prepare)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
