"""The bot's face set, over the in-memory twin."""

import pytest

from pisar.bot.commands import Audience, menu
from pisar.bot.texts import TEXTS
from pisar.domain.bots import ChatKind, WebhookInfo
from pisar.errors import Misconfigured, Unavailable
from pisar.owner.bot_setup import BotSetup, Step
from tests.support.twins import ManualClock, MemoryBotProfile

OWNER, STRANGER = 42, 43
URL = "https://gateway.example.org/telegram"
WEBHOOK = f"{URL}, with the secret, for message, callback_query, my_chat_member"


@pytest.fixture
def profile() -> MemoryBotProfile:
    return MemoryBotProfile(OWNER)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1000.0)


@pytest.fixture
def setup(profile, clock):
    return lambda *owners: BotSetup(profile, clock, secret="s3cret", owners=owners, patience_seconds=60)


def names(audience: Audience) -> str:
    return " ".join(entry.name for entry in menu(audience, "en"))


def test_everything_is_set_and_told(profile, setup):
    steps = setup(OWNER).run(URL)
    assert steps == [
        Step("bot", "", "@pisar_bot, id 123456"),
        Step("webhook", "", WEBHOOK),
        Step("commands", "private chats, default", names(Audience.PRIVATE)),
        Step("commands", "private chats, ru", names(Audience.PRIVATE)),
        Step("commands", "groups, default", names(Audience.GROUPS)),
        Step("commands", "groups, ru", names(Audience.GROUPS)),
        Step("commands", "owner 42, default", names(Audience.OWNER)),
        Step("commands", "owner 42, ru", names(Audience.OWNER)),
        Step("descriptions", "default", TEXTS["en"]["bot_short_description"]),
        Step("descriptions", "ru", TEXTS["ru"]["bot_short_description"]),
    ]
    updates = frozenset({"message", "callback_query", "my_chat_member"})
    assert (profile.info, profile.secret) == (WebhookInfo(url=URL, allowed_updates=updates), "s3cret")
    audiences = {ChatKind.PRIVATE: Audience.PRIVATE, ChatKind.GROUPS: Audience.GROUPS, OWNER: Audience.OWNER}
    for scope, audience in audiences.items():
        assert {code: profile.commands(scope, code) for code in ("", "ru", "en")} == {
            "": menu(audience, "en"),
            "ru": menu(audience, "ru"),
            "en": (),
        }
    expected = {code: (TEXTS[name]["bot_description"], TEXTS[name]["bot_short_description"]) for code, name in (("", "en"), ("ru", "ru"))}
    assert profile.descriptions == expected


def test_nothing_that_is_told_has_the_secret(setup):
    assert "s3cret" not in str(setup(OWNER, STRANGER).run("https://a:s3cret@gateway.example.org/telegram?s3cret"))


def test_pending_updates_are_dropped_only_if_that_is_wanted(profile, setup):
    profile.info = WebhookInfo(url="", pending_count=7)
    setup().run(URL)
    assert profile.info.pending_count == 7
    assert Step("waiting updates", "", "forgotten") in setup().run(URL, drop_pending=True)
    assert profile.info.pending_count == 0


def test_an_owner_who_has_not_written_yet_is_named_and_the_rest_is_set(profile, setup):
    steps = setup(STRANGER).run(URL)
    problem = "this person must write to the bot first; then repeat the setup"
    assert [step for step in steps if step.problem] == [
        Step("commands", "owner 43, default", "not set", problem),
        Step("commands", "owner 43, ru", "not set", problem),
    ]
    assert set(profile.descriptions) == {"", "ru"}


def test_the_messengers_wish_to_be_left_alone_is_obeyed(profile, clock, setup):
    profile.failures.extend([Unavailable("flood", after_seconds=20), Unavailable("flood", after_seconds=30)])
    assert setup().run(URL)[0] == Step("bot", "", "@pisar_bot, id 123456")
    assert clock.now() == 1050.0


@pytest.mark.parametrize(
    "error", [Unavailable("flood", after_seconds=61), Unavailable("down"), Misconfigured("Telegram does not know this bot")]
)
def test_what_does_not_pass_in_time_is_raised(profile, clock, setup, error):
    profile.failures.append(error)
    with pytest.raises(type(error)) as caught:
        setup().run(URL)
    assert (caught.value, clock.now(), profile.info) == (error, 1000.0, WebhookInfo(url=""))
