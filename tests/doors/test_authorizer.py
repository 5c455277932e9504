"""The authorizer function, given recorded events."""

from typing import Any

import pytest

from pisar.state.api_keys import Keys, NewKey

from .conftest import Surroundings, recorded

REFUSED = {"isAuthorized": False, "context": {}}
FACE = {"resource": "/v1/audio/transcriptions", "path": "/v1/audio/transcriptions"}


@pytest.fixture(scope="module")
def anna(surroundings: Surroundings) -> NewKey:
    return Keys(surroundings.store()).create("anna", now=0)


@pytest.fixture(scope="module")
def revoked(surroundings: Surroundings) -> str:
    keys = Keys(surroundings.store())
    key = keys.create("boris", now=0).key
    keys.revoke("boris", now=1)
    return key


def asked(name: str, *, at: dict[str, str] | None = None, **headers: str) -> dict[str, Any]:
    event: dict[str, Any] = recorded(name)
    event["headers"] = {"Host": "d5d.apigw.yandexcloud.net"} | headers
    return event | (at or {})


@pytest.mark.parametrize("at", [None, FACE])
@pytest.mark.parametrize("name", ["X-Api-Key", "X-API-Key", "x-api-key"])
def test_a_key_in_its_header_in_any_case(authorizer, anna: NewKey, name: str, at: dict[str, str] | None):
    known = {"isAuthorized": True, "context": {"client": anna.client.key_hash}}
    assert authorizer(asked("authorizer_api_key", at=at, **{name: anna.key})) == known


@pytest.mark.parametrize("at", [None, FACE])
@pytest.mark.parametrize(("name", "scheme"), [("Authorization", "Bearer "), ("authorization", "bearer "), ("AUTHORIZATION", "BEARER  ")])
def test_a_key_as_a_bearer_token(authorizer, anna: NewKey, name: str, scheme: str, at: dict[str, str] | None):
    known = {"isAuthorized": True, "context": {"client": anna.client.key_hash}}
    assert authorizer(asked("authorizer_bearer", at=at, **{name: scheme + anna.key})) == known


@pytest.mark.parametrize("event", ["authorizer_api_key", "authorizer_bearer"])
def test_the_recorded_keys_are_nobodys(authorizer, event: str):
    assert authorizer(recorded(event)) == REFUSED


WRONG = [{}, {"X-Api-Key": ""}, {"X-Api-Key": "../x"}, {"X-Api-Key": "ключ"}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}]


@pytest.mark.parametrize("at", [None, FACE])
@pytest.mark.parametrize("headers", WRONG)
def test_anything_else_is_refused(authorizer, headers: dict[str, str], at: dict[str, str] | None):
    assert authorizer(asked("authorizer_api_key", at=at, **headers)) == REFUSED


@pytest.mark.parametrize("at", [None, FACE])
def test_a_revoked_key_is_refused(authorizer, revoked: str, at: dict[str, str] | None):
    assert authorizer(asked("authorizer_api_key", at=at, **{"X-Api-Key": revoked})) == REFUSED
