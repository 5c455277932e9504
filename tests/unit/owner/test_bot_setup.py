"""The bot's face set, over the in-memory twin."""

import pytest

from pisar.bot.commands import Audience, menu
from pisar.bot.texts import TEXTS
from pisar.domain.bots import WANTED_UPDATES, ChatKind, WebhookInfo
from pisar.errors import Misconfigured, Unavailable
from pisar.owner.bot_setup import BotSetup, Step
from tests.support.clients import NAMES, SPOKEN
from tests.support.twins import ManualClock, MemoryBotProfile

OWNER, STRANGER = 42, 43
URL = "https://gateway.example.org/telegram"
WEBHOOK = f"{URL}, with the secret, for {', '.join(WANTED_UPDATES)}"


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
        *(Step("commands", f"private chats, {NAMES[code]}", names(Audience.PRIVATE)) for code in SPOKEN),
        *(Step("commands", f"groups, {NAMES[code]}", names(Audience.GROUPS)) for code in SPOKEN),
        *(Step("commands", f"owner 42, {NAMES[code]}", names(Audience.OWNER)) for code in SPOKEN),
        *(Step("descriptions", NAMES[code], TEXTS[language]["bot_short_description"]) for code, language in SPOKEN.items()),
    ]
    updates = frozenset(WANTED_UPDATES)
    assert (profile.info, profile.secret) == (WebhookInfo(url=URL, allowed_updates=updates), "s3cret")
    audiences = {ChatKind.PRIVATE: Audience.PRIVATE, ChatKind.GROUPS: Audience.GROUPS, OWNER: Audience.OWNER}
    for scope, audience in audiences.items():
        assert {code: profile.commands(scope, code) for code in (*SPOKEN, "en", "de")} == {
            code: menu(audience, language) for code, language in SPOKEN.items()
        } | {"en": (), "de": ()}
    assert profile.descriptions == {
        code: (TEXTS[language]["bot_description"], TEXTS[language]["bot_short_description"]) for code, language in SPOKEN.items()
    }


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
    assert [step for step in steps if step.problem] == [Step("commands", f"owner 43, {NAMES[code]}", "not set", problem) for code in SPOKEN]
    assert set(profile.descriptions) == set(SPOKEN)


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
