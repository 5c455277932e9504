"""The page in Debian's Chromium, over a local cloud: one stack and one browser for all tests, a context of its own for each.

A test fails for an error on the console, for what the page's policy forbids, and for a request to any host but the stack's.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from localstack.stack import Stack, StackConfig
from pisar.state.api_keys import Keys
from tests.support.cut_proxy import CutProxy

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",  # of root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing but the stack can be reached
]
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
TIMEOUT_MS = 30_000
"""For one step of a test: recognition waits for a busy machine."""

ANSWERED = "Failed to load resource: the server responded with a status of 4"
"""Chromium writes this for every refusal, a wrong key's too: what the page makes of it is what counts."""
BROKEN = "Failed to load resource: net::ERR_"

NAMES = count(1)

expect.set_options(timeout=TIMEOUT_MS)


@dataclass
class Watch:
    """What went wrong in a context. `offline`: a connection is broken on purpose."""

    hosts: set[str]
    problems: list[str] = field(default_factory=list)
    offline: bool = False

    def follow(self, context: BrowserContext) -> None:
        """Note what goes wrong on every page of the context."""
        context.on("console", lambda message: self._said(message.type, message.text))
        context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._asked(request.url))

    def _said(self, kind: str, text: str) -> None:
        broken = self.offline and (BROKEN in text or "status of 5" in text)
        if (kind == "error" and ANSWERED not in text and not broken) or "Content Security Policy" in text:
            self.problems.append(f"console: {text}")

    def _asked(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in {"data", "blob"} and address.netloc not in self.hosts:
            self.problems.append(f"a request to {address.scheme}://{address.netloc}")


class Visits:
    """Opens the page as people do. Each visit has a browser context of its own, closed and looked at when the test ends."""

    def __init__(self, browser: Browser, stack: Stack, proxy: CutProxy) -> None:
        self.stack = stack
        self._browser = browser
        self._hosts = {urlsplit(stack.api_url).netloc, urlsplit(proxy.url).netloc}
        self._open: list[tuple[BrowserContext, Watch]] = []

    def context(self, *, language: str = "en", theme: str = "light", phone: bool = False, **options: Any) -> BrowserContext:
        """Return a new context: a browser without memory, in a language ("en", "ru") and a theme ("light", "dark")."""
        locale = {"en": "en-GB", "ru": "ru-RU"}[language]
        context = self._browser.new_context(
            **{"locale": locale, "color_scheme": theme, "reduced_motion": "reduce", **(PHONE if phone else DESKTOP), **options}
        )
        context.set_default_timeout(TIMEOUT_MS)
        watch = Watch(self._hosts)
        watch.follow(context)
        self._open.append((context, watch))
        return context

    def watch(self, context: BrowserContext) -> Watch:
        """Return what watches the context."""
        return next(watch for known, watch in self._open if known is context)

    def page(self, path: str = "/", *, key: str | None = None, **how: Any) -> Page:
        """Open an address of the page in a new context, with a key in the address as an owner hands it out, if one is given."""
        page = self.context(**how).new_page()
        if key is not None:
            page.goto(f"{self.stack.api_url}/#key={key}")
            page.wait_for_function("!location.hash.includes('key')")
        if key is None or path != "/":
            page.goto(f"{self.stack.api_url}{path}")
        return page

    def close(self) -> list[str]:
        """Close every context and return what went wrong in them."""
        for context, _ in self._open:
            context.close()
        return [problem for _, watch in self._open for problem in watch.problems]


@pytest.fixture(scope="session")
def proxy() -> Iterator[CutProxy]:
    """What stands between the browser and the storage, and breaks when told to."""
    with CutProxy() as proxy:
        yield proxy


@pytest.fixture(scope="session")
def stack(proxy: CutProxy) -> Iterator[Stack]:
    settings = {"PISAR_THREADS": "2", "PISAR_UPLOAD_URL": proxy.url}
    with Stack(StackConfig(settings=settings)) as stack:
        proxy.leads_to(stack.storage_url)
        stack.warm_up()
        yield stack


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def visits(browser: Browser, stack: Stack, proxy: CutProxy) -> Iterator[Visits]:
    """Opens pages; fails the test for what went wrong in them."""
    visits = Visits(browser, stack, proxy)
    yield visits
    assert visits.close() == []


@pytest.fixture
def key(new_key: Callable[..., str]) -> str:
    """The key of a client of its own, who has no jobs yet."""
    return new_key()


@pytest.fixture
def new_key(stack: Stack) -> Callable[..., str]:
    """Make the key of a new client, by the options of `Keys.create`."""
    return lambda **options: Keys(stack.store()).create(f"page-{next(NAMES)}", now=time.time(), **options).key


@pytest.fixture
def page(visits: Visits, key: str) -> Page:
    """The page on a desktop, in English, with a good key."""
    return visits.page(key=key)


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the recordings that tests make."""
    return tmp_path_factory.mktemp("sounds")
