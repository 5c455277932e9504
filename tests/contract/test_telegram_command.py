"""`pisar telegram` over HTTP, against the stand-in."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from localstack.telegram import flood
from pisar.bot.commands import Audience, menu
from pisar.bot.texts import TEXTS
from pisar.cli import run
from pisar.domain.bots import WANTED_UPDATES
from tests.contract.conftest import PERSON, TOKEN
from tests.support.clients import NAMES, SPOKEN

SECRET = "whispered-secret"
KINDS = ["business_connection", "business_message", "callback_query", "guest_message", "message", "my_chat_member"]
NOWHERE = "http://127.0.0.1:9/telegram"


@dataclass(frozen=True)
class Ran:
    code: int
    rows: list[list[str]]  # of the table, without its head
    err: str


@pytest.fixture
def pisar(telegram, capsys, monkeypatch) -> Callable[..., Ran]:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", telegram.api_url)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", SECRET)
    monkeypatch.delenv("TELEGRAM_OWNER_IDS", raising=False)

    def invoke(*arguments: str) -> Ran:
        code = run(["telegram", *arguments])
        said = capsys.readouterr()
        assert (TOKEN in said.out + said.err, TOKEN.partition(":")[2] in said.out + said.err, SECRET in said.out + said.err) == (
            False,
            False,
            False,
        )
        return Ran(code, [re.split(r" {2,}", line.strip()) for line in said.out.splitlines()[2:]], said.err)

    return invoke


@pytest.fixture
def api(telegram) -> Callable[..., Any]:
    """The Bot API as any other program calls it."""
    return lambda method, **arguments: requests.post(f"{telegram.api_url}/bot{TOKEN}/{method}", json=arguments, timeout=60).json()["result"]


@pytest.fixture
def answering() -> Iterator[Callable[[int], str]]:
    """Starts a web server that answers everything with one status; its address."""
    servers = []

    def start(status: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/telegram"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def failing(telegram, pisar, answering) -> Callable[[int], None]:
    """Sets up a webhook that has answered an update with this status."""

    def fail(status: int) -> None:
        pisar("setup", "--url", answering(status))
        telegram.text(PERSON, "x")
        telegram.wait_for(lambda: telegram.world.webhook_error)

    return fail


def face(api: Callable[..., Any], owner: int) -> dict[str, Any]:
    """All that Telegram keeps of the bot's face."""
    scopes = {"private": {"type": "all_private_chats"}, "groups": {"type": "all_group_chats"}, "owner": {"type": "chat", "chat_id": owner}}
    return {
        "webhook": api("getWebhookInfo"),
        "menus": {
            (name, code): [(one["command"], one["description"]) for one in api("getMyCommands", scope=scope, language_code=code)]
            for name, scope in scopes.items()
            for code in (*SPOKEN, "en")
        },
        "descriptions": {code: api("getMyDescription", language_code=code)["description"] for code in (*SPOKEN, "de")},
        "short": {code: api("getMyShortDescription", language_code=code)["short_description"] for code in (*SPOKEN, "de")},
    }


def entries(audience: Audience, language: str) -> list[tuple[str, str]]:
    return [(entry.name, entry.description) for entry in menu(audience, language)]


def wrong(ran: Ran) -> list[list[str]]:
    return [row[1:] for row in ran.rows if row[0] == "✗"]


def test_setup_gives_the_bot_its_whole_face_and_repeating_it_changes_nothing(telegram, pisar, api, monkeypatch):
    telegram.text(PERSON, "/start")
    monkeypatch.setenv("TELEGRAM_OWNER_IDS", str(PERSON))
    first = pisar("setup", "--url", NOWHERE, "--drop-pending")
    assert (first.code, first.err) == (0, "")
    audiences = {"private": Audience.PRIVATE, "groups": Audience.GROUPS, "owner": Audience.OWNER}
    expected = {
        "webhook": {
            "url": NOWHERE,
            "has_custom_certificate": False,
            "pending_update_count": 0,
            "max_connections": 40,
            "ip_address": "127.0.0.1",
            "allowed_updates": KINDS,
        },
        "menus": {
            (name, code): [] if code == "en" else entries(audience, SPOKEN[code])
            for name, audience in audiences.items()
            for code in (*SPOKEN, "en")
        },
        "descriptions": {code: TEXTS[language]["bot_description"] for code, language in (*SPOKEN.items(), ("de", "en"))},
        "short": {code: TEXTS[language]["bot_short_description"] for code, language in (*SPOKEN.items(), ("de", "en"))},
    }
    assert face(api, PERSON) == expected
    assert telegram.world.webhook.secret == SECRET
    generation = telegram.world.webhook_generation
    assert pisar("setup", "--url", NOWHERE).code == 0
    assert (face(api, PERSON), telegram.world.webhook_generation) == (expected, generation)


