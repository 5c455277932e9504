"""Decides what to do with an update, from the update and the facts about its chat alone, without any I/O.

Rules. Audio from a person who may use the bot is taken. Audio that can't be taken is refused with a text. A stranger in a private chat is
refused once. In a group the bot must be asked first, by /transcribe or a mention in a reply, unless the group's administrators switched
/auto on; only a listed group counts. A command for another bot is ignored. Only a group's administrators change its settings. An answer's
buttons are for the person who asked and for the group's administrators. A person who may not use the bot may still have their data erased:
/delete in private, and a group's administrators in the group.
"""

from dataclasses import replace

from pisar.bot import buttons
from pisar.bot.actions import Action, Admit, CancelAll, Change, Facts, Gone, Moved, Report, Say, ShowSettings
from pisar.bot.admission import PRIVATE, Ignore, Refuse, reply_to
from pisar.bot.commands import Command, OtherBots, parse
from pisar.bot.presses import decide_press
from pisar.bot.recordings import asks_without_command, requested, take
from pisar.bot.spoken_language import mentions, unnamed
from pisar.bot.texts import say
from pisar.domain.answer_to import Reply
from pisar.domain.chats import ChatSettings, shape_of
from pisar.domain.jobs import job_id
from pisar.domain.languages import languages_named
from pisar.domain.messages import Incoming, Membership, Press, Update
from pisar.domain.options import AUTO, MAX_WORDS_CHARACTERS, listed_words
from pisar.errors import Rejected, Rejection

SWITCHES = {"language", "words", "format", "settings", "auto"}
OWNERS_OWN = {"allow", "deny", "users", "stats"}
PRIVATE_ONLY = {"start", "privacy", "status", "cancel"}
ON = {"on": True, "off": False}
MAX_ID_DIGITS = 16
"""The most digits of an id: the Bot API's ids have at most 52 significant bits."""

CLEAR = {"-", "–", "—", "clear"}
"""The arguments of /words that clear the words."""


def is_chatter(update: Update | None) -> bool:
    """Say whether an update is ignored whatever the facts are: talk in a group, and any message of a chat that the bot is not in."""
    if isinstance(update, Incoming) and (update.business_id is not None or update.guest_query is not None):
        return True
    if not isinstance(update, Incoming) or update.chat_type == PRIVATE or update.moved_to is not None or update.moved_from is not None:
        return False
    return update.media is None and not update.text.startswith("/") and "@" not in update.text


def asks_for_admin(update: Update | None, username: str) -> bool:
    """Say whether the decision needs to know if the sender is an administrator of the group."""
    if isinstance(update, Press):
        return update.chat_type != PRIVATE
    if not isinstance(update, Incoming) or update.chat_type == PRIVATE or update.anonymous:
        return False
    command = parse(update.text, username)
    return isinstance(command, Command) and command.name in {*SWITCHES, "delete"}


