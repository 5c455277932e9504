"""The meter against a metadata service and a Monitoring API on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pisar.adapters.monitoring import MonitoringMeter

DEADLINE = 30
TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


class Cloud:
    """Both services; `seen` are the requests in their order: method, path, headers, body."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, Any, Any]] = []
        self.status = 200
        self.token: bytes = json.dumps({"access_token": "t1.secret", "expires_in": 3600, "token_type": "Bearer"}).encode()
        self.changed = threading.Condition()
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(200, cloud.token, None)

            def do_POST(self) -> None:
                self.answer(cloud.status, b"{}", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def answer(self, status: int, body: bytes, read: Any) -> None:
                with cloud.changed:
                    cloud.seen.append((self.command, self.path, self.headers, read))
                    cloud.changed.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def writes(self, count: int) -> list[tuple[str, str, Any, Any]]:
        with self.changed:
            assert self.changed.wait_for(lambda: sum(one[0] == "POST" for one in self.seen) >= count, DEADLINE)
            return [one for one in self.seen if one[0] == "POST"]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    yield cloud
    wait_for_meters()
    cloud.server.shutdown()
    cloud.server.server_close()


def meter(cloud: Cloud) -> MonitoringMeter:
    return MonitoringMeter("b1gfolder", 26.54, api_url=cloud.url, metadata_url=cloud.url)


def wait_for_meters() -> None:
    """Wait until nothing more is sent or logged."""
    for thread in threading.enumerate():
        if thread.name == "meter":
            thread.join(DEADLINE)


def wait_for_log(caplog: pytest.LogCaptureFixture, text: str) -> Any:
    wait_for_meters()
    (record,) = (one for one in caplog.records if one.message == text)
    return record


def test_a_recording_becomes_four_numbers(cloud: Cloud):
    meter(cloud).recognised(engine_seconds=30.0, audio_seconds=120.0)
    ((_, path, headers, body),) = cloud.writes(1)
    assert urlsplit(path).path == "/monitoring/v2/data/write"
    assert parse_qs(urlsplit(path).query) == {"folderId": ["b1gfolder"], "service": ["custom"]}
    assert headers["Authorization"] == "Bearer t1.secret"
    assert {one["name"]: one["value"] for one in body["metrics"]} == {
        "pisar.audio_seconds": 120.0,
        "pisar.engine_seconds": 30.0,
        "pisar.real_time_factor": 0.25,
        "pisar.rub_per_audio_hour": pytest.approx(6.635),
    }
    assert {one["type"] for one in body["metrics"]} == {"DGAUGE"}
    assert isinstance(body["ts"], int)


def test_the_token_is_fetched_once_as_the_metadata_service_wants_it(cloud: Cloud):
    ours = meter(cloud)
    ours.recognised(engine_seconds=1.0, audio_seconds=1.0)
    cloud.writes(1)
    ours.recognised(engine_seconds=1.0, audio_seconds=1.0)
    cloud.writes(2)
    ((_, path, headers, _body),) = (one for one in cloud.seen if one[0] == "GET")
    assert (path, headers["Metadata-Flavor"]) == (TOKEN_PATH, "Google")


def test_a_token_that_runs_out_is_fetched_anew(cloud: Cloud):
    cloud.token = json.dumps({"access_token": "t1.secret", "expires_in": 30}).encode()
    ours = meter(cloud)
    for count in (1, 2):
        ours.recognised(engine_seconds=1.0, audio_seconds=1.0)
        cloud.writes(count)
    assert sum(one[0] == "GET" for one in cloud.seen) == 2


def test_a_refusal_is_a_line_in_the_log(cloud: Cloud, caplog: pytest.LogCaptureFixture):
    cloud.status = 403
    meter(cloud).recognised(engine_seconds=1.0, audio_seconds=1.0)
    assert wait_for_log(caplog, "not metered").why == "Monitoring answered 403"


@pytest.mark.parametrize("token", [b"<html>", b"[]", b"{}", b'{"access_token": "t1.secret", "expires_in": "soon"}'])
def test_a_metadata_service_that_says_nonsense_is_a_line_in_the_log_without_what_it_said(cloud: Cloud, caplog, token: bytes):
    cloud.token = token
    meter(cloud).recognised(engine_seconds=1.0, audio_seconds=1.0)
    assert "secret" not in str(vars(wait_for_log(caplog, "not metered")))
    assert [one[0] for one in cloud.seen] == ["GET"]


def test_nobody_there_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture):
    MonitoringMeter("b1gfolder", 1.0, api_url="http://127.0.0.1:9", metadata_url="http://127.0.0.1:9").recognised(
        engine_seconds=1.0, audio_seconds=1.0
    )
    assert wait_for_log(caplog, "not metered").why == "ConnectionError"
