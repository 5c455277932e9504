"""The self-hosted API while its engine is busy: callers who hang up, callers who wait, and all that needs no engine.

The connections are real, and so is the engine; it works on talks for many seconds.
"""

import http.client
import io
import json
import os
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import requests

from localstack.stack import ROOT
from pisar.adapters.clock import SystemClock
from pisar.adapters.decoder import FfmpegDecoder
from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits
from pisar.state.api_keys import Keys
from pisar.state.engine_speed import Pace
from tests.support.brokers import free_port
from tests.support.composed import without_others_secrets

from .conftest import Surroundings

pytestmark = pytest.mark.slow

READY_SECONDS = 120
WAIT_SECONDS = 6
ROOM_SECONDS = 15.0
"""What a loaded machine may take beyond the time that is promised."""
VOICE = (ROOT / "demo" / "voices" / "ru-1.ogg").read_bytes()
TALKS = count(1)


@dataclass(frozen=True)
class Api:
    """A running API."""

    port: int
    key: str
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, path: str, audio: bytes, key: str | None = None, **fields: str) -> http.client.HTTPConnection:
        """Send a form over a connection of its own, and do not wait for the answer."""
        form = requests.Request("POST", self.url + path, files={"file": ("a.wav", audio)}, data=fields).prepare()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", path, form.body, {"Content-Type": form.headers["Content-Type"], "X-API-Key": key or self.key})
        return connection

    def post(self, path: str, audio: bytes, **fields: str) -> requests.Response:
        return requests.post(self.url + path, headers={"X-API-Key": self.key}, files={"file": ("a.wav", audio)}, data=fields, timeout=120)

    def now(self) -> int:
        """Return how much is logged."""
        return self.log.stat().st_size

    def logged(self, message: str, *, since: int) -> int:
        return self.log.read_bytes()[since:].count(f'"{message}"'.encode())

    def until(self, message: str, *, since: int, times: int = 1, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while self.logged(message, since=since) < times:
            assert time.monotonic() < deadline, f"{message} was not logged {times} times: {self.log.read_text()[since:]}"
            time.sleep(0.02)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keep the engine and both turns busy with two talks, and let go of them at the end."""
        since = self.now()
        talks = [self.send("/v1/audio/transcriptions", a_talk(200)) for _ in range(2)]
        self.until("listened", since=since, times=2)
        yield
        for talk in talks:
            talk.close()


def a_talk(seconds: int) -> bytes:
    """Return so much speech as a file, which no other call returns."""
    sound = FfmpegDecoder().decode(VOICE, AudioLimits(max_bytes=2**20, max_seconds=60))
    samples = np.tile((sound * 32767).astype("<i2"), seconds * SAMPLE_RATE_HZ // len(sound))
    samples[:1] = next(TALKS)
    file = io.BytesIO()
    with wave.open(file, "wb") as talk:
        talk.setnchannels(1)
        talk.setsampwidth(2)
        talk.setframerate(SAMPLE_RATE_HZ)
        talk.writeframes(samples.tobytes())
    return file.getvalue()


@contextmanager
def running(surroundings: Surroundings, log: Path, reuse_hours: str) -> Iterator[Api]:
    port = free_port()
    ours = {
        "PORT": str(port),
        "PATH": os.environ["PATH"],
        "PISAR_BROKER_URL": "sqs://",
        "PISAR_PIECE_SECONDS": "2",
        "PISAR_REUSE_HOURS": reuse_hours,
        "PISAR_WAIT_SECONDS": str(WAIT_SECONDS),
    }
    environment = without_others_secrets("api", surroundings.settings["transcriber"]) | ours
    store = surroundings.store()
    for _ in range(50):  # by what was measured any talk takes no time, so that none becomes a job before the engine has begun
        Pace(store, SystemClock()).note(engine_seconds=0.001, speech_seconds=1000)
    with log.open("wb") as output:
        command = [sys.executable, str(ROOT / "containers" / "transcriber" / "app.py")]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        api = Api(port, Keys(store).create("works", now=time.time(), minutes_per_day=100_000).key, log)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with suppress(requests.ConnectionError):
                requests.get(f"{api.url}/healthz", timeout=10)
                break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "it did not listen"
            time.sleep(0.05)
        yield api
    finally:
        process.kill()
        process.wait(60)


@pytest.fixture(scope="module")
def api(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running(surroundings, tmp_path_factory.mktemp("api") / "log", "24") as api:
        yield api


@pytest.fixture(scope="module")
def forgetful(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API that keeps nothing, so that its engine is free as soon as those who keep it busy hang up."""
    with running(surroundings, tmp_path_factory.mktemp("forgetful") / "log", "0") as api:
        yield api


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/transcribe", {}), ("/v1/audio/transcriptions", {}), ("/v1/audio/transcriptions", {"stream": "true"})],
    ids=["ours", "openai", "streamed"],
)
def test_what_has_begun_goes_on_when_its_caller_hangs_up_and_who_asks_again_has_its_text(api: Api, path: str, fields: dict[str, str]):
    talk, since = a_talk(16), api.now()
    connection = api.send(path, talk, **fields)
    api.until("listened", since=since)
    connection.close()
    api.until("the caller hung up; the transcription goes on, and its text is kept", since=since, seconds=20)
    while (again := api.post("/v1/audio/transcriptions", talk)).status_code == 503:  # it waits with the others, for so long
        assert int(again.headers["Retry-After"]) >= 1
    assert (again.status_code, len(again.json()["text"]) > 10) == (200, True), again.text
    assert api.logged("recognised", since=since) == 1, "it was transcribed twice"
    assert api.post("/transcribe", talk).status_code == 200
    assert api.logged("recognised", since=since) == 1
    assert b"Traceback" not in api.log.read_bytes()[since:]


