"""The bot's face: in-memory twin and Telegram."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from pisar.adapters.telegram.profile import AiogramBotProfile
from pisar.domain.bots import WANTED_UPDATES, BotIdentity, ChatKind, MenuEntry, WebhookInfo
from pisar.errors import Misconfigured, Unavailable, Undeliverable
from tests.contract.conftest import PERSON, TOKEN
from tests.support.twins import MemoryBotProfile

URL = "http://127.0.0.1:9/telegram"
START = (MenuEntry("start", "Begin"), MenuEntry("help", "Помощь"))
HELP = (MenuEntry("help", "Help"),)


@dataclass(frozen=True)
class ProfileContestant:
    profile: Any
    descriptions: Callable[[str], tuple[str, str]]  # what a person of that language reads: in an empty chat, and on the profile


@pytest.fixture
def aiogram_profile(telegram):
    profile = AiogramBotProfile(TOKEN, api_url=telegram.api_url, timeout_seconds=60)
    yield profile
    profile.close()


@pytest.fixture(params=["memory", "aiogram"])
def face(request: pytest.FixtureRequest) -> ProfileContestant:
    if request.param == "memory":
        twin = MemoryBotProfile(PERSON)
        return ProfileContestant(twin, lambda language: twin.descriptions[language])
    telegram = request.getfixturevalue("telegram")
    asked(telegram, "getUpdates", offset=telegram.text(PERSON, "/start")["update_id"] + 1)

    def descriptions(language: str) -> tuple[str, str]:
        read = [asked(telegram, f"getMy{name}", language_code=language) for name in ("Description", "ShortDescription")]
        return read[0]["description"], read[1]["short_description"]

    return ProfileContestant(request.getfixturevalue("aiogram_profile"), descriptions)


def asked(telegram: Any, method: str, **arguments: Any) -> Any:
    return requests.post(f"{telegram.api_url}/bot{TOKEN}/{method}", json=arguments, timeout=60).json()["result"]


def test_a_bot_says_who_it_is(face):
    me = face.profile.me()
    assert replace(me, can_read_all_group_messages=False) == BotIdentity(
        id=123456, username="pisar_bot", can_join_groups=True, can_read_all_group_messages=False
    )


def test_a_menu_belongs_to_one_scope_and_one_language(face):
    everywhere = [(scope, language) for scope in (ChatKind.PRIVATE, ChatKind.GROUPS, PERSON) for language in ("", "ru")]
    assert [face.profile.commands(*where) for where in everywhere] == [()] * 6
    face.profile.set_commands(ChatKind.PRIVATE, "", START)
    face.profile.set_commands(ChatKind.GROUPS, "ru", HELP)
    face.profile.set_commands(PERSON, "", START + HELP[:0])
    assert [face.profile.commands(*where) for where in everywhere] == [START, (), (), HELP, START, ()]


def test_a_menu_that_is_set_again_replaces_the_one_before(face):
    for menu in (START, HELP, HELP):
        face.profile.set_commands(ChatKind.PRIVATE, "ru", menu)
    assert face.profile.commands(ChatKind.PRIVATE, "ru") == HELP


def test_a_person_who_has_not_written_to_the_bot_has_no_menu(face):
    with pytest.raises(Undeliverable):
        face.profile.set_commands(31337, "", START)


def test_descriptions_belong_to_a_language(face):
    face.profile.set_descriptions("", description="I write", short_description="A scribe")
    face.profile.set_descriptions("ru", description="Пишу", short_description="Писарь")
    assert (face.descriptions(""), face.descriptions("ru")) == (("I write", "A scribe"), ("Пишу", "Писарь"))


def test_a_webhook_is_set_and_can_be_set_again(face):
    assert face.profile.webhook() == WebhookInfo(url="")
    for _ in range(2):
        face.profile.set_webhook(URL, "s3cret", WANTED_UPDATES)
    assert face.profile.webhook() == WebhookInfo(url=URL, allowed_updates=frozenset(WANTED_UPDATES))


def test_the_webhook_shows_telegram_the_secret_and_nobody_else(telegram, aiogram_profile):
    aiogram_profile.set_webhook(URL, "s3cret", ["message"])
    assert telegram.world.webhook.secret == "s3cret"
    assert "s3cret" not in repr(aiogram_profile.webhook())


def test_updates_wait_until_they_are_dropped(telegram, aiogram_profile):
    telegram.text(PERSON, "x")
    aiogram_profile.set_webhook(URL, "s", WANTED_UPDATES)
    telegram.wait_for(lambda: aiogram_profile.webhook().last_error)
    info = aiogram_profile.webhook()
    assert (info.pending_count, info.last_error, info.last_error_at) == (1, "Connection refused", telegram.world.webhook_error[0])
    aiogram_profile.set_webhook(URL, "s", WANTED_UPDATES, drop_pending=True)
    assert aiogram_profile.webhook() == WebhookInfo(url=URL, allowed_updates=frozenset(WANTED_UPDATES))


def test_updates_of_telegrams_own_choice_are_none_of_ours(telegram, aiogram_profile):
    asked(telegram, "setWebhook", url=URL, allowed_updates=[])
    assert aiogram_profile.webhook().allowed_updates is None


@pytest.mark.parametrize("token", [TOKEN, TOKEN.replace(":", "%3A")])
def test_a_token_in_somebodys_webhook_is_not_told(telegram, aiogram_profile, token):
    asked(telegram, "setWebhook", url=f"http://127.0.0.1:9/bot/{token}/hook")
    assert aiogram_profile.webhook().url == "http://127.0.0.1:9/bot/…/hook"


@pytest.mark.parametrize(
    ("url", "secret", "why"),
    [
        ("ftp://example.org", "s", "invalid webhook URL specified"),
        (URL, "a b", "secret token contains unallowed characters"),
        (URL, "a" * 257, "secret token is too long"),
    ],
)
def test_a_webhook_that_is_not_taken_is_for_the_operator_to_correct(aiogram_profile, url, secret, why):
    with pytest.raises(Misconfigured) as caught:
        aiogram_profile.set_webhook(url, secret, ["message"])
    assert str(caught.value) == f"Telegram does not take this webhook: {why}"


def test_another_token_is_the_operators_mistake_and_is_not_told(telegram):
    profile = AiogramBotProfile("123456:another-secret", api_url=telegram.api_url, timeout_seconds=60)
    with pytest.raises(Misconfigured) as caught:
        profile.me()
    profile.close()
    assert "TELEGRAM_BOT_TOKEN" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_telegram_that_is_away_is_unavailable_and_the_token_is_not_told():
    profile = AiogramBotProfile(TOKEN, api_url="http://127.0.0.1:9", timeout_seconds=60)
    with pytest.raises(Unavailable) as caught:
        profile.me()
    profile.close()
    assert "secret" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"
