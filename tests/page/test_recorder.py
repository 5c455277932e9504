"""Recording from a microphone that plays a real voice: record → text, and nothing that was spoken is lost."""

import re
import subprocess
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from localstack.stack import Stack
from pisar.adapters.ffmpeg import find_ffmpeg
from tests.support.cut_proxy import CutProxy

from .conftest import ARGUMENTS, CHROMIUM, Visits
from .hearing import HEARD_MS, VOICES, findings
from .modules import ask

SPOKEN = "meeting"
"""A word of the voice that the microphone plays, over and over."""

MICROPHONE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture(scope="module")
def speaking(playwright: Playwright, stack: Stack, proxy: CutProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    """Visits of a browser with a microphone."""
    voice = tmp_path_factory.mktemp("voice") / "voice.wav"
    spoken = VOICES / "en-1.ogg"
    subprocess.run([find_ffmpeg(None), "-v", "error", "-i", spoken, "-ar", "48000", "-ac", "1", voice], check=True)
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, *MICROPHONE, f"--use-file-for-fake-audio-capture={voice}"]
    )
    visits = Visits(browser, stack, proxy)
    yield visits
    problems = visits.close()
    browser.close()
    assert problems == []


@pytest.fixture
def context(speaking: Visits, key: str) -> BrowserContext:
    """A browser that may use its microphone and has a key."""
    context = speaking.context()
    context.grant_permissions(["microphone"])
    page = context.new_page()
    page.goto(f"{speaking.stack.api_url}/#key={key}")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
    page.evaluate("(key) => localStorage.setItem('pisar.key', key)", key)
    page.close()
    return context


@pytest.fixture
def page(context: BrowserContext, speaking: Visits) -> Page:
    return opened(context, speaking)


def opened(context: BrowserContext, visits: Visits) -> Page:
    """Open the page in one more tab."""
    page = context.new_page()
    page.goto(visits.stack.api_url)
    return page


def record(page: Page, seconds: int) -> None:
    """Record for so many seconds."""
    page.get_by_role("button", name="Record", exact=True).click()
    passed(page, seconds)


def passed(page: Page, seconds: int) -> None:
    """Wait until the recording is so long; a busy machine may draw the clock late."""
    later = "|".join(f"{late:02}" for late in range(seconds, seconds + 9))
    expect(page.get_by_role("timer")).to_have_text(re.compile(f"0:({later})"), timeout=30_000)


def left(page: Page) -> int:
    """Return how many recordings the browser keeps, those in use included."""
    count = """async () => {
        const open = await new Promise((go) => { const asked = indexedDB.open("pisar"); asked.onsuccess = () => go(asked.result); });
        const all = open.transaction("recordings").objectStore("recordings").getAllKeys();
        return new Promise((go) => { all.onsuccess = () => { open.close(); go(all.result.length); }; });
    }"""
    return page.evaluate(count)


def test_what_is_spoken_becomes_text(page: Page, speaking: Visits, key: str):
    record(page, 4)
    assert findings(page) == []
    meter = page.get_by_role("meter", name="Level")
    assert meter.get_attribute("aria-valuetext") in {"good", "quiet", "silence", "too loud"}
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    at = page.get_by_role("timer").inner_text()
    page.wait_for_timeout(1500)
    assert page.get_by_role("timer").inner_text() == at
    page.get_by_role("button", name="Go on").click()
    passed(page, 6)
    page.get_by_role("button", name="Done").click()
    said = page.get_by_text(re.compile("^0:[0-9]{2} recorded$"))
    expect(said).to_be_visible()
    seconds = int(said.inner_text()[2:4])
    assert findings(page) == []

    seek = page.get_by_role("slider", name="Position")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(seek).to_have_attribute("aria-valuetext", re.compile("0:02 of "))
    seek.fill("4")
    expect(seek).to_have_attribute("aria-valuetext", re.compile(f"0:05 of 0:0?{seconds}"))

    page.get_by_role("button", name="Transcribe").click()
    expect(page.get_by_role("group", name="Text", exact=True)).to_contain_text(SPOKEN, timeout=HEARD_MS)
    assert left(page) == 0
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    [job] = requests.get(f"{speaking.stack.api_url}/jobs", headers={"X-API-Key": key}, timeout=30).json()["jobs"]
    assert abs(job["duration"] - seconds) < 1.5
    assert job["name"].startswith("Recording 20")
    assert job["name"].endswith(".webm")


def test_a_recording_is_there_again_after_its_tab_was_closed(page: Page, context: BrowserContext, speaking: Visits):
    record(page, 5)
    page.close()
    page = opened(context, speaking)
    offer = page.get_by_role("status").filter(has_text="A recording was not sent")
    expect(offer).to_be_visible()
    assert findings(page) == []
    offer.get_by_role("button", name="Open").click()
    page.get_by_role("button", name="Transcribe").click()
    expect(page.get_by_role("group", name="Text", exact=True)).to_contain_text(SPOKEN, timeout=HEARD_MS)
    assert left(page) == 0


def test_a_recording_that_could_not_be_sent_yet_is_kept(page: Page, context: BrowserContext, speaking: Visits):
    record(page, 2)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Transcribe")).to_be_enabled()
    speaking.watch(context).offline = True
    context.set_offline(True)
    page.get_by_role("button", name="Transcribe").click()
    expect(page.get_by_role("button", name="Transcribe")).to_have_count(0)
    page.close()
    context.set_offline(False)
    page = opened(context, speaking)
    expect(page.get_by_role("status").filter(has_text="A recording was not sent")).to_be_visible()


def test_a_recording_is_discarded_only_once_that_is_confirmed(page: Page):
    record(page, 2)
    page.get_by_role("button", name="Discard").click()
    assert findings(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    passed(page, 4)
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.get_by_role("timer")).to_have_count(0)
    assert left(page) == 0


def test_a_microphone_that_is_pulled_out_loses_nothing(page: Page):
    page.evaluate(
        """() => {
            const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (wish) => (globalThis.stream = await ask(wish));
        }"""
    )
    record(page, 2)
    page.evaluate("stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.get_by_text("The microphone went away")).to_be_visible()
    expect(page.get_by_role("button", name="Transcribe")).to_be_enabled()


def test_a_chosen_microphone_is_remembered(page: Page, context: BrowserContext, speaking: Visits):
    record(page, 1)
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    choice = page.get_by_role("combobox", name="Microphone")
    others = choice.locator("option").all_inner_texts()
    choice.select_option(label=others[-1])
    page.close()
    page = opened(context, speaking)
    assert ask(page, "recorder.js", "() => localStorage.getItem('pisar.microphone')") not in {None, "default"}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError') }",
            "The microphone is not allowed",
        ),
        ("", "There is no microphone"),
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('held', 'NotReadableError') }",
            "The microphone is in use",
        ),
        ("Object.defineProperty(globalThis, 'isSecureContext', {value: false})", "The browser gives no microphone here"),
        ("delete globalThis.MediaRecorder", "This browser can't record"),
    ],
)
def test_a_microphone_that_is_not_to_be_had_is_said_in_words(visits: Visits, key: str, script: str, said: str):
    page = visits.context().new_page()
    page.add_init_script(script)
    page.goto(f"{visits.stack.api_url}/#key={key}")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(said)
    assert findings(page) == []
