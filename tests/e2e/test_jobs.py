"""The jobs API as programs call it: upload through a form, poll, callback, cancel."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
import yaml

from localstack.cloud.clients import s3_client
from localstack.stack import BUCKET, ROOT, Stack
from pisar.domain.callbacks import signature
from pisar.state.api_keys import Keys, NewKey
from tests.faults.conftest import SPOKEN, VOICES, eventually

from .conftest import CHATS, Api, Ffmpeg, Person, looped, voice
from .test_http_api import DOCUMENT, assert_fits

TEXT = SPOKEN["ru-2.ogg"]


def new_key(stack: Stack, name: str, minutes_per_day: float | None = None) -> NewKey:
    return Keys(stack.store()).create(name, minutes_per_day=minutes_per_day, now=time.time())


class Client(Api):
    """A client of the jobs API."""

    def call(self, method: str, path: str, **how: Any) -> requests.Response:
        how = {"headers": {"X-API-Key": self.key}, "timeout": 60} | how
        return self.request(method, f"{self._url}{path}", **how)

    def create(self, **fields: Any) -> dict[str, Any]:
        answer = self.call("POST", "/jobs", json=fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def upload(self, job: dict[str, Any], audio: bytes) -> None:
        form = job["upload"]
        answer = requests.post(form["url"], data=form["fields"], files={"file": ("a.ogg", audio)}, timeout=60)
        assert answer.status_code == 204, answer.text

    def show(self, job: dict[str, Any]) -> dict[str, Any]:
        answer = self.call("GET", f"/jobs/{job['id']}")
        assert_fits(answer, "Job")
        return answer.json()

    def wait_for(self, job: dict[str, Any], *states: str) -> dict[str, Any]:
        return eventually(lambda: (shown := self.show(job))["state"] in states and shown, f"a job that is {states}")

    def transcript(self, job: dict[str, Any], **query: str) -> requests.Response:
        return self.call("GET", f"/jobs/{job['id']}/transcript", params=query)


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.api_url, stack.api_key) as client:
        yield client


@pytest.fixture
def other(stack: Stack) -> Iterator[Client]:
    with Client(stack.api_url, new_key(stack, "other").key) as other:
        yield other


def traces(stack: Stack, job: dict[str, Any]) -> list[str]:
    """Return what the bucket has of a job but for its record."""
    return [key for key in stack.store().keys("") if job["id"] in key and not key.startswith("jobs/")]


def test_a_job_from_form_to_transcript_and_deletion(stack: Stack, client: Client):
    job = client.create(language="ru")
    assert_fits_created(job)
    assert job["state"] == "awaiting_upload"
    assert client.transcript(job).status_code == 409
    client.upload(job, voice("ru-2.ogg"))
    done = client.wait_for(job, "done")
    assert (done["progress"], done["position"], done["error"], done["language"]) == (1.0, None, None, "ru")
    assert 1 < done["duration"] < 5
    assert client.transcript(job).json()["transcription"] == TEXT
    assert client.transcript(job, format="text").text == TEXT + "\n"
    assert client.transcript(job, format="srt").text.startswith("1\n00:00:0")
    assert client.transcript(job, format="vtt").text.startswith("WEBVTT\n")
    assert client.transcript(job, format="verbose_json").json()["task"] == "transcribe"
    assert job["id"] in [one["id"] for one in client.call("GET", "/jobs").json()["jobs"]]
    assert client.call("DELETE", f"/jobs/{job['id']}").status_code == 204
    assert traces(stack, job) == []
    assert client.call("GET", f"/jobs/{job['id']}").status_code == 404
    assert job["id"] not in [one["id"] for one in client.call("GET", "/jobs").json()["jobs"]]


def assert_fits_created(job: dict[str, Any]) -> None:
    answer = requests.Response()
    answer._content, answer.headers["Content-Type"] = json.dumps(job).encode(), "application/json"
    assert_fits(answer, "Job")


def test_what_is_no_audio_fails_with_a_reason(client: Client):
    job = client.create()
    client.upload(job, b"not a recording at all" * 20)
    assert client.wait_for(job, "failed")["error"]["code"] == "cannot_decode"
    assert client.transcript(job).status_code == 409


def test_the_same_idempotency_key_is_the_same_job(client: Client):
    headers = {"X-API-Key": client.key, "Idempotency-Key": "letter-17"}
    first, again = (client.call("POST", "/jobs", json={"language": "ru"}, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    assert client.call("POST", "/jobs", json={"language": "en"}, headers=headers).status_code == 422


def test_a_caller_that_does_not_wait_is_given_a_job(client: Client):
    answer = client.call("POST", "/transcribe", files={"file": voice("en-3.ogg")}, data={"wait": "0", "language": "en"})
    assert answer.status_code == 202
    assert_fits(answer, "Job")
    assert answer.headers["Location"] == f"/jobs/{answer.json()['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    client.wait_for(answer.json(), "done")
    assert client.transcript(answer.json()).json()["transcription"] == SPOKEN["en-3.ogg"]


def test_the_same_audio_is_transcribed_once_for_all_doors(stack: Stack, client: Client, other: Client, ffmpeg: Ffmpeg):
    own = ffmpeg("-i", VOICES / "en-2.ogg", "-af", "adelay=123", "-c:a", "flac", "once.flac")
    began = len(stack.logs.lines(message="recognised"))
    assert client.transcribe(own).json()["transcription"] == SPOKEN["en-2.ogg"]
    assert other.transcribe(own).json()["transcription"] == SPOKEN["en-2.ogg"]
    job = client.create()
    client.upload(job, own)
    client.wait_for(job, "done")
    assert client.transcript(job).json()["transcription"] == SPOKEN["en-2.ogg"]
    assert len(stack.logs.lines(message="recognised")) - began == 1
    person = Person(stack, chat=next(CHATS))
    assert person.answer_to(stack.telegram.voice(person.chat, own, seconds=3)).now.text == SPOKEN["en-2.ogg"]
    s3_client(stack.storage_url).put_object(Bucket=BUCKET, Key="uploads/once/a.flac", Body=own, Metadata={"pisar-formats": "text"})
    eventually(lambda: list(stack.store().keys("transcripts/once/")) == ["transcripts/once/a.flac.txt"], "the dropped file's text")
    assert len(stack.logs.lines(message="recognised")) - began == 1
    assert client.transcribe(own, data={"task": "translate"}).status_code == 200
    assert len(stack.logs.lines(message="recognised")) - began == 2


def test_one_client_sees_and_touches_nothing_of_anothers(stack: Stack, client: Client, other: Client):
    job = client.create()
    client.upload(job, voice("ru-2.ogg"))
    client.wait_for(job, "done")
    calls = [("GET", f"/jobs/{job['id']}"), ("GET", f"/jobs/{job['id']}/transcript"), ("DELETE", f"/jobs/{job['id']}")]
    assert [other.call(*call).status_code for call in calls] == [404] * 3
    assert other.call("GET", "/jobs").json() == {"jobs": [], "next": None}
    assert client.transcript(job).status_code == 200


def test_a_list_goes_on_page_by_page(stack: Stack, other: Client):
    made = [other.create()["id"] for _ in range(5)]
    seen, after = [], ""
    while after is not None:
        page = other.call("GET", "/jobs", params={"limit": 2, "after": after} if after else {"limit": 2})
        assert_fits(page, "JobPage")
        seen += [job["id"] for job in page.json()["jobs"]]
        after = page.json()["next"]
    assert seen == made[::-1]


def test_a_revoked_key_opens_no_job_at_once(stack: Stack):
    new = new_key(stack, "leaver")
    with Client(stack.api_url, new.key) as leaver:
        job = leaver.create()
        leaver.show(job)  # the gateway now keeps the authorizer's answer to this call for a minute
        Keys(stack.store()).revoke(new.client.id, now=time.time())
        assert leaver.call("GET", f"/jobs/{job['id']}").status_code == 401
        assert leaver.transcribe(voice()).status_code == 403  # the authorizer's own word, asked here for the first time


def test_a_used_up_day_is_refused_until_midnight(stack: Stack):
    with Client(stack.api_url, new_key(stack, "frugal", minutes_per_day=0.01).key) as frugal:
        assert frugal.transcribe(voice("ru-1.ogg")).status_code == 200
        assert frugal.transcribe(voice("ru-1.ogg")).status_code == 200  # the same audio is counted once
        refused = [frugal.transcribe(voice("ru-3.ogg")), frugal.call("POST", "/jobs", json={})]
        assert [(answer.status_code, answer.json()["error"]["code"]) for answer in refused] == [(429, "quota_used")] * 2
        assert all(0 < int(answer.headers["Retry-After"]) <= 86_400 for answer in refused)


def long_recording(ffmpeg: Ffmpeg, copies: int) -> bytes:
    """Return a recording of about fifteen seconds a copy, in which every voice speaks in turn."""
    sources = [argument for path in sorted(VOICES.glob("*.ogg")) for argument in ("-i", path)]
    voices = len(sources) // 2
    joined = f"{''.join(f'[{number}:a]' for number in range(voices))}concat=n={voices}:v=0:a=1[out]"
    once = ffmpeg(*sources, "-filter_complex", joined, "-map", "[out]", "-c:a", "libopus", "-b:a", "16k", "once.ogg")
    return looped(ffmpeg, once, copies)


def test_a_running_job_tells_its_progress_and_stops_when_it_is_deleted(stack: Stack, client: Client, ffmpeg: Ffmpeg):
    job = client.create()
    client.upload(job, long_recording(ffmpeg, 20))
    shown = eventually(lambda: (now := client.show(job))["state"] == "working" and now["progress"] > 0 and now, "progress")
    assert 0 < shown["progress"] < 1
    assert shown["duration"] > 60
    assert shown["expected_seconds"] > 0
    assert client.call("DELETE", f"/jobs/{job['id']}").status_code == 204
    eventually(lambda: stack.logs.lines(message="cancelled", job_id=job["id"]), "a worker that stopped")
    assert traces(stack, job) == []
    assert stack.logs.lines(message="recognised", job_id=job["id"]) == []


class Receiver:
    """Somebody's server that is told when a job is finished; the first answers are `statuses`, then 204."""

    def __init__(self, *statuses: int) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        waiting = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(waiting.pop(0) if waiting else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_port}/done?token=hidden"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver(500)
    yield receiver
    receiver.close()


