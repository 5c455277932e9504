"""How large a file may be by each way in, from the settings."""

import pytest

from pisar.wiring.outside import Outside
from pisar.wiring.webhook import Updates

MB = 2**20


@pytest.mark.parametrize(
    ("server", "of_a_chat"),
    [
        (None, 20),
        ("https://api.telegram.org/", 20),
        ("http://botfiles:8080", 300),
    ],
)
def test_the_bot_takes_no_more_than_its_bot_api_server_gives(server: str | None, of_a_chat: int):
    told = {"TELEGRAM_BOT_TOKEN": "123456:made-up", "TELEGRAM_WEBHOOK_SECRET": "made-up", "PISAR_MAX_AUDIO_MB": "300"}
    wiring = Updates(told | ({"TELEGRAM_API_URL": server} if server else {}))
    assert (wiring.request_limits.max_bytes, wiring.chat_limits.max_bytes) == (300 * MB, of_a_chat * MB)
    assert wiring.facts.limits == wiring.chat_limits  # what /start and refusals say


def test_a_smaller_limit_of_the_owner_holds_for_both():
    wiring = Updates({"TELEGRAM_BOT_TOKEN": "123456:made-up", "TELEGRAM_WEBHOOK_SECRET": "made-up", "PISAR_MAX_AUDIO_MB": "5"})
    assert (wiring.request_limits.max_bytes, wiring.chat_limits.max_bytes) == (5 * MB, 5 * MB)


def test_a_call_of_the_api_may_have_what_openais_takes_whatever_is_taken_from_chats():
    assert [Outside({"PISAR_MAX_AUDIO_MB": megabytes}).call_limits.max_bytes for megabytes in ("5", "25", "300")] == [
        26_214_400,
        26_214_400,
        300 * MB,
    ]
    small = Outside({"PISAR_MAX_AUDIO_MB": "5", "PISAR_MAX_UPLOAD_MB": "5"})
    assert small.decoder_limits.max_bytes == small.call_limits.max_bytes
