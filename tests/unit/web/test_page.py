"""The page for people, as requests and answers."""

import base64
import gzip
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from docs.generators import page_vendor
from localstack.stack import ROOT
from pisar import cloud_events
from pisar.adapters.object_storage import S3ObjectStore
from pisar.web import page
from pisar.web.http import Request, Response
from pisar.web.page import Page
from pisar.wiring.jobs import router_of
from tests.unit.world import World

FOLDER = ROOT / "src" / "pisar" / "web" / "page"
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
STORE = "https://files.example.org"


def get(path: str, method: str = "GET", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(method=method, path=path, headers=named, query={}, body=b"")
    return router_of(World()).route(method, path).answer(request, lambda: None)


def index_beside(upload_url: str) -> Response:
    """Return the index of a page whose recordings are uploaded to this address."""
    return Page(lambda: upload_url).index(Request(method="GET", path="/", headers={}, query={}, body=b""))


def address(name: str) -> str:
    return f"/page/{Page().version}/{name}"


def policy(answer: Response) -> dict[str, set[str]]:
    directives = (directive.split() for directive in answer.headers["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in directives}


def test_every_file_of_the_page_is_of_a_kind_that_is_served():
    assert [name for name in FILES if name.rpartition(".")[2] not in page.MEDIA_TYPES] == []


def test_the_page_is_served_to_anybody_and_asked_for_again_each_time():
    answer = get("/")
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (200, "text/html; charset=utf-8", "no-cache")
    assert answer.body.startswith(b"<!doctype html>")


def test_all_that_the_page_names_is_served_by_a_relative_address_with_the_version():
    named = re.findall(r'(?:src|href)="([^"]+)"', get("/").body.decode())
    assert named
    assert [name for name in named if not name.startswith(f"page/{Page().version}/")] == []
    assert {name: get(f"/{name}").status for name in named} == dict.fromkeys(named, 200)


@pytest.mark.parametrize("name", [name for name in FILES if name != "index.html"])
def test_every_file_is_served_as_what_it_is_and_kept_for_a_year(name: str):
    answer = get(address(name))
    assert (answer.status, answer.body) == (200, (FOLDER / name).read_bytes())
    assert answer.headers["Content-Type"] == page.MEDIA_TYPES[Path(name).suffix[1:]]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["index.html", "", "../page.py", "../../__init__.py", "/etc/passwd", "..", "app.js/x", "APP.JS", "app.js\0", "x" * 9999]
)
def test_no_other_file_is_served(name: str):
    answer = get(address(name))
    assert answer.status in {401, 404}
    assert json.loads(answer.body)["error"]["code"] in {"not_found", "unauthorized"}


def test_another_version_is_not_answered_with_files_of_this_one():
    answer = get("/page/0123456789abcdef/style.css")
    assert (answer.status, "Cache-Control" in answer.headers) == (404, False)


def test_the_version_follows_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "page" / "vendor").mkdir(parents=True)
    monkeypatch.setattr(page.resources, "files", lambda _: tmp_path)
    seen = set()
    for name, content in [
        ("index.html", "{version}"),
        ("app.js", "1"),
        ("app.js", "2"),
        ("vendor/x.mjs", "1"),
        ("vendor/x.mjs", "12"),
        ("y.js", ""),
    ]:
        (tmp_path / "page" / name).write_text(content)
        seen.add(Page().version)
    assert len(seen) == 6


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.8", "*", "gzip;q=0.001"])
@pytest.mark.parametrize("path", ["/", address("style.css")])
def test_who_takes_gzip_gets_it(path: str, accepted: str):
    packed, plain = get(path, Accept_Encoding=accepted), get(path)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body)
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000, br", "*;q=0", "x-gzip-not"])
def test_who_does_not_take_gzip_gets_the_file_as_it_is(accepted: str):
    assert "Content-Encoding" not in get("/", Accept_Encoding=accepted).headers


