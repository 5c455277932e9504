"""What tests of the texts do again and again: send a recording, and look at the page as a screen reader does."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from localstack.stack import ROOT

HEARD_MS = 90_000
"""For a recording to be uploaded, queued and recognised on a busy machine."""

VOICES = ROOT / "demo" / "voices"
SPOKEN = ["meeting", "book", "meeting", "small", "tomorrow", "green", "tomorrow", "seven", "letter", "good"]
"""What the demo model hears in en-1.ogg."""


def send(page: Page, *names: str) -> None:
    """Choose recordings of demo/voices on the first view."""
    page.locator("input[type=file]").first.set_input_files([VOICES / name for name in names])


def transcribed(page: Page, name: str) -> Locator:
    """Send a recording, wait for its whole text, and return the words."""
    send(page, name)
    words = page.locator(".text .word")
    expect(page.get_by_role("button", name="Copy", exact=True)).to_be_enabled(timeout=HEARD_MS)
    expect(words.first).to_be_visible()
    return words


def findings(page: Page) -> list[str]:
    """Return what axe finds fault with."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes']]}" for each in found]
