"""What requests are counted under, and that each is."""

from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pisar.web.counting import FIRST, WHOLE, Counting, route


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("/transcribe", "/transcribe"),
        ("/v1/audio/transcriptions", "/v1/audio/transcriptions"),
        ("/jobs", "/jobs"),
        ("/jobs/0123/transcript", "/jobs"),
        ("/docs/swagger-ui.css", "/docs"),
        ("/v1/models/whisper-1", "/v1"),
        ("/", "other"),
        ("", "other"),
        ("jobs", "other"),
        ("/wp-login.php", "other"),
        ("/transcribe/../jobs", "other"),
    ],
)
def test_a_path_is_counted_under_one_of_few(path: str, counted: str):
    assert route(path) == counted
    assert counted in WHOLE | {f"/{one}" for one in FIRST} | {"other"}


@pytest.fixture
def told() -> Counter[tuple[str, str, int]]:
    return Counter()


@pytest.fixture
def client(told: Counter[tuple[str, str, int]]) -> TestClient:
    async def jobs(_: Request) -> Response:
        return Response(status_code=201)

    async def transcribe(_: Request) -> Response:
        raise ZeroDivisionError

    async def unforeseen(*_: object) -> Response:
        return Response(status_code=500)

    counting = Middleware(Counting, told=lambda *one: told.update([one]))
    routes = [Route("/jobs", jobs, methods=["POST"]), Route("/transcribe", transcribe, methods=["POST"])]
    app = Starlette(routes=routes, middleware=[counting], exception_handlers={Exception: unforeseen})
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("POST", "/jobs", ("POST", "/jobs", 201)),
        ("GET", "/jobs", ("GET", "/jobs", 405)),
        ("GET", "/wp-login.php", ("GET", "other", 404)),
        ("POST", "/transcribe", ("POST", "/transcribe", 500)),
        ("MADE-UP-17", "/jobs", ("other", "/jobs", 405)),
        ("post", "/jobs", ("other", "/jobs", 405)),
    ],
)
def test_a_request_is_counted_once_by_its_answer(
    client: TestClient, told: Counter[tuple[str, str, int]], method: str, path: str, counted: tuple[str, str, int]
):
    sent = client.build_request(method, path)
    sent.method = method  # the client would write it in capitals
    assert client.send(sent).status_code == counted[2]
    assert told == {counted: 1}


def test_what_is_no_request_is_not_counted(client: TestClient, told: Counter[tuple[str, str, int]]):
    with client:  # start and stop are told to the application too
        pass
    assert told == {}
