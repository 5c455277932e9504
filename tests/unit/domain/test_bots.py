"""What may be shown of a webhook's address."""

import pytest

from pisar.domain.bots import public_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://d5d.apigw.example.org/telegram", "https://d5d.apigw.example.org/telegram"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://anna:secret@example.org/telegram?key=secret#secret", "https://example.org/telegram"),
        ("https://an@na:secret@example.org/", "https://example.org/"),
    ],
)
def test_a_url_is_shown_without_what_may_be_a_secret(url, shown):
    assert public_url(url) == shown
