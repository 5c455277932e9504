"""Pages of other origins: who may call, what the browser is told, and that nothing is told where no origin is named."""

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pisar.web.cors import EVERYBODY, METHODS, REQUEST_HEADERS, RESPONSE_HEADERS, Cors
from pisar.wiring.environment import origins

PAGE = "https://app.example"


async def fine(_: Request) -> Response:
    return PlainTextResponse("fine", headers={"X-Own": "1"})


async def wrong(request: Request) -> Response:
    raise HTTPException(413) if request.path_params["how"] == "big" else RuntimeError("unforeseen")


def client(*named: str) -> TestClient:
    app = Starlette(routes=[Route("/", fine, methods=["GET", "POST"]), Route("/wrong/{how}", wrong)])
    return TestClient(Cors(app, origins(",".join(named))), raise_server_exceptions=False)


def told(response: "Response | object") -> dict[str, str]:
    """Return the response's headers that browsers go by."""
    headers = response.headers  # type: ignore[attr-defined]
    return {name: value for name, value in headers.items() if name.startswith("access-control") or name == "vary"}


SEEN = {"access-control-allow-origin": PAGE, "access-control-expose-headers": RESPONSE_HEADERS, "vary": "Origin"}
ASKED = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-stainless-os"}
LET_IN = {
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": REQUEST_HEADERS,
    "access-control-max-age": "600",
}


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nowhere", 404), ("/wrong/big", 413), ("/wrong/else", 500)])
def test_a_page_that_was_named_sees_every_response_an_errors_too(path: str, status: int):
    answer = client(PAGE, "https://other.example").get(path, headers={"Origin": PAGE})
    assert (answer.status_code, told(answer)) == (status, SEEN)


def test_a_method_that_is_not_taken_is_seen_too():
    assert told(client(PAGE).put("/", headers={"Origin": PAGE})) == SEEN


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://app.example", "https://app.example:8443", "https://app.example.evil.example", "null"]
)
def test_others_see_none(origin: str):
    served = client(PAGE)
    assert told(served.get("/", headers={"Origin": origin})) == {"vary": "Origin"}
    assert told(served.options("/", headers=ASKED | {"Origin": origin})) == {"vary": "Origin"}


def test_all_pages_may_be_named():
    served = client(EVERYBODY)
    assert told(served.get("/", headers={"Origin": "null"})) == {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": RESPONSE_HEADERS,
    }
    assert told(served.options("/", headers=ASKED)) == LET_IN | {"access-control-allow-origin": "*"}


def test_a_preflight_request_is_answered_before_anything_else():
    answer = client(PAGE).options("/nowhere", headers=ASKED)
    assert (answer.status_code, answer.content) == (204, b"")
    assert told(answer) == LET_IN | {"access-control-allow-origin": PAGE, "vary": "Origin"}


def test_without_an_origin_nothing_is_told_but_that_it_matters():
    assert told(client(PAGE).get("/")) == {"vary": "Origin"}
    assert told(client(EVERYBODY).get("/")) == {}


def test_no_credentials_of_the_browser_are_ever_taken():
    for named in (PAGE, EVERYBODY):
        served = client(named)
        both = [served.get("/", headers={"Origin": PAGE}), served.options("/", headers=ASKED)]
        assert not any("access-control-allow-credentials" in told(one) for one in both)


def test_the_responses_own_headers_stay():
    answer = client(PAGE).get("/", headers={"Origin": PAGE})
    assert (answer.headers["X-Own"], answer.headers["Content-Length"], answer.text) == ("1", "4", "fine")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", set()),
        ("*", {"*"}),
        ("https://App.Example", {"https://app.example"}),
        (" https://a.example , http://localhost:5173,", {"https://a.example", "http://localhost:5173"}),
    ],
)
def test_origins_are_read_as_browsers_spell_them(text: str, found: set[str]):
    assert origins(text) == found


@pytest.mark.parametrize(
    "text", ["app.example", "https://a.example/", "https://a.example/x", "https://*.example", "ftp://a", "https://", "null"]
)
def test_what_no_browser_sends_as_an_origin_is_refused_at_the_start(text: str):
    with pytest.raises(ValueError, match="it must be origins"):
        origins(text)
