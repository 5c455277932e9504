"""The gateway's document, the doors and the documents: each route that one of them names, the others know."""

import ast
import json
import re
from typing import Any

import pytest
import yaml

from localstack.stack import ROOT
from pisar.web import cors
from pisar.web.errors import NOT_FOUND
from pisar.web.http import Request
from pisar.web.router import ELSEWHERE, Router
from pisar.wiring.jobs import router_of
from tests.unit.world import World

METHODS = ("get", "post", "put", "patch", "delete")
OTHERWISE = "x-yc-apigateway-any-method"
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "terraform" / "openapi.yaml").read_text(encoding="utf-8"))
GREEDY = ("/{path+}", "/v1/{path+}")
PATHS: dict[str, dict[str, Any]] = {path: item for path, item in DOCUMENT["paths"].items() if path not in GREEDY}
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OF_OTHERS = ("/bot", "/control", "/metrics", "/computeMetadata", "/monitoring", "/file")
"""How paths of other services begin that documents may name."""


def routes_to(target: str) -> set[tuple[str, str]]:
    """Return what the gateway hands to the function or the container whose variable this is."""
    return {
        (method.upper(), path)
        for path, item in PATHS.items()
        for method, operation in item.items()
        if method in METHODS and f"${{{target}}}" in str(operation["x-yc-apigateway-integration"])
    }


def all_routes() -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, item in PATHS.items() for method in item if method in METHODS}


def container_routes() -> set[tuple[str, str]]:
    tree = ast.parse((ROOT / "containers" / "transcriber" / "app.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Route"]
    return {
        (method, ast.literal_eval(call.args[0]))
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "methods"
        for method in ast.literal_eval(keyword.value)
    }


def shape(path: str) -> str:
    return re.sub(r"\{\w+\+?\}", "{}", path)


def test_every_route_leads_to_a_door_but_the_gateways_own():
    targets = ("webhook_function_id", "jobs_function_id", "transcriber_container_id")
    assert set().union(*(routes_to(target) for target in targets)) == all_routes() - {("GET", "/healthz")}


def test_the_containers_door_has_the_gateways_routes_the_triggers_its_own_health_and_without_a_gateway_the_rest():
    rest = {(method, "/{path:path}") for method in (*map(str.upper, METHODS), "HEAD", "OPTIONS")}
    assert container_routes() == routes_to("transcriber_container_id") | {("POST", "/queue"), ("GET", "/healthz")} | rest


def test_the_webhook_is_the_one_door_of_telegram():
    assert routes_to("webhook_function_id") == {("POST", "/telegram")}


def table() -> Router:
    return router_of(World())


def test_each_route_of_the_jobs_function_has_a_row_in_the_table_that_says_whether_it_needs_a_key_and_each_row_a_route():
    router = table()
    led = {(method, path): router.route(method, re.sub(r"{\w+\+?}", "0" * 32, path)) for method, path in routes_to("jobs_function_id")}
    assert {key: row.method for key, row in led.items()} == {key: key[0] for key in led}
    assert set(led.values()) == {row for row in router.routes if row.path not in ELSEWHERE}
    assert len(set(led.values())) == len(led)
    keyless = {path for (_, path), row in led.items() if row.holder is None}
    assert keyless == {path for method, path in led if not PATHS[path][method.lower()]["security"]}


def test_what_is_answered_elsewhere_is_known_to_the_table():
    there = {(method, path) for path, methods in ELSEWHERE.items() for method in methods} - {("HEAD", "/healthz")}
    assert there == routes_to("transcriber_container_id") | {("GET", "/healthz")}


@pytest.mark.parametrize("path", PATHS)
def test_a_key_is_taken_from_either_header_and_for_any_other_method_of_an_address_alike(path: str):
    """HEAD, OPTIONS and what an address does not take are the jobs function's at the gateway too."""
    item = PATHS[path]
    asked = {tuple(sorted(name for one in item[method]["security"] for name in one)) for method in METHODS if method in item}
    assert asked in ({()}, {("ApiKey", "Bearer")})
    otherwise = item[OTHERWISE]
    assert {tuple(sorted(name for one in otherwise["security"] for name in one))} == asked
    if path == "/telegram":
        assert (otherwise["x-yc-apigateway-integration"]["http_code"], "head" in item) == (405, False)
    else:
        assert otherwise["x-yc-apigateway-integration"]["function_id"] == "${jobs_function_id}"
    assert len(otherwise.get("parameters", [])) == len(re.findall(r"{\w+\+?}", path))


@pytest.mark.parametrize("path", GREEDY)
def test_an_address_that_nobody_has_is_answered_by_the_gateway_as_by_the_table(path: str):
    (otherwise,) = DOCUMENT["paths"][path].values()
    settings = otherwise["x-yc-apigateway-integration"]
    there = path.replace("{path+}", "nothing/here")
    answer = table().route("GET", there).answer(Request(method="GET", path=there, headers={}, query={}, body=b""), lambda: None)
    assert (settings["type"], settings["http_code"], answer.status) == ("dummy", 404, 404)
    assert json.loads(settings["content"]["*"]) == json.loads(answer.body)
    assert NOT_FOUND.message in settings["content"]["*"]
    assert settings["http_headers"]["Content-Type"] == answer.headers["Content-Type"]


def test_the_gateways_rules_for_pages_of_other_origins_are_the_containers():
    rules = DOCUMENT["x-yc-apigateway"]["cors"]
    assert rules == {
        "origin": "${cors_origin}",
        "methods": cors.METHODS,
        "allowedHeaders": cors.REQUEST_HEADERS,
        "exposedHeaders": cors.RESPONSE_HEADERS,
        "maxAge": cors.MAX_AGE_SECONDS,
        "optionsSuccessStatus": 204,
    }
    assert {method for method, _ in all_routes()} <= set(cors.METHODS.split(", "))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_route_that_a_document_names_is_there(document: Any):
    named = re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w/{}.+-]*[\w}])", document.read_text(encoding="utf-8"))
    there = {(method, shape(path)) for method, path in all_routes() | container_routes()}
    assert [(method, path) for method, path in named if (method, shape(path)) not in there and not path.startswith(OF_OTHERS)] == []


def test_every_route_is_in_a_document():
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert [path for path in PATHS if not re.search(re.escape(path) + r"(?![\w/{])", text)] == []
