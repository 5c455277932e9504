"""Decides what to do when a button under one of the bot's messages is pressed. Pure."""

from dataclasses import replace

from pisar.bot import buttons
from pisar.bot.actions import Acknowledge, Action, AskLanguage, Change, Edit, Erase, Facts, HearAgain, ShowAgain, ShowSettings
from pisar.bot.admission import PRIVATE, reply_to
from pisar.domain.chats import ChatSettings, shape_of
from pisar.domain.messages import Press
from pisar.domain.options import LANGUAGES


def decide_press(press: Press, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for a press.

    An answer's buttons are for the person who asked and for the group's administrators, which `pisar.chat.answers_again` checks. A group's
    settings are for its administrators alone.
    """
    pressed = buttons.read(press.data)
    group = press.chat_type != PRIVATE
    allowed = facts.allowed.allows(press.chat_id, None if group else press.user_id) and press.user_id not in facts.allowed.denied
    erases = pressed is not None and pressed.verb == "erase"  # whoever may not use the bot, or no longer, may have erased what they left
    if not allowed and not erases and press.user_id not in facts.owners:
        return (Acknowledge(press, "button_not_yours"),)
    if pressed is None:
        return (Acknowledge(press, "button_dead"),)
    if pressed.verb in {"as", "in"}:
        return _pressed_answer(press, pressed)
    if group and not facts.is_admin:
        return (Acknowledge(press, "admins_unknown" if facts.is_admin is None else "admins_only"),)
    reply = reply_to(press, facts.settings)
    if pressed.verb == "erase":
        if pressed.value != "yes":
            return (Acknowledge(press), Edit(reply, press.message_id, "delete_kept"))
        return (Acknowledge(press), Erase(reply, press.message_id))
    try:
        changed, kind = _changed(facts.settings, pressed)
    except ValueError:
        return (Acknowledge(press, "button_dead"),)
    return (Change(press.chat_id, changed), Acknowledge(press), ShowSettings(reply, kind, changed, press.message_id))


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
    if pressed.verb in {"on", "off"} and pressed.value == "auto":
        return replace(settings, auto=pressed.verb == "on"), "settings"
    raise ValueError("no such setting")
