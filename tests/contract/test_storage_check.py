"""`pisar storage check` over S3: a store that keeps its word, and ones that don't."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from pisar.cli import run
from tests.contract.conftest import Cloud

DROPPED = {"host", "connection", "content-length", "transfer-encoding", "expect"}


@contextmanager
def proxy(url: str, change: Callable[[str, dict[str, str], bytes], tuple[dict[str, str], bytes]]) -> Iterator[str]:
    """A store that is another one, whose requests are changed on the way: method, headers in lower case, body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in DROPPED}
            headers, body = change(self.command, headers, body)
            answer = requests.request(self.command, url + self.path, headers=headers, data=body, timeout=60)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in {*DROPPED, "date", "server"}:
                    self.send_header(name, value)
            self.send_header(
                "Content-Length", answer.headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(answer.content))
            )
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward  # noqa: N815 - as http.server finds them

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def check(capsys, cloud, monkeypatch) -> Callable[..., tuple[int, list[list[str]], str]]:
    monkeypatch.setenv("PISAR_BUCKET", cloud.new_bucket())
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)

    def invoke(*options: str) -> tuple[int, list[list[str]], str]:
        code = run(["storage", "check", *options])
        said = capsys.readouterr()
        return code, [re.split(r" {2,}", line.strip()) for line in said.out.splitlines()[2:]], said.err

    return invoke


def bad(rows: list[list[str]]) -> dict[str, str]:
    return {row[1]: row[2] for row in rows if row[0] == "✗"}


def objects(cloud: Cloud, bucket: str) -> list[str]:
    return [one["Key"] for one in cloud.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_store_that_keeps_its_word_is_found_well_and_left_as_it_was(check, cloud, monkeypatch):
    bucket = cloud.new_bucket()
    monkeypatch.setenv("PISAR_BUCKET", bucket)
    code, rows, err = check()
    assert (code, bad(rows)) == (0, {})
    assert [row[1] for row in rows] == [
        "bucket",
        "reading and writing",
        "If-None-Match",
        "If-Match",
        "If-Match",
        "If-None-Match, many at once",
        "If-Match, many at once",
        "listing",
        "upload forms",
        "upload forms",
        "upload forms",
    ]
    assert err == "All 11 are well.\n"
    assert objects(cloud, bucket) == []


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "if-none-match",
            {
                "If-None-Match": "it writes over what is there",
                "If-None-Match, many at once": "8 of 8 writers were told that they were first",
            },
        ),
        (
            "if-match",
            {"If-Match": "it brings back what was erased", "If-Match, many at once": "8 of 8 writers were told that they were first"},
        ),
    ],
)
def test_a_store_that_takes_no_notice_of_a_condition_is_found_out(check, cloud, monkeypatch, header: str, expected: dict[str, str]):
    def ignoring(_: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        return {name: value for name, value in headers.items() if name != header}, body

    with proxy(cloud.url, ignoring) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        code, rows, err = check()
    assert (code, bad(rows)) == (1, expected)
    assert err.startswith(f"{2 if header == 'if-none-match' else 3} of 11 are not")
    assert "Two workers would take the same job" in rows[2][-1] + rows[3][-1]


def test_a_store_whose_forms_hold_for_more_than_they_say_is_found_out(check, cloud, monkeypatch):
    def careless(method: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        if method != "POST" or b"elsewhere" not in body:
            return headers, body
        # moto takes what a plain PUT brings: the form's file under the form's other key, whatever its policy says.
        key = re.search(rb'name="key"\r\n\r\n([^\r]+)', body)
        assert key is not None
        requests.put(f"{cloud.url}/{bucket}/{key[1].decode()}", data=b"audio", timeout=60)
        return headers, body

    bucket = cloud.new_bucket()
    monkeypatch.setenv("PISAR_BUCKET", bucket)
    with proxy(cloud.url, careless) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        code, rows, _ = check()
    assert (code, bad(rows)) == (1, {"upload forms": "write to other objects too"})
    assert objects(cloud, bucket) == []


def test_a_store_without_forms_is_found_out(check, cloud, monkeypatch):
    def formless(method: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        return ({} if method == "POST" else headers), body

    with proxy(cloud.url, formless) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        code, rows, _ = check()
    assert code == 1
    assert list(bad(rows)) == ["upload forms"]


def test_a_bucket_that_is_missing_is_told_and_made_when_asked_for(check, cloud, monkeypatch):
    monkeypatch.setenv("PISAR_BUCKET", "made-by-check")
    code, rows, _ = check()
    assert (code, len(rows), bad(rows)) == (1, 1, {"bucket": "there is none"})
    assert check("--create")[0] == 0
    assert check("--create")[1][0][1:3] == ["bucket", "there"]
    assert objects(cloud, "made-by-check") == []


def test_forms_are_posted_where_clients_would_post_them(check, monkeypatch):
    monkeypatch.setenv("PISAR_UPLOAD_URL", "http://127.0.0.1:9")
    code, rows, _ = check()
    assert (code, bad(rows)) == (1, {"upload forms": "failed: no answer at the form's address: ConnectionError"})


def test_a_store_that_is_away_is_a_finding_and_the_only_one(check, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    code, rows, _ = check()
    assert (code, len(rows)) == (1, 1)
    assert rows[0][2].startswith("failed: Object Storage can't be reached")


def test_a_missing_setting_is_named(check, monkeypatch):
    monkeypatch.delenv("PISAR_BUCKET")
    code, _, err = check()
    assert (code, "PISAR_BUCKET is not set" in err) == (2, True)
