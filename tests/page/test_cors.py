"""A program in a page of another origin, in Debian's Chromium: it is answered where the owner named its origin, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from localstack.stack import Stack, StackConfig
from tests.faults.conftest import SPOKEN, VOICES

VOICE = "en-2.ogg"
BY_FORM = ("/transcribe", "/v1/audio/transcriptions")
ASK = """async ([url, key, method]) => {
  const headers = key ? { "X-API-Key": key } : {};
  let body;
  if (method === "POST") {
    body = new FormData();
    body.append("file", await (await fetch("/voice.ogg")).blob(), "voice.ogg");
  }
  try {
    const answer = await fetch(url, { method, headers, body });
    return { status: answer.status, text: await answer.text(), id: answer.headers.get("X-Transcript-Id") };
  } catch (error) {
    return { blocked: error.message };
  }
}"""


@contextmanager
def foreign_site(folder: Path) -> Iterator[str]:
    """Serve a page and a recording from an origin of their own."""
    (folder / "index.html").write_text("<!DOCTYPE html><title>Somebody's program</title>")
    (folder / "voice.ogg").write_bytes((VOICES / VOICE).read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with foreign_site(tmp_path_factory.mktemp("site")) as origin:
        yield origin


@pytest.fixture(scope="module")
def foreign(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(site)
    yield page
    context.close()


@pytest.fixture(scope="module")
def named(site: str) -> Iterator[Stack]:
    """A deployment whose owner named that origin."""
    with Stack(StackConfig(settings={"PISAR_CORS_ORIGINS": site})) as stack:
        yield stack


def ask(page: Page, url: str, key: str | None = None, method: str = "GET") -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(ASK, [url, key, method])
    return answer


@pytest.mark.parametrize("path", BY_FORM)
def test_a_page_that_was_named_gets_its_text(foreign: Page, named: Stack, path: str):
    answer = ask(foreign, named.api_url + path, named.api_key, "POST")
    assert answer["status"] == 200
    assert SPOKEN[VOICE] in answer["text"]
    assert answer["id"], "the header by which the text can be erased"


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/v1/models", "/jobs"])
def test_a_page_that_was_named_may_read_the_rest_too(foreign: Page, named: Stack, path: str):
    assert ask(foreign, named.api_url + path, named.api_key)["status"] == 200


@pytest.mark.parametrize(("path", "key", "status"), [("/jobs", "wrong", 403), ("/jobs", None, 401), ("/nowhere", None, 404)])
def test_a_page_that_was_named_sees_why_it_is_refused(foreign: Page, named: Stack, path: str, key: str | None, status: int):
    assert ask(foreign, named.api_url + path, key)["status"] == status


@pytest.mark.parametrize("path", [*BY_FORM, "/jobs", "/healthz"])
def test_a_page_that_nobody_named_is_told_nothing(foreign: Page, stack: Stack, path: str):
    answer = ask(foreign, stack.api_url + path, stack.api_key, "POST" if path in BY_FORM else "GET")
    assert list(answer) == ["blocked"]