def test_a_finished_job_is_told_to_its_client_signed_and_again_after_a_failure(stack: Stack, client: Client, receiver: Receiver):
    job = client.create(callback_url=receiver.url)
    assert job["callback_url"] == receiver.url
    client.upload(job, voice("ru-2.ogg"))
    client.wait_for(job, "done")
    eventually(lambda: len(receiver.calls) == 2, "a second call after the first was answered 500")
    for headers, body in receiver.calls:
        told = json.loads(body)
        assert (told["id"], told["state"]) == (job["id"], "done")
        timestamp = int(headers["x-pisar-timestamp"])
        assert abs(timestamp - time.time()) < 600
        assert headers["x-pisar-signature"] == f"sha256={signature(stack.callback_secret, timestamp, body)}"
        assert headers["x-pisar-delivery"] == job["id"]
        assert TEXT not in body.decode()
    # The receiver has the call a moment before its caller has said so.
    said = eventually(
        lambda: (lines := stack.logs.lines(source="callbacks", job_id=job["id"]))[1:] and lines, "the last word of the second call"
    )
    assert [line["message"] for line in said] == ["callback failed", "called back"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]:8080/",
        "http://[::ffff:169.254.169.254]/latest",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "https://192.168.1.1/hook",
        "file:///etc/passwd",
        "ftp://example.com/",
        "http://user:password@example.com/",
        "http://",
        "http://example.invalid/",
        "javascript:alert(1)",
    ],
)
def test_an_address_nobody_outside_could_have_is_refused(stack: Stack, client: Client, url: str):
    before = list(stack.store().keys("jobs/"))
    answer = client.call("POST", "/jobs", json={"callback_url": url})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_callback")
    assert list(stack.store().keys("jobs/")) == before


