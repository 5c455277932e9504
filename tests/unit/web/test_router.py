"""Where a request goes: other methods than GET and POST, addresses that nobody has, and the ways in which an address can be written."""

import json

import pytest

from pisar.domain.clients import Client
from pisar.web.errors import NOT_FOUND
from pisar.web.http import Request, Response
from pisar.web.router import ELSEWHERE, Router
from pisar.wiring.jobs import router_of
from tests.unit.web.test_jobs_api import Web

JOB = "/jobs/" + "0" * 32
ADDRESSES = {
    "/": "GET, HEAD",
    "/page/0123456789abcdef/app.js": "GET, HEAD",
    "/me": "GET, HEAD",
    "/jobs": "GET, HEAD, POST",
    JOB: "GET, HEAD, DELETE",
    "/transcripts/" + "0" * 32: "DELETE",
    "/openapi.json": "GET, HEAD",
    "/docs": "GET, HEAD",
    "/docs/start.js": "GET, HEAD",
    "/healthz": "GET, HEAD",
    "/v1/models": "GET, HEAD",
    "/v1/models/whisper-1": "GET, HEAD",
    "/transcribe": "POST",
    "/v1/audio/transcriptions": "POST",
    "/v1/audio/translations": "POST",
}


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def router(web: Web) -> Router:
    return router_of(web)


def answered(router: Router, method: str, path: str, client: Client | None) -> Response:
    request = Request(method=method, path=path, headers={}, query={}, body=b"")
    return router.route(method, path).answer(request, lambda: client)


@pytest.mark.parametrize("path", [path for path, methods in ADDRESSES.items() if "GET" in methods and path not in ELSEWHERE])
def test_head_is_answered_as_get(web: Web, router: Router, path: str):
    assert answered(router, "HEAD", path, web.boris) == answered(router, "GET", path, web.boris)


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_a_method_that_an_address_does_not_take_is_told_those_that_it_takes(web: Web, router: Router, method: str, path: str):
    allowed = ADDRESSES[path]
    if method in allowed.split(", "):
        return
    answer = answered(router, method, path, web.boris)
    assert (answer.status, answer.headers["Allow"]) == (405, allowed)
    error = json.loads(answer.body)["error"]
    assert (error["code"], allowed in error["message"]) == ("method_not_allowed", True)
    assert ("type" in error) == path.startswith("/v1/")


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_plain_options_is_told_them_too(router: Router, path: str):
    answer = answered(router, "OPTIONS", path, None)
    assert (answer.status, answer.headers["Allow"], answer.body) == (204, ADDRESSES[path], "")


@pytest.mark.parametrize("path", ["/nowhere", "//jobs", "/jobs//x", "/job", "/jobs/a/b/c", "/docs.html", "/healthz/x", "/v1", "jobs", ""])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_anybody_is_told_that_there_is_nothing_at_an_address(router: Router, method: str, path: str):
    answer = answered(router, method, path, None)
    assert (answer.status, json.loads(answer.body)) == (404, NOT_FOUND.as_json())


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/", "/v1/audio/speech"])
def test_on_openais_face_in_openais_shape(router: Router, path: str):
    answer = answered(router, "POST", path, None)
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"], error["message"], error["type"]) == (
        404,
        "unknown_url",
        NOT_FOUND.message,
        "invalid_request_error",
    )


@pytest.mark.parametrize("path", [path for path in ADDRESSES if path not in ELSEWHERE and not path.startswith("/docs/")])
def test_slashes_at_the_end_change_nothing(web: Web, router: Router, path: str):
    assert answered(router, "GET", path, web.boris).status == answered(router, "GET", f"{path}//", web.boris).status


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_without_a_key_nobody_learns_of_jobs(router: Router, method: str):
    assert answered(router, method, "/jobs", None).status == (401 if method in ("GET", "POST") else 405)
