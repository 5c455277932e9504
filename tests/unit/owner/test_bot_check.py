"""What is found at a bot, over the in-memory twin, and the words for it."""

from dataclasses import replace

import pytest

from pisar.domain.bots import BotIdentity, ChatKind, WebhookInfo
from pisar.errors import Misconfigured, Unavailable
from pisar.owner.bot_check import BotCheck, Finding, age, group_findings, meaning, webhook_findings
from pisar.owner.bot_setup import BotSetup
from tests.support.clients import NAMES, SPOKEN
from tests.support.twins import ManualClock, MemoryBotProfile

NOW = 1_790_000_000.0
URL = "https://gateway.example.org/telegram"
UPDATES = frozenset({"message", "callback_query", "my_chat_member", "business_connection", "business_message", "guest_message"})
WELL = WebhookInfo(url=URL, allowed_updates=UPDATES)
ME = BotIdentity(id=123456, username="pisar_bot", can_join_groups=True, can_read_all_group_messages=False)
FORBIDDEN = "Wrong response from the webhook: 403 Forbidden"


@pytest.fixture
def profile() -> MemoryBotProfile:
    profile = MemoryBotProfile()
    BotSetup(profile, ManualClock(), secret="s", owners=(), patience_seconds=1).run(URL)
    return profile


def test_a_bot_that_was_set_up_is_well(profile):
    assert BotCheck(profile).run(NOW) == [
        Finding(True, "token", "that of @pisar_bot, id 123456"),
        *webhook_findings(WELL, NOW),
        *group_findings(ME),
        *(Finding(True, f"commands: private chats, {NAMES[code]}", "12 are set") for code in SPOKEN),
        *(Finding(True, f"commands: groups, {NAMES[code]}", "12 are set") for code in SPOKEN),
    ]


def test_a_webhook_that_is_well_has_four_things_to_say():
    assert webhook_findings(WELL, NOW) == [
        Finding(True, "webhook", URL),
        Finding(True, "last error", "none"),
        Finding(True, "waiting updates", "0"),
        Finding(True, "kinds of updates", "all that the bot needs"),
    ]


def test_somebody_elses_webhook_is_shown_without_its_secrets():
    info = replace(WELL, url="https://anna:secret@example.org/hook?key=secret")
    assert webhook_findings(info, NOW)[0] == Finding(True, "webhook", "https://example.org/hook")


def test_a_bot_without_a_webhook_says_how_to_set_one():
    advice = "Run `pisar telegram setup --url https://…/telegram`; until then only polling gets updates."
    found = webhook_findings(WebhookInfo(url="", pending_count=3), NOW)
    assert found == [Finding(False, "webhook", "none is set", advice), Finding(True, "waiting updates", "3")]


def test_an_error_that_holds_updates_back_is_told_with_its_age_and_meaning():
    info = replace(WELL, pending_count=1, last_error=FORBIDDEN, last_error_at=NOW - 7300)
    assert webhook_findings(info, NOW)[1] == Finding(False, "last error", "403 Forbidden, 2 hours ago", meaning(FORBIDDEN))


def test_an_error_that_holds_nothing_back_has_passed():
    info = replace(WELL, last_error=FORBIDDEN, last_error_at=NOW - 60)
    advice = "No update waits, so it has passed. In doubt send the bot a message and check again."
    assert webhook_findings(info, NOW)[1] == Finding(True, "last error", "403 Forbidden, 1 minute ago", advice)


@pytest.mark.parametrize(("count", "fine"), [(0, True), (40, True), (41, False)])
def test_many_waiting_updates_are_a_sign(count, fine):
    advice = "" if fine else "Something is stuck: look at the last error and the webhook's log."
    assert webhook_findings(replace(WELL, pending_count=count), NOW)[2] == Finding(fine, "waiting updates", str(count), advice)


