"""Decides what a command about a chat's settings does: /language, /words, /format, /settings, and in groups /auto. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from pisar.bot.actions import Action, Change, Facts, Say, ShowSettings, TellAuto
from pisar.bot.commands import Command
from pisar.bot.spoken_language import unnamed
from pisar.domain.answer_to import Reply
from pisar.domain.chats import Auto, ChatSettings, shape_of
from pisar.domain.languages import languages_named
from pisar.domain.messages import Incoming
from pisar.domain.options import AUTO, MAX_WORDS_CHARACTERS, listed_words

SWITCHES = {"language", "words", "format", "settings", "auto"}
"""The commands about settings; in a group they are for its administrators."""

AUTO_ARGUMENTS: Mapping[str, Auto] = {"on": "voices", "voices": "voices", "all": "all", "off": "off"}
CLEAR = {"-", "–", "—", "clear"}
"""The arguments of /words that clear the words."""


def decide_switch(message: Incoming, command: Command, facts: Facts, reply: Reply) -> tuple[Action, ...]:
    """Return the actions for a command about the chat's settings, one of SWITCHES, from somebody who may change them."""
    argument = command.argument.lower()
    if command.name == "language":
        return _language(message, argument, facts, reply)
    if command.name == "words":
        return _words(message, command.argument, facts, reply)
    if command.name == "format":
        if shape := shape_of(argument):
            changed = replace(facts.settings, shape=shape)
            return (Change(message.chat_id, changed), ShowSettings(reply, "format", changed))
        return (ShowSettings(reply, "format", facts.settings),)
    if command.name == "settings":
        return (ShowSettings(reply, "settings", facts.settings),)
    if argument not in AUTO_ARGUMENTS:  # shown and not flipped: an update that comes again must not flip it back
        return (ShowSettings(reply, "settings", facts.settings),)
    changed = replace(facts.settings, auto=AUTO_ARGUMENTS[argument])
    return (Change(message.chat_id, changed), TellAuto(reply, changed.auto))


def _language(message: Incoming, argument: str, facts: Facts, reply: Reply) -> tuple[Action, ...]:
    if not argument:
        return (ShowSettings(reply, "language", facts.settings),)
    codes = languages_named(argument)
    if not codes or (AUTO in codes and codes != (AUTO,)):
        return (Say(reply, "unknown_language", {"code": unnamed(argument)}),)
    changed = replace(facts.settings, languages=() if codes == (AUTO,) else codes)
    return (Change(message.chat_id, changed), ShowSettings(reply, "language", changed))


def _words(message: Incoming, argument: str, facts: Facts, reply: Reply) -> tuple[Action, ...]:
    words = ", ".join(listed_words(argument))
    if argument.lower() in CLEAR:
        words = ""
    elif not words:
        return (_shown_words(facts.settings, reply),)
    if len(words) > MAX_WORDS_CHARACTERS:
        return (Say(reply, "words_too_long", {"count": len(words), "limit": MAX_WORDS_CHARACTERS}),)
    changed = replace(facts.settings, words=words)
    return (Change(message.chat_id, changed), _shown_words(changed, reply))


def _shown_words(settings: ChatSettings, reply: Reply) -> Say:
    return Say(reply, "words_shown", {"words": settings.words}) if settings.words else Say(reply, "words_none")
