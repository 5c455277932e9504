"""The key in a request's headers: two ways to send it, and what becomes of both at once."""

import pytest

from pisar.web.credentials import TwoKeysError, api_key

KEY = "pisar_k"


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"X-API-Key": KEY}, KEY),
        ({"x-api-key": f" {KEY} "}, KEY),
        ({"X-Api-Key": ""}, None),
        ({"Authorization": f"Bearer {KEY}"}, KEY),
        ({"authorization": f"bearer   {KEY}  "}, KEY),
        ({"AUTHORIZATION": f"  BEARER {KEY}"}, KEY),
        ({"Authorization": "Bearer"}, None),
        ({"Authorization": "Bearer "}, None),
        ({"Authorization": f"Basic {KEY}"}, None),
        ({"Authorization": KEY}, None),
        ({"X-API-Key": "", "Authorization": f"Bearer {KEY}"}, KEY),
        ({"X-API-Key": KEY, "Authorization": ""}, KEY),
        ({"X-API-Key": KEY, "Authorization": "Basic eDp5"}, KEY),
        ({"X-API-Key": KEY, "Authorization": f"Bearer {KEY}"}, KEY),
    ],
)
def test_the_key_is_found(headers: dict[str, str], key: str | None):
    assert api_key(headers) == key


@pytest.mark.parametrize("bearer", ["sk-other", "pisar_K", f"{KEY}x"])
def test_two_that_differ_are_nobodys(bearer: str):
    with pytest.raises(TwoKeysError):
        api_key({"X-API-Key": KEY, "Authorization": f"Bearer {bearer}"})