@pytest.mark.parametrize(
    ("allowed", "finding"),
    [
        (None, Finding(True, "kinds of updates", "Telegram's default")),
        (
            UPDATES | {"poll"},
            Finding(True, "kinds of updates", "all that the bot needs"),
        ),
        (
            frozenset({"message"}),
            Finding(
                False,
                "kinds of updates",
                "callback_query, my_chat_member, business_connection, business_message, guest_message not among them",
                "The bot does not learn of these. Run `pisar telegram setup`.",
            ),
        ),
    ],
)
def test_updates_that_do_not_come_are_named(allowed, finding):
    assert webhook_findings(replace(WELL, allowed_updates=allowed), NOW)[3] == finding


def test_what_is_for_the_owner_to_choose_is_explained_and_never_wrong():
    private = group_findings(ME)
    open_ = group_findings(replace(ME, can_read_all_group_messages=True))
    alone = group_findings(replace(ME, can_join_groups=False))
    assert [[(one.fine, one.about, one.found) for one in found] for found in (private, open_, alone)] == [
        [(True, "groups", "it can be added to them"), (True, "privacy mode", "on")],
        [(True, "groups", "it can be added to them"), (True, "privacy mode", "off")],
        [(True, "groups", "it can't be added to any")],
    ]
    assert (private[1].advice.startswith("In groups only commands and replies reach it;"), "/setprivacy" in private[1].advice) == (
        True,
        True,
    )


def test_a_menu_that_is_missing_or_another_is_told(profile):
    profile.set_commands(ChatKind.PRIVATE, "ru", ())
    profile.set_commands(ChatKind.GROUPS, "", profile.commands(ChatKind.GROUPS, "ru"))
    assert [one for one in BotCheck(profile).run(NOW) if not one.fine] == [
        Finding(False, "commands: private chats, ru", "none are set", "Run `pisar telegram setup`."),
        Finding(False, "commands: groups, default", "others than this version's are set", "Run `pisar telegram setup`."),
    ]


def test_a_token_nobody_knows_is_the_only_finding(profile):
    profile.failures.append(Misconfigured("Telegram does not know this bot"))
    advice = "Take the token from @BotFather into TELEGRAM_BOT_TOKEN, or correct TELEGRAM_API_URL."
    assert BotCheck(profile).run(NOW) == [Finding(False, "token", "Telegram does not know it", advice)]


def test_a_messenger_that_does_not_answer_is_the_only_finding(profile):
    profile.failures.append(Unavailable("Telegram: TelegramNetworkError"))
    advice = "Look at this machine's network and TELEGRAM_API_URL; try again."
    assert BotCheck(profile).run(NOW) == [Finding(False, "Telegram", "did not answer (Telegram: TelegramNetworkError)", advice)]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("Wrong response from the webhook: 403 Forbidden", "another secret"),
        ("Wrong response from the webhook: 401 Unauthorized", "asks for a key"),
        ("Wrong response from the webhook: 404 Not Found", "address is wrong"),
        ("Wrong response from the webhook: 405 Method Not Allowed", "address is wrong"),
        ("Wrong response from the webhook: 429 Too Many Requests", "quotas"),
        ("Wrong response from the webhook: 302 Found", "no redirects"),
        ("Wrong response from the webhook: 500 Connection timed out", "see its log"),
        ("Wrong response from the webhook: 503 Service Unavailable", "see its log"),
        ("Wrong response from the webhook: 418 I'm a teapot", "never answers so"),
        ("SSL error {error:0A000086:SSL routines::certificate verify failed}", "certificate"),
        ("Connection timed out", "in time"),
        ("Read timeout expired", "in time"),
        ("Failed to resolve host: Name or service not known", "DNS"),
        ("Connection refused", "Nobody listens"),
        ("Connection reset by peer", "Nobody listens"),
        ("Can't connect to the webhook", "Nobody listens"),
        ("Something new", "its log"),
    ],
)
def test_an_error_of_the_webhook_is_explained(error, word):
    assert word in meaning(error)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "less than a minute ago"),
        (59.9, "less than a minute ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86399, "23 hours ago"),
        (2 * 86400, "2 days ago"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(seconds, told):
    assert age(seconds) == told
