"""The container reached by its callers themselves, as on a VM: it looks at the key itself, believes no header, and streams."""

import http.client
import io
import json
import os
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from localstack.stack import ROOT
from pisar.adapters.decoder import FfmpegDecoder
from pisar.domain.audio import SAMPLE_RATE_HZ, AudioLimits
from pisar.state.api_keys import Keys, NewKey

from .conftest import Surroundings

READY_SECONDS = 120
TEXT = "два хлеб вода вчера белый шесть"
FORM = {"file": ("a.ogg", (ROOT / "demo" / "voices" / "ru-1.ogg").read_bytes())}


@dataclass(frozen=True)
class Server:
    """A running container; `new` is a key that opens it, `log` what it writes."""

    url: str
    new: NewKey
    log: Path

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(self.url + path, headers=named, files=FORM, data=fields, timeout=60, stream=True)


@pytest.fixture(scope="module")
def server(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    held = socket.socket()  # bound, so that no other program is given the port before the server listens on it
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = held.getsockname()[1]
    # Pieces of two seconds, so that a short voice is streamed in several. However slow the machine is now, nothing becomes a job instead.
    ours = {
        "PORT": str(port),
        "PATH": os.environ["PATH"],
        "PISAR_PIECE_SECONDS": "2",
        "PISAR_REUSE_HOURS": "0",
        "PISAR_WAIT_SECONDS": "3600",
    }
    environment = surroundings.settings["transcriber"] | ours
    command = [sys.executable, str(ROOT / "containers" / "transcriber" / "app.py")]
    log = tmp_path_factory.mktemp("container") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + READY_SECONDS
    while True:
        try:
            if requests.get(f"{url}/healthz", timeout=READY_SECONDS).ok:
                break
        except requests.ConnectionError:
            assert process.poll() is None, "the container ended at its start"
            assert time.monotonic() < deadline, "the container did not listen"
            time.sleep(0.05)
    yield Server(url, Keys(surroundings.store()).create("direct", now=time.time()), log)
    process.terminate()
    assert process.wait(60) == 0
    held.close()


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions"])
def test_the_key_is_taken_from_either_header(server: Server, path: str):
    answers = [server.post(path, X_API_Key=server.new.key), server.post(path, Authorization=f"Bearer {server.new.key}")]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("headers", [{}, {"X_API_Key": "wrong"}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"])
def test_without_a_right_key_nothing_is_done(server: Server, path: str, headers: dict[str, str]):
    answer = server.post(path, **headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == ("unauthorized" if path == "/transcribe" else "invalid_api_key")


def test_what_only_the_gateway_may_say_is_believed_of_nobody(server: Server):
    context = json.dumps({"client": server.new.client.key_hash})
    assert server.post("/transcribe", X_Yc_Apigateway_Authorizer_Context=context).status_code == 401


def test_events_are_streamed_piece_by_piece(server: Server):
    answer = server.post("/v1/audio/transcriptions", {"stream": "true", "language": "ru"}, X_API_Key=server.new.key)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Transfer-Encoding"] == "chunked"
    events = [json.loads(line.removeprefix(b"data: ")) for line in answer.iter_lines() if line]
    deltas = [event["delta"] for event in events[:-1]]
    assert {event["type"] for event in events[:-1]} == {"transcript.text.delta"}
    assert len(deltas) > 1 or len(events) == 2
    assert (events[-1]["type"], events[-1]["text"]) == ("transcript.text.done", "".join(deltas))


def test_what_fails_before_the_first_event_has_its_own_status(server: Server):
    broken = {"file": ("a.ogg", b"text")}
    answer = requests.post(
        f"{server.url}/v1/audio/transcriptions", headers={"X-API-Key": server.new.key}, files=broken, data={"stream": "true"}, timeout=60
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "cannot_decode")


def test_a_body_without_a_length_is_refused_at_the_limit(server: Server):
    """What OpenAI's API takes, 25 MB, and the form around it are the most that is kept, whatever length is declared or none."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", "/transcribe")
    connection.putheader("X-API-Key", server.new.key)
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders(b"")
    megabyte = bytes(2**20)
    begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    for part in (begin, *[megabyte] * 26):
        connection.send(b"%x\r\n%b\r\n" % (len(part), part))
    answer = connection.getresponse()  # the last part never comes
    error = json.loads(answer.read())["error"]
    assert (answer.status, error["code"], "POST /jobs" in error["message"]) == (413, "too_big", True)
    connection.close()


@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"])
@pytest.mark.parametrize(("megabytes", "status"), [(25, 400), (26, 413)])
def test_what_openais_api_takes_is_taken_and_more_is_told_the_limit_its_size_and_where_to_go(
    server: Server, path: str, megabytes: int, status: int
):
    file = {"file": ("a.ogg", bytes(megabytes * 2**20))}
    answer = requests.post(server.url + path, headers={"X-API-Key": server.new.key}, files=file, timeout=60)
    message = answer.json()["error"]["message"]
    assert answer.status_code == status, message
    if status == 413:
        assert [answer.request.headers["Content-Length"] in message, "26279936" in message, "POST /jobs" in message] == [True] * 3


def a_talk() -> bytes:
    """Return four minutes of speech, on which the engine works for half a minute or longer, as a file."""
    sound = FfmpegDecoder().decode(FORM["file"][1], AudioLimits(max_bytes=2**20, max_seconds=60))
    file = io.BytesIO()
    with wave.open(file, "wb") as talk:
        talk.setnchannels(1)
        talk.setsampwidth(2)
        talk.setframerate(SAMPLE_RATE_HZ)
        talk.writeframes((sound * 32767).astype("<i2").tobytes() * (240 * SAMPLE_RATE_HZ // len(sound)))
    return file.getvalue()


def logged(server: Server, message: str, *, since: int, seconds: float) -> float:
    """Wait for a line with this message after byte `since` of the log; return when it was seen."""
    deadline = time.monotonic() + seconds
    while f'"{message}"'.encode() not in server.log.read_bytes()[since:]:
        assert time.monotonic() < deadline, f"{message} was not logged"
        time.sleep(0.02)
    return time.monotonic()


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/transcribe", {}), ("/v1/audio/transcriptions", {}), ("/v1/audio/transcriptions", {"stream": "true"})],
    ids=["ours", "openai", "streamed"],
)
def test_the_engine_stops_when_its_caller_hangs_up(server: Server, path: str, fields: dict[str, str]):
    since = server.log.stat().st_size
    form = requests.Request("POST", server.url + path, files={"file": ("a.wav", a_talk())}, data=fields).prepare()
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.request("POST", path, form.body, {"Content-Type": form.headers["Content-Type"], "X-API-Key": server.new.key})
    logged(server, "listened", since=since, seconds=60)
    time.sleep(0.5)  # the engine is at work
    connection.close()
    hung_up = time.monotonic()
    assert logged(server, "ended, since nobody waits for it", since=since, seconds=20) - hung_up < 5
    written = server.log.read_bytes()[since:]
    assert b'"recognised"' not in written
    assert b"Traceback" not in written


def test_a_talk_whose_caller_hung_up_is_transcribed_for_the_next_who_asks(server: Server):
    since = server.log.stat().st_size
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    form = requests.Request("POST", server.url, files=FORM).prepare()
    connection.request("POST", "/transcribe", form.body, {"Content-Type": form.headers["Content-Type"], "X-API-Key": server.new.key})
    logged(server, "decoded", since=since, seconds=60)
    connection.close()
    answer = server.post("/transcribe", X_API_Key=server.new.key)
    assert (answer.status_code, answer.json().get("language")) == (200, "ru"), answer.text


@pytest.mark.parametrize("fields", [{}, {"stream": "true"}])
@pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"])
def test_an_answer_names_the_text_that_is_kept_for_the_same_audio(
    server: Server, surroundings: Surroundings, path: str, fields: dict[str, str]
):
    if path == "/transcribe" and fields:
        pytest.skip("it does not stream")
    answer = server.post(path, fields, X_API_Key=server.new.key)
    assert (answer.status_code, len(answer.content) > 0) == (200, True)
    assert surroundings.store().look(f"cache/{answer.headers['X-Transcript-Id']}.json").size_bytes > 0
