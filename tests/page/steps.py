"""What people do on the page, step by step."""

import re
from pathlib import Path

import requests
from playwright.sync_api import Locator, Page, expect

from localstack.stack import ROOT, Stack

VOICES = ROOT / "demo" / "voices"
VOICE = VOICES / "ru-1.ogg"
SPOKEN = "два хлеб вода вчера белый шесть"
"""What is said in it."""

FILES = "input[type=file][multiple]:not([webkitdirectory])"


def drop(page: Page, *paths: Path) -> None:
    """Drop files or folders onto the page as the desktop does."""
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": step, "x": 640, "y": 300, "data": data})


def choose(page: Page, *paths: Path) -> None:
    """Choose files in the page's dialog."""
    page.locator(FILES).set_input_files(list(paths))


def text_of(page: Page) -> Locator:
    """Return the element that shows a transcript."""
    return page.get_by_role("group", name=re.compile("^(Text|Текст)$"))


def expect_text(page: Page, words: str = SPOKEN) -> None:
    """Wait until the page shows a text with these words."""
    expect(text_of(page)).to_contain_text(words, ignore_case=True)


def made_job(stack: Stack, key: str, audio: Path = VOICE, *, name: str = "note.ogg") -> str:
    """Have a recording transcribed through the API, and return its job's id."""
    headers = {"X-API-Key": key}
    job = requests.post(f"{stack.api_url}/jobs", json={"name": name}, headers=headers, timeout=60).json()
    upload = job["upload"]
    requests.post(upload["url"], data=upload["fields"], files={"file": (name, audio.read_bytes())}, timeout=60).raise_for_status()
    return str(job["id"])


def finished_job(page: Page, stack: Stack, key: str, *, name: str = "note.ogg") -> str:
    """Open a finished job that was made through the API; return its id."""
    job = made_job(stack, key, name=name)
    page.goto(f"{stack.api_url}/#/jobs/{job}")
    expect_text(page)
    return job


def begun_elsewhere(stack: Stack, key: str, audio: Path) -> str:
    """Make a job whose upload in parts nobody goes on with; return its id."""
    body = {"name": audio.name, "bytes": audio.stat().st_size}
    made = requests.post(f"{stack.api_url}/jobs", json=body, headers={"X-API-Key": key}, timeout=60)
    made.raise_for_status()
    return str(made.json()["id"])
