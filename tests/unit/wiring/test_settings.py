"""Settings from an environment."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from pisar.domain.chats import AllowList
from pisar.errors import Misconfigured
from pisar.generated_text import write_or_check
from pisar.wiring import settings, settings_doc
from pisar.wiring.environment import check, read

SECRET = "123:a-made-up-token"


def test_defaults_fill_what_is_absent():
    limits = read({}, settings.Limits)
    assert limits == settings.Limits(max_audio_mb=20, max_audio_minutes=180.0)


def test_every_missing_and_every_wrong_name_is_reported_at_once():
    environment = {"TELEGRAM_BOT_TOKEN": "", "PISAR_MAX_AUDIO_MB": "many", "PISAR_QUEUE_URL": "ymq", "TELEGRAM_ALLOWED_IDS": "me"}
    groups = (settings.Storage, settings.Queue, settings.Telegram, settings.Webhook, settings.Limits)
    with pytest.raises(Misconfigured) as caught:
        check(environment, *groups)
    for name in ("PISAR_BUCKET", "TELEGRAM_WEBHOOK_SECRET", *environment):
        assert f"{name} is " in str(caught.value)
    assert str(caught.value).count("\n- ") == 6


def test_a_wrong_value_is_not_repeated_in_the_error():
    with pytest.raises(Misconfigured) as caught:
        read({"TELEGRAM_ALLOWED_IDS": SECRET}, settings.Webhook)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("text", "code"), [("", "auto"), ("ru-RU", "ru"), ("Russian", "ru"), ("русский", "ru"), (" AUTO ", "auto")])
def test_the_language_is_named_as_callers_name_it(text: str, code: str):
    assert read({"PISAR_LANGUAGE": text}, settings.Recognising).language == code


def test_a_language_that_nobody_speaks_stops_the_start():
    with pytest.raises(Misconfigured, match="PISAR_LANGUAGE is wrong: it must be the code or the name of a language, such as ru"):
        read({"PISAR_LANGUAGE": "klingon"}, settings.Recognising)


def test_a_secret_does_not_print():
    telegram = read({"TELEGRAM_BOT_TOKEN": SECRET}, settings.Telegram)
    assert SECRET not in f"{telegram!r} {telegram} {telegram.token}"
    assert telegram.token.reveal() == SECRET


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", AllowList()), ("*", AllowList(everyone=True)), ("7, -100 8", AllowList(ids=frozenset({7, -100, 8})))],
)
def test_the_allow_list_is_nobody_everybody_or_ids(text: str, expected: AllowList):
    webhook = read({"TELEGRAM_ALLOWED_IDS": text, "TELEGRAM_WEBHOOK_SECRET": "s"}, settings.Webhook)
    assert webhook.allowed == expected


@pytest.mark.parametrize(("text", "owners"), [(None, set()), ("", set()), ("7, 8 9,7", {7, 8, 9})])
def test_the_owners_are_nobody_or_ids_of_people(text: str | None, owners: set[int]):
    given = {"TELEGRAM_WEBHOOK_SECRET": "s"} | ({} if text is None else {"TELEGRAM_OWNER_IDS": text})
    assert read(given, settings.Webhook).owners == owners


@pytest.mark.parametrize("text", ["*", "-100123", "anna"])
def test_what_is_no_id_of_a_person_is_no_owner(text: str):
    with pytest.raises(Misconfigured) as caught:
        read({"TELEGRAM_WEBHOOK_SECRET": "s", "TELEGRAM_OWNER_IDS": text}, settings.Webhook)
    assert ("TELEGRAM_OWNER_IDS is wrong" in str(caught.value), text in str(caught.value)) == (True, False)


def test_callbacks_are_sent_only_where_a_queue_is_named():
    assert read({}, settings.Callbacks) == settings.Callbacks(queue_url="", hosts=frozenset())
    given = {"PISAR_CALLBACK_QUEUE_URL": "https://mq/1/callbacks/", "PISAR_CALLBACK_HOSTS": "LocalHost, hook.lan"}
    expected = settings.Callbacks(queue_url="https://mq/1/callbacks", hosts=frozenset({"localhost", "hook.lan"}))
    assert read(given, settings.Callbacks) == expected


def test_proxies_are_addresses_and_networks():
    told = read({"PISAR_PROXIES": "10.0.0.0/8, 192.0.2.1,::1"}, settings.Server)
    assert told.proxies == tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.1/32", "::1/128")))
    with pytest.raises(Misconfigured, match="PISAR_PROXIES is wrong: it must be addresses and networks"):
        read({"PISAR_PROXIES": "caddy"}, settings.Server)


@pytest.mark.parametrize("given", [{}, {"PISAR_CALLBACK_QUEUE_URL": ""}])
def test_a_deployable_may_require_what_others_can_do_without(given):
    with pytest.raises(Misconfigured) as caught:
        check(given, settings.Storage, settings.Callbacks, required=["PISAR_CALLBACK_QUEUE_URL"])
    assert [line.split()[1] for line in str(caught.value).splitlines()[1:]] == ["PISAR_BUCKET", "PISAR_CALLBACK_QUEUE_URL"]


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan", "soon"])
def test_a_time_is_a_number_above_zero(text: str):
    with pytest.raises(Misconfigured, match="PISAR_LEASE_SECONDS"):
        read({"PISAR_LEASE_SECONDS": text}, settings.Working)


def test_the_document_is_what_the_settings_say(tmp_path: Path):
    path = tmp_path / "settings.md"
    assert write_or_check(["--check", str(path)], settings_doc.document()) == 1
    assert write_or_check([str(path)], settings_doc.document()) == 0
    assert write_or_check(["--check", str(path)], settings_doc.document()) == 0
    assert "| `PISAR_BUCKET` | required |" in path.read_text()
    path.write_text("another")
    assert write_or_check(["--check", str(path)], settings_doc.document()) == 1