def test_setup_tells_what_it_did(telegram, pisar, monkeypatch):
    telegram.text(PERSON, "/start")
    monkeypatch.setenv("TELEGRAM_OWNER_IDS", str(PERSON))
    names = {audience: " ".join(name for name, _ in entries(audience, "en")) for audience in Audience}
    assert pisar("setup", "--url", NOWHERE, "--drop-pending").rows == [
        ["bot", "@pisar_bot, id 123456"],
        ["webhook", f"{NOWHERE}, with the secret, for {', '.join(WANTED_UPDATES)}"],
        ["waiting updates", "forgotten"],
        *(["commands", f"private chats, {NAMES[code]}", names[Audience.PRIVATE]] for code in SPOKEN),
        *(["commands", f"groups, {NAMES[code]}", names[Audience.GROUPS]] for code in SPOKEN),
        *(["commands", f"owner {PERSON}, {NAMES[code]}", names[Audience.OWNER]] for code in SPOKEN),
        *(["descriptions", NAMES[code], TEXTS[language]["bot_short_description"]] for code, language in SPOKEN.items()),
    ]


def test_setup_keeps_waiting_updates_unless_told_otherwise(telegram, pisar):
    telegram.text(PERSON, "x")
    pisar("setup", "--url", NOWHERE)
    assert telegram.pending_count() == 1
    pisar("setup", "--url", NOWHERE, "--drop-pending")
    assert telegram.pending_count() == 0


def test_setup_names_an_owner_who_has_not_written_yet_and_sets_the_rest(pisar, api, monkeypatch):
    monkeypatch.setenv("TELEGRAM_OWNER_IDS", "31337")
    ran = pisar("setup", "--url", NOWHERE)
    problem = "not set: this person must write to the bot first; then repeat the setup"
    assert (ran.code, [row[1:] for row in ran.rows if "not set" in row[-1]]) == (
        1,
        [[f"owner 31337, {NAMES[code]}", problem] for code in SPOKEN],
    )
    assert api("getMyDescription", language_code="ru")["description"] == TEXTS["ru"]["bot_description"]


