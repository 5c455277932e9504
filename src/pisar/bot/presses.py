"""Decides what to do when a button under one of the bot's messages is pressed. Pure."""

from dataclasses import replace

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
from pisar.bot.admission import PRIVATE, reply_to
from pisar.bot.texts import TEXTS
from pisar.domain.chats import ChatSettings, auto_of, shape_of
from pisar.domain.messages import Press
from pisar.domain.options import AUTO, LANGUAGES


def decide_press(press: Press, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for a press.

    An answer's buttons are for the person who asked and for the group's administrators, which `pisar.chat.answers_again` checks. A group's
    settings are for its administrators alone, those that erase a person's own texts in it for that person, and those that let somebody in
    for the owners. In a group nobody makes the bot write into a message that did not offer them that.
    """
    pressed = buttons.read(press.data)
    group = press.chat_type != PRIVATE
    allowed = facts.allowed.allows(press.chat_id, None if group else press.user_id) and press.user_id not in facts.allowed.denied
    erases = pressed is not None and pressed.verb == "erase"  # whoever may not use the bot, or no longer, may have erased what they left
    if not allowed and not erases and press.user_id not in facts.owners:
        return (Acknowledge(press, "button_not_yours"),)
    if pressed is None or (group and not press.offered and (erases or (pressed.verb, pressed.value) == ("in", "?"))):
        return (Acknowledge(press, "button_dead"),)
    if pressed.verb in {"as", "in"}:
        return _pressed_answer(press, pressed)
    if pressed.verb == "let":
        return _let_in(press, pressed, facts)
    if erases and pressed.job:
        return _pressed_own(press, pressed, facts)
    if group and not facts.is_admin:
        return (Acknowledge(press, "admins_unknown" if facts.is_admin is None else "admins_only"),)
    return _pressed_erasing(press, pressed, facts) if erases else _pressed_setting(press, pressed, facts)


def _pressed_erasing(press: Press, pressed: buttons.Pressed, facts: Facts) -> tuple[Action, ...]:
    reply = reply_to(press, facts.settings)
    if pressed.value != "yes":
        return (Acknowledge(press), Edit(reply, press.message_id, "delete_kept"))
    return (Acknowledge(press), Erase(reply, press.message_id))


def _pressed_setting(press: Press, pressed: buttons.Pressed, facts: Facts) -> tuple[Action, ...]:
    reply = reply_to(press, facts.settings)
    if pressed.verb == "ui" and pressed.value in {buttons.OF_BOT, buttons.OF_SPEECH}:
        kind = "interface" if pressed.value == buttons.OF_BOT else "language"
        return (Acknowledge(press), ShowSettings(reply, kind, facts.settings, press.message_id))
    try:
        changed, kind = _changed(facts.settings, pressed)
    except ValueError:
        return (Acknowledge(press, "button_dead"),)
    if kind == "interface":
        reply = reply_to(press, changed)  # in the language that was chosen
    told = (TellAuto(reply, changed.auto, warns=True),) if pressed.verb == "auto" else ()
    return (Change(press.chat_id, changed), Acknowledge(press), ShowSettings(reply, kind, changed, press.message_id), *told)


def _let_in(press: Press, pressed: buttons.Pressed, facts: Facts) -> tuple[Action, ...]:
    if press.user_id not in facts.owners:
        return (Acknowledge(press, "button_not_yours"),)
    digits = pressed.value.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and pressed.job.isdecimal()):
        return (Acknowledge(press, "button_dead"),)
    reply = reply_to(press, facts.settings)
    return (Acknowledge(press), Admit(reply, int(pressed.value), allowed=True, day=pressed.job, message_id=press.message_id))


def _pressed_own(press: Press, pressed: buttons.Pressed, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for a button that asks one person of a group whether to erase their texts."""
    own, reply = pressed.job == str(press.user_id), reply_to(press, facts.settings)
    if pressed.value == "own" and own:
        return (Acknowledge(press), Erase(reply, press.message_id, press.user_id))
    if pressed.value == "no" and (own or facts.is_admin):
        return (Acknowledge(press), Edit(reply, press.message_id, "delete_kept"))
    return (Acknowledge(press, "button_not_yours"),)


def _pressed_answer(press: Press, pressed: buttons.Pressed) -> tuple[Action, ...]:
    if not pressed.job.isalnum():
        return (Acknowledge(press, "button_dead"),)
    if pressed.verb == "as":
        shape = shape_of(pressed.value)
        return (Acknowledge(press, "button_dead"),) if shape is None else (ShowAgain(press, pressed.job, shape),)
    if pressed.value == "?":
        return (AskLanguage(press, pressed.job),)
    return (HearAgain(press, pressed.job, pressed.value),) if pressed.value in LANGUAGES else (Acknowledge(press, "button_dead"),)


def _changed(settings: ChatSettings, pressed: buttons.Pressed) -> tuple[ChatSettings, str]:
    """Return the settings after a press, and the kind of settings that were shown; raise ValueError for a value no button has."""
    if pressed.verb in {"set", "unset"}:
        done = pressed.value in LANGUAGES and (pressed.value in settings.languages) == (pressed.verb == "set")
        return settings if done else settings.toggle_language(pressed.value), "language"
    if pressed.verb == "shape" and (shape := shape_of(pressed.value)):
        return replace(settings, shape=shape), "format"
    if pressed.verb in {"on", "off"} and pressed.value == "silent":
        return replace(settings, silent=pressed.verb == "on"), "settings"
    if pressed.verb == "auto" and (auto := auto_of(pressed.value)):
        return replace(settings, auto=auto), "settings"
    if pressed.verb == "ui" and pressed.value in {AUTO, *TEXTS}:
        return replace(settings, interface="" if pressed.value == AUTO else pressed.value), "interface"
    if pressed.verb in {"on", "off"} and pressed.value == "auto":  # a button of an older version
        return replace(settings, auto="voices" if pressed.verb == "on" else "off"), "settings"
    raise ValueError("no such setting")
