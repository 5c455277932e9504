"""The description and its page, as requests and answers."""

import json
import re
import subprocess
import sys

import pytest

from localstack.stack import ROOT
from pisar.web import docs
from pisar.web.http import Request, Response
from pisar.wiring.jobs import router_of
from tests.unit.world import World


def get(path: str, method: str = "GET", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(method=method, path=path, headers=named, query={}, body=b"")
    return router_of(World()).route(method, path).answer(request, lambda: None)


def test_the_description_is_the_packaged_one():
    answer = get("/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.body == (ROOT / "src" / "pisar" / "web" / "openapi.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "assets", "document"), [("/docs", "docs/", "openapi.json"), ("/docs/", "", "../openapi.json")])
def test_the_page_names_its_files_relative_to_where_it_was_asked_for(path: str, assets: str, document: str):
    page = get(path).body
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == [
        "data:,",
        f"{assets}swagger-ui.css",
        f"{assets}swagger-ui-bundle.js",
        f"{assets}start.js",
    ]
    assert re.findall(r'data-document="([^"]+)"', page) == [document]


@pytest.mark.parametrize("name", docs.ASSETS)
def test_every_file_of_the_page_is_served_as_what_it_is(name: str):
    answer = get(f"/docs/{name}")
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    assert (answer.status, answer.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    assert len(answer.body) > 100


@pytest.mark.parametrize(
    "name", ["index.html", "swagger-ui.js", "../docs.py", "/etc/passwd", "..", "start.js/x", "START.JS", "start.js\0", "x" * 9999]
)
def test_no_other_file_is_served(name: str):
    answer = get(f"/docs/{name}")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/openapi", "/openapi.json/x", "/docsy", "/v1/docs"])
def test_there_is_nothing_at_addresses_like_theirs(path: str):
    assert get(path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/start.js"])
def test_they_are_read_and_nothing_else(path: str, method: str):
    answer = get(path, method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/swagger-ui.css"])
def test_who_has_a_copy_is_told_that_it_is_still_good(path: str):
    first = get(path)
    again = get(path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    assert get(path, If_None_Match='"another"').status == 200
    assert re.fullmatch(r"public, max-age=\d+", first.headers["Cache-Control"])


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/start.js"])
def test_the_browser_may_load_and_ask_nothing_from_elsewhere(path: str):
    policy = get(path).headers["Content-Security-Policy"]
    allowed = {name: set(sources) for name, *sources in (directive.split() for directive in policy.split(";"))}
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == allowed["frame-ancestors"] == {"'none'"}
    assert set().union(*allowed.values()) == {"'none'", "'self'", "data:"}
    assert [name for name, sources in allowed.items() if "data:" in sources] == ["img-src"]


def test_the_package_with_the_page_is_not_opened_before_somebody_looks_at_it():
    program = "import sys; from pisar.web import docs; sys.exit('swagger_ui_bundle' in sys.modules or 'jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT / "src")}, check=False).returncode == 0