def test_setup_waits_as_long_as_telegram_asks(telegram, pisar, api):
    telegram.faults.add(flood("/setMyCommands", retry_after=1))
    assert pisar("setup", "--url", NOWHERE).code == 0
    assert [call.status for call in telegram.calls("setMyCommands")] == [429, *[200] * 2 * len(SPOKEN)]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TELEGRAM_WEBHOOK_SECRET", "a b", "pisar: Telegram does not take this webhook: secret token contains unallowed characters\n"),
        (
            "TELEGRAM_BOT_TOKEN",
            "123456:another",
            "pisar: Telegram does not know this bot: correct TELEGRAM_BOT_TOKEN, or TELEGRAM_API_URL\n",
        ),
        ("TELEGRAM_BOT_TOKEN", "none", "pisar: TELEGRAM_BOT_TOKEN is not a bot's token; @BotFather gives one like 123456:AbC…\n"),
    ],
)
def test_a_setting_that_is_not_taken_is_a_sentence(pisar, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    ran = pisar("setup", "--url", NOWHERE)
    assert (ran.code, ran.rows, ran.err) == (2, [], said)


def test_settings_that_are_missing_are_named(pisar, monkeypatch):
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    monkeypatch.delenv("TELEGRAM_WEBHOOK_SECRET")
    ran = pisar("setup", "--url", NOWHERE)
    assert (ran.code, re.findall(r"(\w+) is not set", ran.err)) == (2, ["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"])


def test_an_address_that_is_none_is_a_wrong_call(pisar, telegram):
    ran = pisar("setup", "--url", "gateway.example.org/telegram")
    assert (ran.code, "it must begin with https://" in ran.err, telegram.calls()) == (2, True, [])


def test_check_finds_a_bot_well_that_was_set_up(telegram, pisar, answering):
    url = answering(200)
    pisar("setup", "--url", url)
    update = telegram.text(PERSON, "x")
    telegram.wait_for(lambda: telegram.delivery(update["update_id"]).state == "delivered")
    ran = pisar("check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.rows == [
        ["✓", "token", "that of @pisar_bot, id 123456"],
        ["✓", "webhook", url],
        ["✓", "last error", "none"],
        ["✓", "waiting updates", "0"],
        ["✓", "kinds of updates", "all that the bot needs"],
        ["✓", "groups", "it can be added to them"],
        ["✓", "privacy mode", "off", "In groups every message reaches it, as /auto needs."],
        *(["✓", f"commands: private chats, {NAMES[code]}", "12 are set"] for code in SPOKEN),
        *(["✓", f"commands: groups, {NAMES[code]}", "12 are set"] for code in SPOKEN),
    ]


def test_check_changes_nothing(telegram, pisar, api):
    pisar("setup", "--url", NOWHERE)
    before = {call.method for call in telegram.calls()}
    pisar("check")
    assert {call.method for call in telegram.calls()} - before == {"getWebhookInfo", "getMyCommands"}


def test_check_needs_the_token_alone(pisar, monkeypatch):
    monkeypatch.delenv("TELEGRAM_WEBHOOK_SECRET")
    assert pisar("check").rows[0] == ["✓", "token", "that of @pisar_bot, id 123456"]


def test_check_says_what_a_fresh_bot_lacks(pisar):
    ran = pisar("check")
    assert ran.code == 1
    assert wrong(ran) == [
        [
            "webhook",
            "none is set",
            "Run `pisar telegram setup --url https://…/telegram`; until then only polling gets updates.",
        ],
        *([f"commands: private chats, {NAMES[code]}", "none are set", "Run `pisar telegram setup`."] for code in SPOKEN),
        *([f"commands: groups, {NAMES[code]}", "none are set", "Run `pisar telegram setup`."] for code in SPOKEN),
    ]


@pytest.mark.parametrize(
    ("status", "found", "advice"),
    [
        (403, "403 Forbidden", "Telegram has another secret than the function: run setup with its TELEGRAM_WEBHOOK_SECRET."),
        (500, "500 Internal Server Error", "The function failed, or was away or too slow: see its log. Telegram sends the updates again."),
        (404, "404 Not Found", "The webhook's address is wrong: run setup with the gateway's, which ends in /telegram."),
    ],
)
def test_check_explains_what_the_webhook_answers(pisar, failing, status, found, advice):
    failing(status)
    ran = pisar("check")
    assert (ran.code, wrong(ran)) == (1, [["last error", f"{found}, less than a minute ago", advice]])


def test_check_explains_a_webhook_that_nobody_answers(telegram, pisar, api):
    pisar("setup", "--url", NOWHERE)
    telegram.text(PERSON, "x")
    telegram.wait_for(lambda: api("getWebhookInfo").get("last_error_message"))
    advice = "Nobody listens at the address, or it hangs up: is the gateway there?"
    assert wrong(pisar("check")) == [["last error", "Connection refused, less than a minute ago", advice]]


def test_check_counts_the_updates_that_wait(telegram, pisar):
    pisar("setup", "--url", NOWHERE)
    for number in range(41):
        telegram.text(PERSON, str(number))
    found = {row[0]: row[1:] for row in wrong(pisar("check"))}
    assert found["waiting updates"] == ["41", "Something is stuck: look at the last error and the webhook's log."]


def test_check_names_the_updates_that_do_not_come_and_setup_brings_them(pisar, api):
    pisar("setup", "--url", NOWHERE)
    api("setWebhook", url=NOWHERE, secret_token=SECRET, allowed_updates=[one for one in WANTED_UPDATES if one not in KINDS[2:4]])
    advice = "The bot does not learn of these. Run `pisar telegram setup`."
    assert wrong(pisar("check")) == [["kinds of updates", "callback_query, guest_message not among them", advice]]
    pisar("setup", "--url", NOWHERE)
    assert pisar("check").code == 0


def test_check_explains_the_privacy_mode(telegram, pisar):
    telegram.world.privacy_mode = True
    pisar("setup", "--url", NOWHERE)
    ran = pisar("check")
    [row] = [row for row in ran.rows if row[1] == "privacy mode"]
    assert (ran.code, row[:3], row[3].startswith("In groups only commands and replies reach it;")) == (
        0,
        ["✓", "privacy mode", "on"],
        True,
    )


def test_check_of_another_token_says_where_one_is_had(pisar, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:another")
    ran = pisar("check")
    advice = "Take the token from @BotFather into TELEGRAM_BOT_TOKEN, or correct TELEGRAM_API_URL."
    assert (ran.code, ran.rows) == (1, [["✗", "token", "Telegram does not know it", advice]])


def test_check_of_a_telegram_that_is_away_says_so(pisar, monkeypatch):
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")
    ran = pisar("check")
    advice = "Look at this machine's network and TELEGRAM_API_URL; try again."
    assert (ran.code, ran.rows) == (1, [["✗", "Telegram", "did not answer (Telegram: TelegramNetworkError)", advice]])


def test_what_a_foreign_server_says_can_not_move_the_terminal(telegram, pisar):
    pisar("setup", "--url", NOWHERE)
    with telegram.world.change():
        telegram.world.webhook_error = (1, "Wrong response from the webhook: 500 \x1b[2J")
    [row] = [row for row in pisar("check").rows if row[1:2] == ["last error"]]
    assert row[2].startswith("500 ?[2J, ")