def decide(update: Update | None, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for an update, in order; None is an update of a kind that Pisar does not read."""
    match update:
        case None:
            return (Ignore("not for us"),)
        case Membership():
            return (Ignore("let into a chat"),) if update.present else (Gone(update.chat_id),)
        case Press():
            return decide_press(update, facts)
    if update.moved_to is not None:
        return (Moved(update.chat_id, update.moved_to),)
    if update.moved_from is not None:
        return (Moved(update.moved_from, update.chat_id),)
    if update.chat_type == "channel" or is_chatter(update):
        return (Ignore("people talking among themselves"),)
    return _in_private(update, facts) if update.chat_type == PRIVATE else _in_group(update, facts)


def _in_private(message: Incoming, facts: Facts) -> tuple[Action, ...]:
    command = parse(message.text, facts.username)
    if not _may_use(message, facts):
        if isinstance(command, Command) and command.name == "delete":
            return _command(message, command, facts, group=False)
        if message.media is None and not message.text:
            return (Ignore("nothing to answer"),)
        shown = message.chat_id if message.user_id is None else message.user_id
        reply = reply_to(message, facts.settings)
        return (Refuse(job_id("telegram", "stranger", message.chat_id), reply, Rejected(Rejection.NOT_ALLOWED, {"id": shown})),)
    if message.media is not None:
        return (take(message, message, command, facts),)
    if isinstance(command, OtherBots):
        return (Ignore("a command for another bot"),)
    if isinstance(command, Command):
        return _command(message, command, facts, group=False)
    if asks_without_command(message, facts):
        return (requested(message, command, facts),)
    return (Say(reply_to(message, facts.settings), "hint"),) if message.text else (Ignore("nothing to answer"),)


def _in_group(message: Incoming, facts: Facts) -> tuple[Action, ...]:
    command = parse(message.text, facts.username)
    if not facts.allowed.allows(message.chat_id):
        own = message.user_id in facts.owners and command == Command("id")
        erasing = isinstance(command, Command) and command.name == "delete" and (facts.is_admin or message.anonymous)
        if isinstance(command, Command) and (own or erasing):
            return _command(message, command, facts, group=True)
        return (Ignore("a group that is not listed"),)
    if message.user_id is not None and message.user_id in facts.allowed.denied:
        return (Ignore("somebody who is kept out"),)
    if isinstance(command, OtherBots):
        return (Ignore("a command for another bot"),)
    asked = command is not None or mentions(message.text, facts.username)
    if message.media is not None and (facts.settings.auto or asked):
        return (take(message, message, command, facts, asked=asked),)
    if isinstance(command, Command) and command.name != "transcribe":
        return _command(message, command, facts, group=True)
    if not asked:
        return (Ignore("not asked"),)
    return (requested(message, command, facts),)


def _command(message: Incoming, command: Command, facts: Facts, *, group: bool) -> tuple[Action, ...]:
    reply, name = reply_to(message, facts.settings), command.name
    if name in OWNERS_OWN:
        if message.user_id in facts.owners:
            return _owners_command(message, command, reply)
        return (Ignore("not the owner"),) if group else (Say(reply, "not_the_owner"),)
    if group and name in SWITCHES and not (facts.is_admin or message.anonymous):
        return (Say(reply, "admins_unknown" if facts.is_admin is None else "admins_only"),)
    if group and name == "delete" and not (facts.is_admin or message.anonymous):
        return (Say(reply, "admins_unknown" if facts.is_admin is None else "delete_admins_only"),)
    if name == "transcribe":
        return (requested(message, command, facts),)
    if name in SWITCHES and (group or name != "auto"):
        return _switch(message, command, facts, reply)
    if said := _said(message, name, facts, reply, group=group):
        return (said,)
    return (Ignore("a command nobody knows"),) if group else (Say(reply, "hint"),)


def _said(message: Incoming, name: str, facts: Facts, reply: Reply, *, group: bool) -> Action | None:
    """Return the action for a command that changes nothing, None for any other."""
    limits = {"limit_mb": facts.limits.max_bytes // 2**20, "limit_minutes": round(facts.limits.max_seconds / 60)}
    shown = message.chat_id if group or message.user_id is None else message.user_id
    answers: dict[str, Action] = {
        "start": Say(reply, "start", limits),
        "help": Say(reply, "help", limits),
        "privacy": Say(reply, "privacy", _privacy(facts, reply.language)),
        "id": Say(reply, "id_group" if group else "id", {"id": shown}),
        "status": Report(reply, "status", message.user_id),
        "cancel": CancelAll(reply),
        "delete": Say(reply, "delete_ask_group" if group else "delete_ask", keyboard=buttons.erasing(reply.language)),
    }
    return None if group and name in PRIVATE_ONLY else answers.get(name)


def _privacy(facts: Facts, language: str) -> dict[str, str | float]:
    return {"place": say(language, f"place_{facts.place}"), "days": facts.keep_days, "reuse": _reuse(facts, language)}


def _reuse(facts: Facts, language: str) -> str:
    if not facts.reuse_hours:
        return say(language, "reuse_none")
    return say(language, "reuse_shared" if facts.reuse_shared else "reuse_own", hours=facts.reuse_hours)


def _switch(message: Incoming, command: Command, facts: Facts, reply: Reply) -> tuple[Action, ...]:
    """Return the actions for a command about the chat's settings."""
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
    if argument not in ON:  # shown and not flipped: an update that comes again must not flip it back
        return (ShowSettings(reply, "settings", facts.settings),)
    changed = replace(facts.settings, auto=ON[argument])
    return (Change(message.chat_id, changed), Say(reply, "auto_on" if changed.auto else "auto_off"))


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


def _owners_command(message: Incoming, command: Command, reply: Reply) -> tuple[Action, ...]:
    if command.name in {"users", "stats"}:
        return (Report(reply, command.name, message.user_id),)
    digits = command.argument.removeprefix("-")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > MAX_ID_DIGITS:
        return (Say(reply, "id_expected", {"command": command.name}),)
    return (Admit(reply, int(command.argument), command.name == "allow"),)


def _may_use(message: Incoming, facts: Facts) -> bool:
    return message.user_id in facts.owners or facts.allowed.allows(message.user_id, message.chat_id)
