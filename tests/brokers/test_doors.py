"""The self-hosted doors, as processes over Redis: the bot that is called, the whole API, workers that are told to stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from localstack.stack import ROOT
from pisar.domain.jobs import Outcome, State
from tests.support.brokers import Redis, free_port
from tests.support.composed import DOORS
from tests.support.machines import Machines
from tests.support.recordings import lecture

from .conftest import SETTINGS, Sender, eventually

pytestmark = pytest.mark.slow

SECRET = "hush-hush-hush"
VOICE = (ROOT / "demo" / "voices" / "ru-1.ogg").read_bytes()
SPOKEN = "два хлеб вода вчера белый шесть"
SERVING = ("bot", "errands", "worker", "api")
"""Processes that tell Prometheus their numbers."""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with ExitStack() as stack:
        broker = stack.enter_context(Redis())
        machines = stack.enter_context(Machines(broker, tmp_path_factory.mktemp("doors"), settings=SETTINGS))
        port = str(free_port())
        machines.metrics = {name: str(free_port()) for name in SERVING}  # type: ignore[attr-defined]
        webhook = {"TELEGRAM_WEBHOOK_URL": "https://bot.example/telegram", "TELEGRAM_WEBHOOK_SECRET": SECRET, "PORT": port}
        machines.bot_url = f"http://127.0.0.1:{port}"  # type: ignore[attr-defined]
        for service in SERVING:
            own = webhook if service == "bot" else {}
            machines.start(service, **own, PISAR_METRICS_PORT=machines.metrics[service])  # type: ignore[attr-defined]
        machines.ready("errands", "worker", "api")
        eventually(lambda: answers(machines.bot_url), "a bot that listens")  # type: ignore[attr-defined]
        yield machines


@pytest.fixture
def sender(machines: Machines) -> Iterator[Sender]:
    sender = Sender(machines)
    yield sender
    sender.clear()


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def told(machines: Machines, body: bytes, secret: str = SECRET, **how: Any) -> requests.Response:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return requests.post(f"{machines.bot_url}/telegram", data=body, headers=headers, timeout=60, **how)  # type: ignore[attr-defined]


def called(machines: Machines, method: str, path: str, key: str | None = None, **how: Any) -> requests.Response:
    headers = {"X-API-Key": machines.api_key if key is None else key}
    return requests.request(method, f"{machines.api_url}{path}", headers=headers, timeout=60, **how)


def test_telegram_is_told_of_the_bots_address(machines: Machines):
    called = eventually(lambda: [one for one in machines.telegram.calls() if one.method == "setWebhook"], "a webhook that is set")
    assert [one.params["url"] for one in called] == ["https://bot.example/telegram"]


def test_an_update_at_the_webhook_becomes_an_answer(machines: Machines, sender: Sender):
    sender.update = machines.telegram.voice(sender.chat, VOICE, seconds=2, language_code="ru", held=True)
    body = json.dumps(sender.update).encode()
    assert told(machines, body).status_code == 200
    assert told(machines, body).status_code == 200, "Telegram may tell it twice"
    sender.assert_answered_once()


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (b"{}", "", 403),
        (b"{}", SECRET + "x", 403),
        (b"", SECRET, 200),
        (b"not JSON", SECRET, 200),
        (b'{"update_id": 1}', SECRET, 200),
        (b'{"update_id": 1, "message": {"chat": 5}}', SECRET, 200),
        (b"x" * (2**20 + 1), SECRET, 413),
    ],
    ids=["no secret", "a wrong one", "nothing", "no JSON", "an empty update", "a broken message", "more than an update"],
)
def test_what_the_webhook_is_told_is_answered(machines: Machines, body: bytes, secret: str, status: int):
    assert told(machines, body, secret).status_code == status


def test_the_webhook_is_no_page(machines: Machines):
    assert requests.get(f"{machines.bot_url}/telegram", timeout=10).status_code == 405  # type: ignore[attr-defined]
    assert requests.get(f"{machines.bot_url}/else", timeout=10).status_code == 404  # type: ignore[attr-defined]


@pytest.mark.parametrize("method_and_path", ["POST /jobs", "GET /jobs", "GET /jobs/0123456789abcdef0123456789abcdef", "GET /v1/models"])
@pytest.mark.parametrize("key", ["", "pk_wrong"])
def test_nothing_of_the_api_is_for_who_has_no_key(machines: Machines, method_and_path: str, key: str):
    method, path = method_and_path.split()
    answer = called(machines, method, path, key, json={} if method == "POST" else None)
    assert answer.status_code == 401
    assert set(answer.json()["error"]) >= {"code", "message"}


def test_a_job_goes_through_upload_and_workers_to_its_transcript(machines: Machines):
    made = called(machines, "POST", "/jobs", json={"language": "ru"})
    assert made.status_code == 201, made.text
    job = made.json()
    form = job["upload"]
    # Nobody looks for it here: `test_bucket_drops.py` has a worker that does.
    assert requests.post(form["url"], data=form["fields"], files={"file": ("a.ogg", VOICE)}, timeout=60).status_code in {200, 204}
    assert [one["id"] for one in called(machines, "GET", "/jobs").json()["jobs"]][:1] == [job["id"]]
    assert called(machines, "DELETE", f"/jobs/{job['id']}").status_code in {200, 204}
    assert called(machines, "GET", f"/jobs/{job['id']}").status_code == 404


def test_a_request_that_does_not_wait_becomes_a_job_of_the_workers(machines: Machines):
    answer = called(machines, "POST", "/transcribe", files={"file": ("a.ogg", VOICE)}, data={"wait": "0"})
    assert answer.status_code == 202, answer.text
    this = answer.json()["id"]
    eventually(lambda: called(machines, "GET", f"/jobs/{this}").json()["state"] == "done", "a job that is done")
    text = called(machines, "GET", f"/jobs/{this}/transcript?format=text")
    assert (text.status_code, text.text.split()) == (200, SPOKEN.split())


def test_a_request_that_waits_is_answered_with_the_text(machines: Machines):
    answer = called(machines, "POST", "/transcribe", files={"file": ("a.ogg", VOICE + b"\1")}, data={"response_format": "text"})
    assert (answer.status_code, answer.text.split()) == (200, SPOKEN.split())


def test_the_openai_face_is_there(machines: Machines):
    keyed = {"Authorization": f"Bearer {machines.api_key}"}
    url = f"{machines.api_url}/v1"
    models = requests.get(f"{url}/models", headers=keyed, timeout=60).json()
    assert models["object"] == "list"
    form = {"file": ("a.ogg", VOICE + b"\2")}
    said = requests.post(f"{url}/audio/transcriptions", headers=keyed, files=form, data={"model": "whisper-1"}, timeout=60)
    assert (said.status_code, said.json()["text"].split()) == (200, SPOKEN.split())


def test_the_apis_pages_and_its_unknown_paths(machines: Machines):
    assert called(machines, "GET", "/docs", "").status_code == 200
    assert called(machines, "GET", "/openapi.json", "").json()["openapi"].startswith("3.")
    unknown = called(machines, "GET", "/no/such/path")
    assert (unknown.status_code, set(unknown.json())) == (404, {"error"})


def numbers(machines: Machines, name: str) -> dict[tuple[str, str], float]:
    """Return what a process tells Prometheus: by the number's name and its labels' values."""
    answer = requests.get(f"http://127.0.0.1:{machines.metrics[name]}/metrics", timeout=30)  # type: ignore[attr-defined]
    answer.raise_for_status()
    samples = [one for family in text_string_to_metric_families(answer.text) for one in family.samples]
    return {(one.name, " ".join(one.labels.values())): one.value for one in samples}


def test_each_process_tells_prometheus_what_it_has_done(machines: Machines, sender: Sender):
    before = {name: numbers(machines, name) for name in ("errands", "worker", "api")}
    sender.update = machines.telegram.voice(sender.chat, VOICE + b"\3", seconds=2, language_code="ru", held=True)
    assert told(machines, json.dumps(sender.update).encode()).status_code == 200
    sender.assert_answered_once()
    called(machines, "GET", "/jobs")
    gained = {name: {key: value - before[name].get(key, 0) for key, value in numbers(machines, name).items()} for name in before}
    assert gained["worker"]["pisar_job_wait_seconds_count", ""] == 1
    assert gained["worker"]["pisar_audio_seconds_total", ""] == pytest.approx(2.5, abs=1.5)
    assert gained["worker"]["pisar_engine_seconds_total", ""] > 0
    assert gained["errands"]["pisar_jobs_total", "transcribed"] == 1
    assert gained["errands"]["pisar_job_seconds_count", ""] == 1
    assert gained["api"]["pisar_http_requests_total", "GET /jobs 200"] == 1
    assert numbers(machines, "errands")["pisar_waiting_jobs", ""] == 0


def test_a_job_that_its_client_deletes_is_counted_by_the_api(machines: Machines):
    before = numbers(machines, "api")
    job = called(machines, "POST", "/jobs", json={}).json()["id"]
    for _ in range(2):
        called(machines, "DELETE", f"/jobs/{job}")
    after = numbers(machines, "api")
    assert after["pisar_jobs_total", "cancelled"] - before["pisar_jobs_total", "cancelled"] == 1
    assert after["pisar_http_requests_total", "DELETE /jobs 204"] == before.get(("pisar_http_requests_total", "DELETE /jobs 204"), 0) + 1


def test_a_recording_that_the_bot_refuses_is_counted_by_the_bot(machines: Machines, sender: Sender):
    before = numbers(machines, "bot")["pisar_jobs_total", "rejected"]
    update = machines.telegram.voice(sender.chat, VOICE + b"\4", seconds=100_000, language_code="ru", held=True)
    assert told(machines, json.dumps(update).encode()).status_code == 200
    assert numbers(machines, "bot")["pisar_jobs_total", "rejected"] == before + 1


def test_the_numbers_come_back_with_the_engine_after_it_was_killed(machines: Machines, sender: Sender):
    def serving() -> dict[tuple[str, str], float] | None:
        try:
            return numbers(machines, "worker")
        except requests.ConnectionError:
            return None

    first = machines.engine_pid("worker")
    begun = numbers(machines, "worker")["process_start_time_seconds", ""]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: machines.engine_pid("worker") not in {0, first}, "another engine")
    anew = eventually(serving, "its numbers")
    (line,) = [json.loads(line) for line in machines.log("worker") if f"pid:{first} " in line]
    assert line["level"] == "ERROR"
    assert anew["process_start_time_seconds", ""] > begun
    assert anew["pisar_job_wait_seconds_count", ""] == 0, "it counts from nothing"
    sender.update = machines.telegram.voice(sender.chat, VOICE + b"\5", seconds=2, language_code="ru", held=True)
    assert told(machines, json.dumps(sender.update).encode()).status_code == 200
    sender.assert_answered_once()
    assert numbers(machines, "worker")["pisar_job_wait_seconds_count", ""] == 1


def test_the_numbers_are_not_for_who_calls_the_api(machines: Machines):
    assert called(machines, "GET", "/metrics").status_code == 404


def test_each_process_names_itself_in_its_lines(machines: Machines):
    for name in ("bot", "errands", "worker", "api"):
        lines = [json.loads(line) for line in machines.log(name) if line.startswith("{")]
        assert {line["source"] for line in lines} == {{"worker": "voice"}.get(name, name)}, name


def test_nothing_but_log_lines_is_written(machines: Machines):
    for name in ("bot", "errands", "worker", "api"):
        assert [line for line in machines.log(name) if line and not line.startswith("{")] == [], name


def test_a_worker_without_grace_hands_its_job_back_at_once(machines: Machines, sender: Sender, tmp_path: Path):
    machines.stop("worker")
    machines.start("worker", "graceless", PISAR_GRACE_SECONDS="0", PISAR_LEASE_SECONDS="600", PISAR_WHOLE_MINUTES="6")
    machines.ready("graceless")
    talk = lecture(120, tmp_path)
    sender.update = machines.telegram.document(sender.chat, "talk.ogg", "audio/ogg", talk.audio, language_code="ru", held=True)
    assert told(machines, json.dumps(sender.update).encode()).status_code == 200
    eventually(lambda: [line for line in machines.log("graceless") if '"listened"' in line], "an engine at work")
    began = time.monotonic()
    assert machines.stop("graceless") == 0
    assert time.monotonic() - began < 40
    assert [line for line in machines.log("graceless") if '"kept"' in line] == []
    handed_back = sender.job()
    assert handed_back is not None
    assert (handed_back.state, handed_back.lease) == (State.QUEUED, None)
    machines.start("worker", PISAR_WHOLE_MINUTES="6")
    machines.ready("worker")
    assert sender.settle().outcome is Outcome.TRANSCRIBED
    assert len(sender.answers()) == 1


def test_a_bot_that_is_stopped_ends_quietly(machines: Machines):
    machines.start("bot", "second bot", PORT=str(free_port()))
    machines.ready("second bot")
    began = time.monotonic()
    assert machines.stop("second bot") == 0
    assert time.monotonic() - began < 40
    assert [line for line in machines.log("second bot") if '"level": "ERROR"' in line or not line.startswith("{")] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "usage: worker.py errands|voice|lectures"),
        (["singing"], "usage: worker.py errands|voice|lectures"),
        (["voice"], "PISAR_BROKER_URL"),
    ],
)
def test_a_worker_that_can_not_start_says_why(arguments: list[str], said: str, tmp_path: Path):
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(DOORS / "worker.py"), *arguments]
    ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
