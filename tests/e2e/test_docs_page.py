"""The API's page as a browser gets it through the gateway, without a browser."""

import json
import re
from urllib.parse import urljoin

import pytest

from localstack.stack import ROOT, Stack

from .conftest import Api


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_page_and_all_it_names_are_served_to_anybody(api: Api, stack: Stack, path: str):
    page = api.get(stack.api_url + path, timeout=10)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    named = [name for name in re.findall(r'(?:src|href|data-document)="([^"]+)"', page.text) if name != "data:,"]
    found = {urljoin(page.url, name): api.get(urljoin(page.url, name), timeout=10) for name in named}
    assert {url.removeprefix(stack.api_url): (answer.status_code, answer.headers["Content-Type"]) for url, answer in found.items()} == {
        "/docs/swagger-ui.css": (200, "text/css; charset=utf-8"),
        "/docs/swagger-ui-bundle.js": (200, "text/javascript; charset=utf-8"),
        "/docs/start.js": (200, "text/javascript; charset=utf-8"),
        "/openapi.json": (200, "application/json"),
    }
    assert "SwaggerUIBundle" in found[f"{stack.api_url}/docs/swagger-ui-bundle.js"].text


def test_the_description_is_the_one_that_lies_in_the_package(api: Api, stack: Stack):
    served = api.get(f"{stack.api_url}/openapi.json", timeout=10).json()
    assert served == json.loads((ROOT / "src" / "pisar" / "web" / "openapi.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ["/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"])
def test_a_copy_that_is_still_good_is_not_sent_again(api: Api, stack: Stack, path: str):
    tag = api.get(stack.api_url + path, timeout=10).headers["ETag"]
    again = api.get(stack.api_url + path, headers={"If-None-Match": tag}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
