"""Rules of the methods about the bot itself, and of who may call at all."""

import logging

import pytest

from localstack.telegram import TelegramStandIn

COMMANDS = [{"command": "start", "description": "Begin"}]


def test_a_wrong_token_is_unauthorized(api):
    answer = api.post("getMe", token="123456:wrong")
    assert (answer.status_code, answer.json()) == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})


def test_an_unknown_method_or_path_is_not_found(api):
    assert api("sendPigeon") == (404, "Not Found: method not found")
    answer = api.session.get(f"{api.url}/elsewhere", timeout=60)
    assert (answer.status_code, answer.json()) == (404, {"ok": False, "error_code": 404, "description": "Not Found"})


def test_the_bot_knows_itself(api):
    me = api("getMe")
    assert (me["id"], me["is_bot"], me["username"], me["can_read_all_group_messages"]) == (123456, True, "pisar_bot", True)


def test_commands_are_kept_by_scope_and_language(api, person):
    group = {"scope": {"type": "all_group_chats"}, "language_code": "ru"}
    chat = {"scope": {"type": "chat", "chat_id": person}}
    assert api("setMyCommands", commands=COMMANDS) is True
    api("setMyCommands", commands=[], **group)
    api("setMyCommands", commands=[{"command": "help", "description": "Help"}], **chat)
    assert api("getMyCommands") == COMMANDS
    assert api("getMyCommands", **group) == []
    assert api("getMyCommands", **chat) == [{"command": "help", "description": "Help"}]
    assert api("deleteMyCommands") is True
    assert api("getMyCommands") == []


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        ({"commands": [{"command": "Start", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a" * 33, "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "start", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "start", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": COMMANDS * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": ["start"]}, "expected an Array of BotCommand"),
        ({"commands": COMMANDS, "language_code": "rus"}, "invalid language code specified"),
        ({"commands": COMMANDS, "scope": {"type": "moon"}}, "can't parse BotCommandScope: Unsupported type specified"),
        ({"commands": COMMANDS, "scope": {"type": "chat"}}, "can't parse BotCommandScope: Empty chat_id specified"),
        ({"commands": COMMANDS, "scope": {"type": "chat", "chat_id": 999}}, "chat not found"),
    ],
)
def test_commands_that_are_none_are_refused(api, arguments, description):
    assert api("setMyCommands", **arguments) == (400, f"Bad Request: {description}")


@pytest.mark.parametrize(("name", "field", "limit"), [("Description", "description", 512), ("ShortDescription", "short_description", 120)])
def test_descriptions_are_kept_by_language(api, name, field, limit):
    assert api(f"setMy{name}", **{field: "x" * limit}) is True
    api(f"setMy{name}", **{field: "я"}, language_code="ru")
    assert [api(f"getMy{name}", language_code=code)[field] for code in ("", "ru", "de")] == ["x" * limit, "я", "x" * limit]
    assert api(f"setMy{name}", **{field: "x" * (limit + 1)})[0] == 400


def test_the_token_is_neither_in_the_repr_nor_in_the_logs(telegram, api, caplog):
    caplog.set_level(logging.DEBUG, logger="aiohttp")
    caplog.set_level(logging.DEBUG, logger="localstack")
    api("getMe")
    api("sendMessage", chat_id=1, text="x")
    api("setWebhook", url="http://127.0.0.1:9/", secret_token="whispered")
    shown = caplog.text + repr(telegram) + repr(vars(telegram)) + repr(telegram.calls())
    assert ["AAF-made_up" in shown, "whispered" in shown] == [False, False]


def test_a_token_that_is_none_is_refused_without_being_shown():
    with pytest.raises(ValueError, match="a bot token is") as caught:
        TelegramStandIn("not a token")
    assert "not a token" not in str(caught.value)


def test_calls_are_logged_with_times_and_without_bytes(telegram, api, person):
    api("sendDocument", files={"document": ("a.txt", b"words")}, chat_id=person)
    api("sendMessage", chat_id=999, text="x")
    document, refused = telegram.calls()
    assert (document.method, document.params, document.files, document.status) == (
        "sendDocument",
        {"chat_id": person},
        {"document": 5},
        200,
    )
    assert (refused.status, refused.description, refused.executed) == (400, "Bad Request: chat not found", False)
    assert document.started_at < document.answered_at < refused.started_at
    assert telegram.calls(chat_id=person) == [document]
