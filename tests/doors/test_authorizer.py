"""The authorizer function, given recorded events."""

from typing import Any

import pytest

from pisar.flows.keys import Keys

from .conftest import Surroundings, recorded

REFUSED = {"isAuthorized": False, "context": {}}


@pytest.fixture(scope="module")
def key(surroundings: Surroundings) -> str:
    return Keys(surroundings.store()).create("anna", now=0)


def asked(name: str, **headers: str) -> dict[str, Any]:
    event: dict[str, Any] = recorded(name)
    event["headers"] = {"Host": "d5d.apigw.yandexcloud.net"} | headers
    return event


@pytest.mark.parametrize("name", ["X-Api-Key", "X-API-Key", "x-api-key"])
def test_a_key_in_its_header_in_any_case(authorizer, key: str, name: str):
    assert authorizer(asked("authorizer_api_key", **{name: key})) == {"isAuthorized": True, "context": {"client": "anna"}}


@pytest.mark.parametrize(("name", "scheme"), [("Authorization", "Bearer "), ("authorization", "bearer "), ("AUTHORIZATION", "BEARER  ")])
def test_a_key_as_a_bearer_token(authorizer, key: str, name: str, scheme: str):
    assert authorizer(asked("authorizer_bearer", **{name: scheme + key})) == {"isAuthorized": True, "context": {"client": "anna"}}


@pytest.mark.parametrize("event", ["authorizer_api_key", "authorizer_bearer"])
def test_the_recorded_keys_are_nobodys(authorizer, event: str):
    assert authorizer(recorded(event)) == REFUSED


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Api-Key": ""}, {"X-Api-Key": "../x"}, {"X-Api-Key": "ключ"}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}],
)
def test_anything_else_is_refused(authorizer, headers: dict[str, str]):
    assert authorizer(asked("authorizer_api_key", **headers)) == REFUSED