def test_light_calls_never_reach_the_container():
    """What the document sends to the transcriber is transcription, and nothing else."""
    source: dict[str, Any] = yaml.safe_load((ROOT / "terraform" / "openapi.yaml").read_text())
    reaching = {
        path
        for path, item in source["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict) and operation["x-yc-apigateway-integration"]["type"] == "serverless_containers"
    }
    assert reaching == {"/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"}
    assert DOCUMENT["paths"].keys() > reaching


def test_a_text_is_corrected_and_shared_and_gone_with_its_job(stack: Stack, client: Client):
    job = client.create(language="ru")
    client.upload(job, voice("ru-2.ogg"))
    client.wait_for(job, "done")
    where = f"/jobs/{job['id']}"
    whole = client.transcript(job, partial="true")
    assert (whole.json()["transcription"], whole.headers["X-Complete"]) == (TEXT, "true")
    first = client.transcript(job, format="verbose_json").json()["segments"][0]["words"][0]["word"]
    corrected = client.call("PATCH", f"{where}/transcript", json={"corrections": [{"segment": 0, "word": 0, "text": "Писарь"}]})
    assert_fits(corrected, "Corrections")
    shown = client.transcript(job, format="verbose_json")
    assert_fits(shown, "VerboseTranscript")
    assert shown.json()["segments"][0]["words"][0]["original"] == first
    assert client.transcript(job, version="original").json()["transcription"] == TEXT
    made = client.call("POST", f"{where}/share", json={"days": 1})
    assert_fits(made, "NewShare")
    token = {"X-Share-Token": made.json()["token"]}
    seen = requests.get(f"{stack.api_url}/shared", headers=token, timeout=60)
    assert (seen.json()["transcription"], seen.headers["Cache-Control"]) == (TEXT.replace(first, "Писарь", 1), "no-store")
    assert client.call("DELETE", f"{where}/share").status_code == 204
    assert requests.get(f"{stack.api_url}/shared", headers=token, timeout=60).status_code == 404
    again = client.call("POST", f"{where}/share").json()["token"]
    assert client.call("DELETE", where).status_code == 204
    assert requests.get(f"{stack.api_url}/shared", headers={"X-Share-Token": again}, timeout=60).status_code == 404
    assert traces(stack, job) == []
