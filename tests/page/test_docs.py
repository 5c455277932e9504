"""`/docs` in a real browser: every operation is opened, tried as it stands, and answered as it is described.

A newcomer fills what is required and presses Execute. Whatever else Swagger UI sends then is our description's doing: its examples,
its defaults, and an empty text for each field of a form that nobody filled.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, Response

from localstack.stack import ROOT, Stack
from tests.faults.conftest import SPOKEN, VOICES, eventually

from .conftest import Watch

DOCUMENT: dict[str, Any] = json.loads((ROOT / "src" / "pisar" / "web" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
ANSWER_MILLISECONDS = 60_000
VOICE = "en-2.ogg"


@dataclass(frozen=True)
class Client:
    """What a program has done before a person tries an operation."""

    url: str
    key: str

    def call(self, method: str, path: str, **how: Any) -> requests.Response:
        answer = requests.request(method, self.url + path, headers={"X-API-Key": self.key}, timeout=60, **how)
        answer.raise_for_status()
        return answer

    def job(self, **options: Any) -> dict[str, Any]:
        """Make a job that awaits its upload."""
        made: dict[str, Any] = self.call("POST", "/jobs", json=options).json()
        return made

    def job_with_all_parts(self) -> dict[str, Any]:
        """Make a job whose parts have all come, and whose upload is not completed."""
        voice = (VOICES / VOICE).read_bytes()
        job = self.job(bytes=len(voice))
        for part in job["upload"]["parts"]:
            requests.put(part["url"], data=voice, timeout=60).raise_for_status()
        return job

    def finished_job(self) -> dict[str, Any]:
        """Make a job, upload a voice, and return the job once it is done."""
        job = self.job()
        with (VOICES / VOICE).open("rb") as audio:
            requests.post(job["upload"]["url"], data=job["upload"]["fields"], files={"file": audio}, timeout=60).raise_for_status()
        return eventually(lambda: self._if_done(job["id"]), "a job that is done")

    def shared_job(self) -> tuple[str, str]:
        """Make a job that is done and whose text is shared, and return its id and the token."""
        this = self.finished_job()["id"]
        return this, self.call("POST", f"/jobs/{this}/share", json={}).json()["token"]

    def _if_done(self, job_id: str) -> dict[str, Any] | None:
        job: dict[str, Any] = self.call("GET", f"/jobs/{job_id}").json()
        return job if job["state"] == "done" else None


FIRST: dict[str, Callable[[Client], dict[str, str]]] = {
    "getJob": lambda client: {"id": client.job()["id"]},
    "deleteJob": lambda client: {"id": client.job()["id"]},
    "getUpload": lambda client: {"id": client.job()["id"]},
    "completeUpload": lambda client: {"id": client.job_with_all_parts()["id"]},
    "getShare": lambda client: {"id": client.shared_job()[0]},
    "getShared": lambda client: {"X-Share-Token": client.shared_job()[1]},
}
"""What has to be made before an operation is tried, as the values of its parameters; of any other of a job, a job that is done."""


def first(name: str, client: Client) -> dict[str, str]:
    """Make what has to be there before an operation is tried, and return the values of its parameters."""
    if name in FIRST:
        return FIRST[name](client)
    return {"id": client.finished_job()["id"]} if OPERATIONS[name][1].startswith("/jobs/{id}") else {}


class Tried:
    """One operation on the page, opened to be tried."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self._method, path, operation = OPERATIONS[name]
        self._path = re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path))
        self.block: Locator = page.locator(f"#operations-{operation['tags'][0]}-{name}")
        self.block.locator(".opblock-summary-control").click()
        self.block.locator(".try-out__btn:not(.reset)").click()

    def fill(self, parameters: dict[str, str]) -> None:
        for name, value in parameters.items():
            self.block.locator(f"tr[data-param-name={json.dumps(name)}] input").fill(value)

    def choose(self, file: Path) -> None:
        """Choose the recording where the form wants one."""
        for field in self.block.locator("input[type=file]").all():
            field.set_input_files(file)

    def select(self, field: str, *values: str) -> None:
        """Select the values of a form's field."""
        row = self.block.locator("tr.parameters").filter(has=self.page.locator(".parameter__name").get_by_text(field, exact=True))
        row.locator("select").select_option(list(values))

    def execute(self) -> Response:
        """Press Execute, and return the answer to what the browser has sent once the page shows its status."""
        with self.page.expect_response(self._is_ours, timeout=ANSWER_MILLISECONDS) as answered:
            self.block.locator(".execute").click()
        answer = answered.value
        shown = self.block.locator(".live-responses-table tr.response td.response-col_status").first
        shown.wait_for(timeout=ANSWER_MILLISECONDS)
        assert shown.inner_text().split()[0] == str(answer.status)
        return answer

    def _is_ours(self, answer: Response) -> bool:
        return answer.request.method == self._method and self._path.fullmatch(urlsplit(answer.url).path) is not None

    def close(self) -> None:
        """End the trial, take what was filled away, and fold the operation up: a page with all of them open is slow."""
        for reset in self.block.locator(".try-out__btn.reset").all():
            reset.click()
        self.block.locator(".try-out__btn.cancel").click()
        self.block.locator(".opblock-summary-control").click()


