"""What buttons say and carry, and what is read of a press."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.bot import buttons
from pisar.bot.buttons import MAX_DATA_BYTES, NATIVE, OFFERED, TICK, Pressed, read
from pisar.bot.knock_messages import told_knocks
from pisar.bot.texts import TEXTS
from pisar.domain.chats import AUTOS, SHAPES, AllowList, Auto, ChatSettings
from pisar.domain.jobs import job_id
from pisar.domain.knocks import Knock, Knocks
from pisar.domain.messages import Button, Keyboard
from pisar.domain.options import AUTO, LANGUAGES

JOB = job_id("telegram", 7, 1)
VERBS = ("set", "unset", "shape", "on", "off", "auto", "ui", "as", "in", "erase", "let")
SETTINGS = st.builds(
    ChatSettings,
    languages=st.lists(st.sampled_from(sorted(LANGUAGES)), unique=True, max_size=5).map(tuple),
    shape=st.sampled_from(SHAPES),
    silent=st.booleans(),
    auto=st.sampled_from(AUTOS),
    interface=st.sampled_from(["", *sorted(TEXTS)]),
)


def flat(keyboard: Keyboard) -> list[Button]:
    return [button for row in keyboard for button in row]


def every_keyboard(settings: ChatSettings, language: str) -> list[Keyboard]:
    return [
        buttons.of_answer(JOB, language),
        buttons.of_languages(JOB),
        buttons.language_settings(settings, language),
        buttons.shape_settings(settings, language),
        buttons.all_settings(settings, language, group=True),
        buttons.all_settings(settings, language, group=False),
        buttons.erasing(language),
        buttons.erasing_in_group(language, everything=True, user_id=2**52),
        buttons.interface_settings(settings, language),
        told_knocks(Knocks(people=(Knock(-(10**14), "Anna"), Knock(7))), "20261129", AllowList(), language)[1],
    ]


@given(SETTINGS, st.sampled_from(sorted(TEXTS)))
def test_telegram_takes_every_button_and_its_press_is_read_back(settings: ChatSettings, language: str):
    assert len(JOB) == 32
    for keyboard in every_keyboard(settings, language):
        made = flat(keyboard)
        assert [button for button in made if not button.label.strip() or not 1 <= len(button.data.encode()) <= MAX_DATA_BYTES] == []
        pressed = [read(button.data) for button in made]
        assert [":".join(part for part in (one.verb, one.value, one.job) if part) for one in pressed if one] == [one.data for one in made]
        assert len({button.data for button in made}) == len(made)
        assert len(made) <= 100


def test_an_answer_offers_times_another_language_and_three_files():
    assert buttons.of_answer("j", "en") == (
        (Button("⏱ Timestamps", "as:timecodes:j"), Button("🌐 Other language", "in:?:j")),
        (Button(".txt", "as:txt:j"), Button(".srt", "as:srt:j"), Button(".vtt", "as:vtt:j")),
    )


def test_a_recording_may_be_heard_again_in_every_language_that_has_a_button():
    keyboard = buttons.of_languages("j")
    assert [button.data for button in flat(keyboard)] == [f"in:{code}:j" for code in OFFERED if code != AUTO]
    assert [len(row) for row in keyboard] == [3, 3, 3, 2]


def ticked(keyboard: Keyboard) -> list[str]:
    return [button.data for button in flat(keyboard) if button.label.startswith(TICK)]


def test_the_languages_chosen_are_ticked_and_take_themselves_out():
    chosen = buttons.language_settings(ChatSettings(languages=("ru", "ja")), "en")
    assert ticked(chosen) == ["unset:ru", "unset:ja"]
    assert [button.data for button in flat(chosen) if button.data.startswith("set:")] == [f"set:{code}" for code in OFFERED if code != "ru"]
    assert flat(chosen)[-2:] == [Button("✓ Japanese", "unset:ja"), Button(TEXTS["en"]["button_interface"], "ui:?")]


def test_without_a_choice_whatever_is_heard_is_ticked():
    assert flat(buttons.language_settings(ChatSettings(), "en"))[0] == Button("✓ Auto-detect", "set:auto")
    assert ticked(buttons.language_settings(ChatSettings(), "ru")) == ["set:auto"]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shape_chosen_is_ticked(shape: str):
    keyboard = buttons.shape_settings(ChatSettings(shape=shape), "en")
    assert ticked(keyboard) == [f"shape:{shape}"]
    assert [button.data for button in flat(keyboard)] == [f"shape:{one}" for one in SHAPES]


def test_a_switch_says_what_its_press_leads_to():
    assert buttons.all_settings(ChatSettings(silent=True), "en", group=False) == ((Button("✓ Silent answers", "off:silent"),),)
    assert buttons.all_settings(ChatSettings(silent=False), "en", group=False) == ((Button("Silent answers", "on:silent"),),)


@pytest.mark.parametrize("auto", AUTOS)
def test_a_group_is_offered_what_to_have_transcribed_unasked_and_the_choice_is_ticked(auto: Auto):
    shown = flat(buttons.all_settings(ChatSettings(auto=auto), "en", group=True))[1:]
    assert [button.data for button in shown] == [f"auto:{one}" for one in AUTOS]
    assert [button.data for button in shown if button.label.startswith(buttons.TICK)] == [f"auto:{auto}"]


@pytest.mark.parametrize("chosen", ["", *TEXTS])
def test_every_language_of_the_bots_texts_is_offered_by_its_own_name(chosen: str):
    shown = flat(buttons.interface_settings(ChatSettings(interface=chosen), "en"))
    assert {"Русский", "English"} <= {button.label.removeprefix(buttons.TICK) for button in shown}
    assert [button.data for button in shown] == ["ui:auto", *(f"ui:{code}" for code in TEXTS), "ui:back"]
    assert [button.data for button in shown if button.label.startswith(buttons.TICK)] == [f"ui:{chosen or 'auto'}"]


def test_only_a_group_is_offered_to_have_every_voice_transcribed():
    assert [button.data for button in flat(buttons.all_settings(ChatSettings(), "en", group=False))] == ["off:silent"]


def test_erasing_is_asked_with_a_way_out():
    assert buttons.erasing("en") == ((Button("🗑 Delete", "erase:yes"), Button("Keep", "erase:no")),)


def test_in_a_group_everybody_is_offered_to_erase_their_own_and_an_administrator_everything():
    assert [button.data for button in flat(buttons.erasing_in_group("en", everything=False, user_id=7))] == ["erase:own:7", "erase:no:7"]
    everything = flat(buttons.erasing_in_group("en", everything=True, user_id=7))
    assert [button.data for button in everything] == ["erase:yes", "erase:own:7", "erase:no:7"]
    assert [button.data for button in flat(buttons.erasing_in_group("en", everything=True, user_id=None))] == ["erase:yes", "erase:no"]


def test_a_language_is_called_as_its_speakers_do_or_by_its_english_name():
    assert [buttons.language_name(code, "ru") for code in (AUTO, "ru", "ja", "ht")] == [
        "определяю сам",
        "Русский",
        "Japanese",
        "Haitian Creole",
    ]
    assert set(NATIVE) == set(OFFERED) - {AUTO}


@given(st.text())
def test_reading_whatever_a_press_carries_never_fails(data: str):
    assert read(data) is None or isinstance(read(data), Pressed)


@given(st.lists(st.sampled_from(["", "?", "ru", "auto", JOB, "⏱", *VERBS]), max_size=5).map(":".join))
def test_what_is_read_is_a_verb_of_ours_a_value_and_perhaps_a_job(data: str):
    parts = data.split(":")
    ours = len(parts) in (2, 3) and parts[0] in VERBS
    assert read(data) == (Pressed(*parts) if ours else None)