@pytest.mark.parametrize("path", ["/", address("style.css")])
def test_who_has_a_copy_is_told_that_it_is_still_good(path: str):
    first = get(path, Accept_Encoding="gzip")
    for shown in (first.headers["ETag"], first.headers["ETag"].removeprefix("W/"), f'"another", {first.headers["ETag"]}', "*"):
        again = get(path, If_None_Match=shown)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert get(path, If_None_Match='"another"').status == 200


def test_the_browser_may_reach_this_host_and_the_storage_and_nothing_else():
    assert policy(index_beside(f"{STORE}/pisar")) == {
        "default-src": {"'none'"},
        "script-src": {"'self'"},
        "style-src": {"'self'"},
        "img-src": {"'self'", "data:"},
        "media-src": {"'self'", "blob:"},
        "connect-src": {"'self'", STORE},
        "manifest-src": {"'self'"},
        "base-uri": {"'none'"},
        "form-action": {"'none'"},
        "frame-ancestors": {"'none'"},
    }
    assert get("/").headers["Permissions-Policy"] == "microphone=(self)"
    assert get("/").headers["Referrer-Policy"] == "no-referrer"
    assert policy(get(address("style.css"))) == {"default-src": {"'none'"}}


@pytest.mark.parametrize(
    ("upload_url", "allowed"),
    [
        ("", {"'self'"}),
        ("https://storage.yandexcloud.net/pisar", {"'self'", "https://storage.yandexcloud.net"}),
        ("https://pisar.storage.yandexcloud.net/", {"'self'", "https://pisar.storage.yandexcloud.net"}),
        ("http://127.0.0.1:9000/pisar/incoming?x=1", {"'self'", "http://127.0.0.1:9000"}),
    ],
)
def test_the_storage_is_named_by_its_origin(upload_url: str, allowed: set[str]):
    assert policy(index_beside(upload_url))["connect-src"] == allowed


@pytest.mark.parametrize("path", ["/page", "/page/x", "/pages/x/app.js", "/index.html"])
def test_there_is_nothing_at_addresses_like_theirs(path: str):
    assert get(path).status == 404


@pytest.mark.parametrize("path", ["/", address("app.js")])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_they_are_read_and_nothing_else(path: str, method: str):
    assert get(path, method).status == 405


def test_a_function_answers_bytes_in_base64():
    answer = cloud_events.http_response(get("/", Accept_Encoding="gzip"))
    assert answer["isBase64Encoded"]
    assert gzip.decompress(base64.b64decode(answer["body"])).startswith(b"<!doctype html>")


@pytest.mark.parametrize("upload_url", ["", "https://files.example.org"])
def test_the_storage_that_the_page_may_reach_is_the_one_of_the_forms(upload_url: str, monkeypatch: pytest.MonkeyPatch):
    settings = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "ru-central1"}
    for name, value in (settings | {"AWS_ENDPOINT_URL_S3": "https://storage.yandexcloud.net"}).items():
        monkeypatch.setenv(name, value)
    world = World()
    world.forms = S3ObjectStore("pisar").reached_at(upload_url)  # type: ignore[misc] # a cached property
    request = Request(method="GET", path="/", headers={}, query={}, body=b"")
    answer = router_of(world).route("GET", "/").answer(request, lambda: None)
    assert policy(answer)["connect-src"] == {"'self'", upload_url or "https://storage.yandexcloud.net"}


def test_the_foreign_files_are_those_of_the_list_and_each_package_has_its_licence():
    files = {name: file["sha256"] for package in page_vendor.listed().values() for name, file in package["files"].items()}
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in page_vendor.FOLDER.iterdir()}
    assert found == files
    assert [name for name, package in page_vendor.listed().items() if f"{name}.LICENSE.txt" not in package["files"]] == []


def test_a_browser_finds_what_the_modules_import():
    wanted = {
        path.relative_to(FOLDER): re.findall(r'\b(?:from|import)[ (]*"([^"\n]+js)"', path.read_text()) for path in FOLDER.rglob("*.*js")
    }
    assert any(wanted.values())
    missing = [(path.name, name) for path, names in wanted.items() for name in names if not (FOLDER / path.parent / name).is_file()]
    assert missing == []
