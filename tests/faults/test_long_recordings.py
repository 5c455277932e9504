"""A long recording over two transcribers: the uncut recording's text, once, though a transcriber dies at any step of the way."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from localstack.faults import Action
from localstack.stack import Stack
from pisar.bot.texts import TEXTS
from pisar.domain.bucket import PARTS
from pisar.domain.jobs import Outcome, part_id
from tests.support.recordings import Recording, lecture

from .conftest import TIMES, Cloud, eventually, running

pytestmark = pytest.mark.slow

SECONDS = 40.0
CUT = {"PISAR_WHOLE_MINUTES": "0.2", "PISAR_PART_MINUTES": "0.15", "PISAR_PARTS_AT_ONCE": "2", "PISAR_REUSE_HOURS": "0"}
LEDGER, RECORD, AUDIO, TRANSCRIPT = f"/{PARTS}", "/jobs/", "/audio/", "/texts/"

STEPS = [
    ("ledger opened", "after", {"method": "PUT", "path": LEDGER}),
    ("part's record laid down", "after", {"method": "PUT", "path": RECORD, "skip": 3}),
    ("part queued", "before", {"path": "SendMessage"}),
    ("ledger closed or a part noted", "after", {"method": "PUT", "path": LEDGER, "skip": 2}),
    ("part's transcript stored", "before", {"method": "PUT", "path": TRANSCRIPT, "skip": 1}),
    ("all done", "after", {"method": "PUT", "path": LEDGER, "skip": 5}),
    ("ledger erased", "after", {"method": "DELETE", "path": LEDGER}),
]


def name(step: tuple[str, str, dict[str, object]]) -> str:
    return f"{step[1]}-{step[0].replace(' ', '-')}"


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Stack]:
    yield from running(replace(TIMES, transcribers=2, settings=TIMES.settings | CUT))


@pytest.fixture
def cloud(two_workers: Stack) -> Iterator[Cloud]:
    cloud = Cloud(two_workers)
    yield cloud
    cloud.clear()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return lecture(SECONDS, tmp_path_factory.mktemp("lecture"))


@pytest.fixture(scope="module")
def uncut(two_workers: Stack, talk: Recording) -> str:
    """What the same engine says of the recording in one piece: a request is never cut."""
    answer = requests.post(
        f"{two_workers.api_url}/transcribe",
        headers={"X-API-Key": two_workers.api_key},
        files={"file": ("a.ogg", talk.audio)},
        data={"response_format": "text"},
        timeout=120,
    )
    answer.raise_for_status()
    assert answer.status_code == 200, answer.text
    return answer.text.replace("\n", " ").strip()


def send(cloud: Cloud, talk: Recording) -> None:
    cloud.send_document("talk.ogg", "audio/ogg", talk.audio)


def assert_nothing_is_left(cloud: Cloud) -> None:
    store = cloud.stack.store()
    # A part under way erases itself when it comes to its end, which may be after the whole's.
    texts = {f"texts/{part_id(cloud.job_id, number)}.json" for number in range(20)}
    left = ("audio/", PARTS, "texts/")
    eventually(lambda: not [key for prefix in left for key in store.keys(prefix) if prefix != "texts/" or key in texts], "nothing left")


def test_a_long_recording_says_what_it_says_uncut(cloud: Cloud, talk: Recording, uncut: str):
    send(cloud, talk)
    cloud.assert_answered_once(uncut)
    job = cloud.settle()
    assert job.parts is not None
    assert job.parts >= 4
    assert job.audio_seconds == pytest.approx(talk.seconds, abs=1)
    workers = {line.get("instance") for line in cloud.stack.logs.lines(message="recognised")}
    assert len(workers) >= 1
    assert_nothing_is_left(cloud)


@pytest.mark.parametrize("step", STEPS, ids=name)
def test_a_transcriber_killed_on_the_way(cloud: Cloud, talk: Recording, uncut: str, step: tuple[str, str, dict[str, object]]):
    _, when, request = step
    cloud.spoil_storage(Action.KILL, when=when, pids=cloud.pids("transcriber"), caller="app/transcriber", **request)
    send(cloud, talk)
    cloud.assert_answered_once(uncut)
    assert len(cloud.stack.storage.fired()) == 1
    assert_nothing_is_left(cloud)


def test_a_cancelled_recording_stops_its_parts(cloud: Cloud, talk: Recording):
    cloud.spoil_storage(Action.HANG, method="PUT", path=TRANSCRIPT, caller="app/transcriber", seconds=3)
    send(cloud, talk)
    eventually(cloud.stack.storage.fired, "a part that is nearly done")
    cloud.stack.telegram.text(cloud.chat, "/cancel", language_code="ru")
    assert cloud.settle().outcome is Outcome.CANCELLED
    assert_nothing_is_left(cloud)
    assert TEXTS["ru"]["cancelled"] in [message.now.text for message in cloud.stack.telegram.answers(cloud.chat)]
