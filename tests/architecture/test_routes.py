"""The gateway's document, the doors and the documents: each route that one of them names, the others know."""

import ast
import re
from typing import Any

import pytest
import yaml

from localstack.stack import ROOT
from pisar.web.router import EACH
from pisar.wiring.jobs import router_of
from tests.unit.world import World

METHODS = ("get", "post", "put", "patch", "delete")
PATHS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "terraform" / "openapi.yaml").read_text(encoding="utf-8"))["paths"]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = ("/bot", "/control", "/metrics", "/computeMetadata", "/monitoring", "/file")
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
    rest = {(method, "/{path:path}") for method in {method for method, _ in routes_to("jobs_function_id")}}
    assert container_routes() == routes_to("transcriber_container_id") | {("POST", "/queue"), ("GET", "/healthz")} | rest


def test_the_webhook_is_the_one_door_of_telegram():
    assert routes_to("webhook_function_id") == {("POST", "/telegram")}


def test_each_route_of_the_jobs_function_has_a_row_in_the_table_that_says_whether_it_needs_a_key_and_each_row_but_the_last_a_route():
    router = router_of(World())
    led = {(method, path): router.route(method, re.sub(r"{\w+\+?}", "0" * 32, path)) for method, path in routes_to("jobs_function_id")}
    assert {row.method for row in led.values()} - {EACH} == {method for method, _ in led}
    assert set(led.values()) == set(router.routes[:-1])
    assert len(set(led.values())) == len(led) - 1  # the models' list and each of them share a row
    assert {path for (_, path), row in led.items() if row.holder is None} == {
        path for _, path in led if path == "/" or path.startswith(("/docs", "/openapi", "/page/"))
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_route_that_a_document_names_is_there(document: Any):
    named = re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w/{}.+-]*[\w}])", document.read_text(encoding="utf-8"))
    there = {(method, shape(path)) for method, path in all_routes() | container_routes()}
    assert [(method, path) for method, path in named if (method, shape(path)) not in there and not path.startswith(ELSEWHERE)] == []


def test_every_route_is_in_a_document():
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert [path for path in PATHS if not re.search(re.escape(path) + r"(?![\w/{])", text)] == []