class Docs:
    """The page, opened with a key."""

    def __init__(self, page: Page, client: Client) -> None:
        self.page, self.client = page, client
        page.goto(f"{client.url}/docs")
        page.locator(".opblock").first.wait_for()
        self._authorize(client.key)

    def _authorize(self, key: str) -> None:
        self.page.locator(".btn.authorize").click()
        dialog = self.page.locator(".modal-ux")
        for field in dialog.locator("input").all():
            field.fill(key)
        while (buttons := dialog.locator("button[type=submit]")).count():
            buttons.first.click()
        dialog.locator(".close-modal").click()

    def operations(self) -> list[str]:
        """Return the names of the operations that the page shows."""
        return [shown.rpartition("-")[2] for shown in self.page.locator(".opblock").evaluate_all("blocks => blocks.map(one => one.id)")]


@pytest.fixture(scope="module")
def docs(browser: Browser, stack: Stack) -> Iterator[Docs]:
    """One page for all tests: it takes seconds to open, and keeps what is typed to the operation where it was typed."""
    context = browser.new_context(viewport={"width": 1300, "height": 1400})
    watch = Watch({urlsplit(stack.api_url).netloc})
    watch.follow(context)
    yield Docs(context.new_page(), Client(stack.api_url, stack.api_key))
    context.close()
    assert watch.problems == []


@pytest.fixture
def tried(docs: Docs) -> Iterator[Callable[[str], Tried]]:
    opened: list[Tried] = []

    def trial(name: str) -> Tried:
        opened.append(Tried(docs.page, name))
        return opened[-1]

    yield trial
    for one in opened:
        one.close()


def test_the_page_shows_every_operation(docs: Docs):
    assert sorted(docs.operations()) == sorted(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_succeeds_as_it_stands_once_what_is_required_is_filled(docs: Docs, tried: Callable[[str], Tried], name: str):
    trial = tried(name)
    trial.fill(first(name, docs.client))
    trial.choose(VOICES / VOICE)
    answer = trial.execute()
    assert answer.ok, answer.text()
    assert str(answer.status) in OPERATIONS[name][2]["responses"]


@pytest.mark.parametrize(("name", "field"), [("transcribe", "transcription"), ("createTranscription", "text")])
def test_a_chosen_recording_is_answered_with_its_text(tried: Callable[[str], Tried], name: str, field: str):
    trial = tried(name)
    trial.choose(VOICES / VOICE)
    assert trial.execute().json()[field] == SPOKEN[VOICE]


def test_both_granularities_are_answered_with_words_and_segments(tried: Callable[[str], Tried]):
    trial = tried("createTranscription")
    trial.choose(VOICES / VOICE)
    trial.select("response_format", "verbose_json")
    trial.select("timestamp_granularities[]", "segment", "word")
    answer = trial.execute()
    assert answer.ok, answer.text()
    assert [word["word"] for word in answer.json()["words"]] == SPOKEN[VOICE].split()
    assert " ".join(segment["text"].strip() for segment in answer.json()["segments"]) == SPOKEN[VOICE]


def test_a_job_made_as_the_page_shows_is_nobody_elses_and_calls_nobody(tried: Callable[[str], Tried]):
    trial = tried("createJob")
    first, second = trial.execute(), trial.execute()
    assert [answer.status for answer in (first, second)] == [201, 201]
    assert first.json()["id"] != second.json()["id"]
    assert "idempotency-key" not in first.request.all_headers()
    assert first.json()["callback_url"] is None
