"""What the bot does about a press, by who presses and what the button carries."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.bot import buttons
from pisar.bot.actions import (
    Acknowledge,
    Action,
    Admit,
    AskLanguage,
    Change,
    Edit,
    Erase,
    Facts,
    HearAgain,
    ShowAgain,
    ShowSettings,
    TellAuto,
)
from pisar.bot.conversation import decide
from pisar.domain.answer_to import Reply
from pisar.domain.audio import AudioLimits
from pisar.domain.chats import AUTOS, SHAPES, AllowList, Auto, ChatSettings
from pisar.domain.messages import Press
from pisar.domain.options import LANGUAGES

ANNA, BORIS, OWNER, GROUP = 7, 8, 1, -100
JOB = "0123456789abcdef" * 2
FACTS = Facts(
    allowed=AllowList(ids=frozenset({ANNA, GROUP})),
    limits=AudioLimits(max_bytes=1, max_seconds=1),
    owners=frozenset({OWNER}),
    settings=ChatSettings(languages=("ru",)),
)
ADMIN = replace(FACTS, is_admin=True)
PRESS = Press(press_id="p", chat_id=ANNA, chat_type="private", message_id=60, user_id=ANNA, data="", language_code="ru")
IN_GROUP = replace(PRESS, chat_id=GROUP, chat_type="supergroup", thread_id=5)
REPLY = Reply(chat_id=ANNA, message_id=60, language="ru", user_id=ANNA)
GROUP_REPLY = replace(REPLY, chat_id=GROUP, thread_id=5)


def pressed(data: str, facts: Facts = FACTS, press: Press = PRESS) -> tuple[Action, ...]:
    return decide(replace(press, data=data), facts)


def refused(key: str, data: str, press: Press = PRESS) -> tuple[Action, ...]:
    return (Acknowledge(replace(press, data=data), key),)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_is_given_again_in_every_shape(shape: str):
    press = replace(PRESS, data=f"as:{shape}:{JOB}")
    assert decide(press, FACTS) == (ShowAgain(press, JOB, shape),)


def test_another_language_is_asked_for_first():
    press = replace(PRESS, data=f"in:?:{JOB}")
    assert decide(press, FACTS) == (AskLanguage(press, JOB),)


@pytest.mark.parametrize("language", ["de", "haw"])
def test_a_recording_is_heard_again_in_a_language_whisper_knows(language: str):
    press = replace(PRESS, data=f"in:{language}:{JOB}")
    assert decide(press, FACTS) == (HearAgain(press, JOB, language),)


@pytest.mark.parametrize(
    "data",
    [
        *("", "help", "as", "lang:de", f"as:pdf:{JOB}", "as:txt", "as:txt:", "as:txt:../x", "as:txt:a-b", f"as:txt:{JOB}:x"),
        *(f"in:xx:{JOB}", f"in:auto:{JOB}", f"in::{JOB}", "in:de", "in:?", "in:?:", "set:xx", "unset:xx", "set:", "shape:pdf", "shape:"),
        *("on:everything", "off:languages", "on:", "flip:auto", "on:shape"),
    ],
)
def test_a_button_that_none_of_ours_carries_is_dead(data: str):
    assert pressed(data) == refused("button_dead", data)


@pytest.mark.parametrize(
    ("data", "changed", "kind"),
    [
        ("set:de", ChatSettings(languages=("ru", "de")), "language"),
        ("set:ru", ChatSettings(languages=("ru",)), "language"),
        ("unset:ru", ChatSettings(languages=()), "language"),
        ("unset:de", ChatSettings(languages=("ru",)), "language"),
        ("set:auto", ChatSettings(languages=()), "language"),
        ("shape:srt", ChatSettings(languages=("ru",), shape="srt"), "format"),
        ("shape:text", ChatSettings(languages=("ru",)), "format"),
        ("off:silent", ChatSettings(languages=("ru",), silent=False), "settings"),
        ("on:silent", ChatSettings(languages=("ru",), silent=True), "settings"),
        ("on:auto", ChatSettings(languages=("ru",), auto="voices"), "settings"),
        ("off:auto", ChatSettings(languages=("ru",), auto="off"), "settings"),
    ],
)
def test_a_setting_is_changed_and_shown_in_the_same_message(data: str, changed: ChatSettings, kind: str):
    in_private = (Change(ANNA, changed), Acknowledge(replace(PRESS, data=data)), ShowSettings(REPLY, kind, changed, 60))
    assert pressed(data) == in_private
    in_group = (Change(GROUP, changed), Acknowledge(replace(IN_GROUP, data=data)), ShowSettings(GROUP_REPLY, kind, changed, 60))
    shown = tuple(replace(one, reply=GROUP_REPLY) if isinstance(one, ShowSettings) else one for one in in_group)
    assert pressed(data, ADMIN, IN_GROUP) == shown


@pytest.mark.parametrize("auto", AUTOS)
def test_what_a_group_has_transcribed_unasked_is_chosen_and_what_the_bot_lacks_for_it_is_told(auto: Auto):
    changed = ChatSettings(languages=("ru",), auto=auto)
    assert pressed(f"auto:{auto}", ADMIN, IN_GROUP) == (
        Change(GROUP, changed),
        Acknowledge(replace(IN_GROUP, data=f"auto:{auto}")),
        ShowSettings(GROUP_REPLY, "settings", changed, 60),
        TellAuto(GROUP_REPLY, auto, warns=True),
    )


@pytest.mark.parametrize(("value", "interface", "spoken"), [("en", "en", "en"), ("ru", "ru", "ru"), ("auto", "", "ru")])
def test_the_bots_language_is_chosen_and_shown_in_that_language(value: str, interface: str, spoken: str):
    changed = replace(FACTS.settings, interface=interface)
    expected = ShowSettings(replace(REPLY, language=spoken), "interface", changed, 60)
    assert pressed(f"ui:{value}") == (Change(ANNA, changed), Acknowledge(replace(PRESS, data=f"ui:{value}")), expected)
    assert pressed(f"ui:{value}", FACTS, IN_GROUP) == refused("admins_only", f"ui:{value}", IN_GROUP)


@pytest.mark.parametrize(("value", "kind"), [("?", "interface"), ("back", "language")])
def test_the_bots_language_and_that_of_the_speech_are_shown_in_the_same_message(value: str, kind: str):
    shown = ShowSettings(REPLY, kind, FACTS.settings, 60)
    assert pressed(f"ui:{value}") == (Acknowledge(replace(PRESS, data=f"ui:{value}")), shown)


def test_an_owner_lets_somebody_in_by_a_button_and_nobody_else_can():
    for one in (BORIS, -100500):
        data = f"let:{one}:20261129"
        owner = replace(PRESS, chat_id=OWNER, user_id=OWNER, data=data)
        let_in = Admit(replace(REPLY, chat_id=OWNER, user_id=OWNER), one, allowed=True, day="20261129", message_id=60)
        assert pressed(data, FACTS, owner) == (Acknowledge(owner), let_in)
        assert pressed(data) == refused("button_not_yours", data)
        assert pressed(data, ADMIN, IN_GROUP) == refused("button_not_yours", data, IN_GROUP)


@pytest.mark.parametrize("data", ["let:5", "let:x:20261129", "let:5:today", "let:--5:20261129", "let::20261129"])
def test_a_button_that_lets_in_nobody_is_dead(data: str):
    owner = replace(PRESS, chat_id=OWNER, user_id=OWNER)
    assert pressed(data, FACTS, owner) == refused("button_dead", data, owner)


def test_a_member_erases_their_own_by_a_button_that_serves_nobody_else():
    own, keep = f"erase:own:{ANNA}", f"erase:no:{ANNA}"
    assert pressed(own, FACTS, IN_GROUP) == (Acknowledge(replace(IN_GROUP, data=own)), Erase(GROUP_REPLY, 60, ANNA))
    assert pressed(keep, FACTS, IN_GROUP) == (Acknowledge(replace(IN_GROUP, data=keep)), Edit(GROUP_REPLY, 60, "delete_kept"))
    boris = replace(IN_GROUP, user_id=BORIS)
    for data in (own, keep):
        assert pressed(data, FACTS, boris) == refused("button_not_yours", data, boris)
    assert pressed(own, ADMIN, boris) == refused("button_not_yours", own, boris)
    assert isinstance(pressed(keep, ADMIN, boris)[-1], Edit)
    assert pressed("erase:yes", FACTS, IN_GROUP) == refused("admins_only", "erase:yes", IN_GROUP)


@pytest.mark.parametrize("data", ["erase:yes", "set:de", "auto:all"])
def test_where_telegram_hides_who_administers_the_group_the_presser_is_told_so(data: str):
    assert pressed(data, replace(FACTS, is_admin=None), IN_GROUP) == refused("admins_unknown", data, IN_GROUP)


SETTINGS = st.builds(
    ChatSettings,
    languages=st.lists(st.sampled_from(sorted(LANGUAGES)), unique=True, max_size=4).map(tuple),
    shape=st.sampled_from(SHAPES),
    silent=st.booleans(),
    auto=st.sampled_from(AUTOS),
)


@given(SETTINGS)
def test_a_press_that_comes_again_leads_to_the_same_settings(settings: ChatSettings):
    keyboards = (
        buttons.language_settings(settings, "en"),
        buttons.interface_settings(settings, "en"),
        buttons.shape_settings(settings, "en"),
        buttons.all_settings(settings, "en", group=True),
    )
    for button in (button for keyboard in keyboards for row in keyboard for button in row if button.data not in {"ui:?", "ui:back"}):
        first = pressed(button.data, replace(ADMIN, settings=settings), IN_GROUP)[0]
        assert isinstance(first, Change)
        assert pressed(button.data, replace(ADMIN, settings=first.settings), IN_GROUP)[0] == first


@given(SETTINGS)
def test_every_button_without_a_tick_changes_something_and_a_ticked_switch_does_too(settings: ChatSettings):
    keyboards = (
        buttons.language_settings(settings, "en"),
        buttons.interface_settings(settings, "en"),
        buttons.shape_settings(settings, "en"),
        buttons.all_settings(settings, "en", group=True),
    )
    for button in (button for keyboard in keyboards for row in keyboard for button in row if button.data not in {"ui:?", "ui:back"}):
        change = pressed(button.data, replace(ADMIN, settings=settings), IN_GROUP)[0]
        assert isinstance(change, Change)
        chosen_already = button.label.startswith(buttons.TICK) and button.data.startswith(("set:", "shape:", "auto:", "ui:"))
        assert (change.settings == settings) is chosen_already


@pytest.mark.parametrize("data", ["set:de", "shape:srt", "on:auto", "off:silent", "erase:yes", "erase:no"])
def test_a_groups_settings_are_its_administrators(data: str):
    assert pressed(data, FACTS, IN_GROUP) == refused("admins_only", data, IN_GROUP)
    owner = replace(IN_GROUP, user_id=OWNER)
    assert pressed(data, FACTS, owner) == refused("admins_only", data, owner)


def test_everything_is_erased_only_by_the_button_that_says_so():
    assert pressed("erase:yes") == (Acknowledge(replace(PRESS, data="erase:yes")), Erase(REPLY, 60))
    for data in ("erase:no", "erase:", "erase:maybe"):
        assert pressed(data) == (Acknowledge(replace(PRESS, data=data)), Edit(REPLY, 60, "delete_kept"))


EVERY = ["", "x", f"as:txt:{JOB}", f"in:?:{JOB}", f"in:de:{JOB}", "set:de", "on:auto"]


@pytest.mark.parametrize("data", EVERY)
def test_no_button_works_for_who_may_not_use_the_bot(data: str):
    stranger = replace(PRESS, chat_id=BORIS, user_id=BORIS)
    assert pressed(data, FACTS, stranger) == refused("button_not_yours", data, stranger)
    unlisted = replace(IN_GROUP, chat_id=-200)
    assert pressed(data, ADMIN, unlisted) == refused("button_not_yours", data, unlisted)


@pytest.mark.parametrize("data", EVERY)
def test_no_button_works_for_who_is_kept_out_even_in_a_group_that_may(data: str):
    facts = replace(ADMIN, allowed=AllowList(ids=frozenset({GROUP}), everyone=True, denied=frozenset({ANNA})))
    assert pressed(data, facts) == refused("button_not_yours", data)
    assert pressed(data, facts, IN_GROUP) == refused("button_not_yours", data, IN_GROUP)


@pytest.mark.parametrize("allowed", [AllowList(), AllowList(everyone=True, denied=frozenset({ANNA, GROUP}))])
def test_the_button_that_erases_works_for_whoever_left_something(allowed: AllowList):
    kept_out = replace(FACTS, allowed=allowed)
    assert isinstance(pressed("erase:yes", kept_out)[-1], Erase)
    assert isinstance(pressed("erase:yes", replace(kept_out, is_admin=True), IN_GROUP)[-1], Erase)
    assert pressed("erase:yes", kept_out, IN_GROUP) == refused("admins_only", "erase:yes", IN_GROUP)


def test_an_owners_buttons_work_wherever_they_are():
    in_private = replace(PRESS, chat_id=OWNER, user_id=OWNER, data=f"as:txt:{JOB}")
    assert decide(in_private, FACTS) == (ShowAgain(in_private, JOB, "txt"),)
    unlisted = replace(IN_GROUP, chat_id=-200, user_id=OWNER, data=f"as:txt:{JOB}")
    assert decide(unlisted, FACTS) == (ShowAgain(unlisted, JOB, "txt"),)


@given(st.text() | st.lists(st.sampled_from(["as", "in", "set", "on", "erase", "?", "ru", JOB, ""]), max_size=4).map(":".join))
def test_whatever_a_button_carries_its_press_is_answered_once(data: str):
    answers = [one for one in pressed(data) if isinstance(one, Acknowledge | ShowAgain | AskLanguage | HearAgain)]
    assert len(answers) == 1