def test_many_who_ask_for_the_same_have_it_transcribed_once(api: Api):
    talk, since = a_talk(10), api.now()
    connections = [api.send("/v1/audio/transcriptions", talk) for _ in range(8)]
    answers = {(answer.status, json.loads(answer.read()).get("text")) for answer in (one.getresponse() for one in connections)}
    assert len(answers - {(503, None)}) == 1  # the others have waited for as long as the owner says
    assert api.logged("recognised", since=since) == 1


def test_who_hangs_up_while_others_have_the_engine_is_not_waited_for(forgetful: Api):
    since = forgetful.now()
    with forgetful.busy():
        waiting = forgetful.send("/v1/audio/transcriptions", a_talk(30))
        time.sleep(1.0)
        waiting.close()
        forgetful.until("ended, since nobody waits for it", since=since, seconds=20)
        assert forgetful.logged("listened", since=since) == 2


def test_wait_is_kept_to_while_others_have_the_engine(forgetful: Api):
    with forgetful.busy():
        began = time.monotonic()
        answer = forgetful.post("/transcribe", a_talk(30), wait="2")
        took = time.monotonic() - began
    assert (answer.status_code, answer.json()["state"]) == (202, "queued"), answer.text
    assert answer.headers["Location"] == f"/jobs/{answer.json()['id']}"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert 1.9 < took < 2 + ROOM_SECONDS


def test_wait_is_kept_to_while_the_engine_works_on_it_and_its_job_finds_what_was_begun(api: Api):
    talk, since = a_talk(60), api.now()
    began = time.monotonic()
    answer = api.post("/transcribe", talk, wait="6")
    took = time.monotonic() - began
    assert (answer.status_code, api.logged("recognised", since=since)) == (202, 0), answer.text
    assert 5.9 < took < 6 + ROOM_SECONDS
    api.until("recognised", since=since)
    known = api.post("/v1/audio/transcriptions", talk)
    assert (known.status_code, api.logged("recognised", since=since)) == (200, 1)
    assert api.logged("queued", since=since) == 1


@pytest.mark.parametrize("fields", [{}, {"stream": "true"}])
def test_openais_face_which_has_no_jobs_waits_no_longer_than_the_owner_says_for_the_engine(forgetful: Api, fields: dict[str, str]):
    with forgetful.busy():
        began = time.monotonic()
        answer = forgetful.post("/v1/audio/transcriptions", a_talk(30), **fields)
        took = time.monotonic() - began
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "try_again"), answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert WAIT_SECONDS - 0.1 < took < WAIT_SECONDS + ROOM_SECONDS


LIGHT = [
    ("GET", "/healthz", True, 200),
    ("GET", "/openapi.json", True, 200),
    ("GET", "/", True, 200),
    ("GET", "/jobs", True, 200),
    ("POST", "/jobs", True, 201),
    ("GET", "/v1/models", True, 200),
    ("GET", "/jobs", False, 401),
    ("POST", "/transcribe", False, 401),
    ("POST", "/v1/audio/transcriptions", False, 401),
]


def test_what_needs_no_engine_waits_for_none(forgetful: Api):
    """One recording is transcribed, one is decoded, and threescore uploads wait: more than there are threads for other things."""
    since = forgetful.now()
    with forgetful.busy():
        crowd = [forgetful.send("/v1/audio/transcriptions", a_talk(8)) for _ in range(60)]
        time.sleep(1.0)
        took = {}
        for method, path, keyed, status in LIGHT:
            began = time.monotonic()
            answer = requests.request(method, forgetful.url + path, headers={"X-API-Key": forgetful.key if keyed else "wrong"}, timeout=60)
            took[f"{method} {path} {status}"] = time.monotonic() - began
            assert answer.status_code == status, (method, path, answer.text)
        assert forgetful.logged("listened", since=since) == 2, "the crowd did not wait"
        for connection in crowd:
            connection.close()
    assert max(took.values()) < 5, took


def test_where_nothing_is_kept_the_engine_stops_when_its_caller_hangs_up(forgetful: Api):
    talk, since = a_talk(60), forgetful.now()
    connection = forgetful.send("/transcribe", talk)
    forgetful.until("listened", since=since)
    connection.close()
    forgetful.until("ended, since nobody waits for it", since=since, seconds=20)
    assert forgetful.logged("recognised", since=since) == 0
