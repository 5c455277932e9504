"""Decides what to do with an update, from the update and the facts about its chat alone, without any I/O.

Rules. Audio from a person who may use the bot is taken. Audio that can't be taken is refused with a text, but only where somebody asked for
it. In a group the bot must be asked first, by /transcribe or a mention in a reply, unless the group's administrators switched /auto on;
only a listed group counts. A command for another bot is ignored, and so is what another bot writes. Only a group's administrators change
its settings. An answer's buttons are for the person who asked and for the group's administrators. /status, /cancel and /delete are for
everybody, about their own recordings; a group's administrators may stop and erase everybody's. A person who may not use the bot may still
have their data erased: /delete in private, and a group's administrators in the group.
"""

from pisar.bot import buttons, links
from pisar.bot.actions import Action, Admit, CancelAll, Facts, Moved, Report, Say
from pisar.bot.admission import PRIVATE, Ignore, reply_to
from pisar.bot.business import decide_business, decide_connection, is_voice
from pisar.bot.commands import Command, OtherBots, parse
from pisar.bot.guests import decide_guest
from pisar.bot.newcomers import decide_membership, decide_stranger, may_use
from pisar.bot.presses import decide_press
from pisar.bot.recordings import asks_without_command, requested, take, taken_unasked
from pisar.bot.settings_commands import SWITCHES, decide_switch
from pisar.bot.spoken_language import mentions
from pisar.bot.texts import say
from pisar.domain.answer_to import Reply
from pisar.domain.messages import BusinessConnection, Incoming, Membership, Press, Update

OWNERS_OWN = {"allow", "deny", "users", "stats"}
PRIVATE_ONLY = {"start"}
ALL = "all"
"""The argument with which a group's administrator stops everybody's recordings by /cancel."""

MAX_ID_DIGITS = 16
"""The most digits of an id: the Bot API's ids have at most 52 significant bits."""

DAY_SECONDS = 86_400
BURST_SECONDS = 300
"""The time in which a private chat is told once what the bot is for, however many texts it sends."""


def is_chatter(update: Update | None) -> bool:
    """Say whether an update is ignored whatever the facts are: talk in a group, another bot's words, all but voices in an account's chats.

    Bots that answer each other may never end (core.telegram.org/bots/features#bot-to-bot-communication).
    """
    if not isinstance(update, Incoming):
        return False
    if update.business_id is not None:
        return not is_voice(update)
    if update.guest_query is not None or update.moved_to is not None or update.moved_from is not None or update.media is not None:
        return False
    if update.by_bot or update.chat_type == PRIVATE:
        return bool(update.by_bot)
    return not update.text.startswith("/") and "@" not in update.text


def asks_for_admin(update: Update | None, username: str) -> bool:
    """Say whether the decision needs to know if the sender is an administrator of the group."""
    if isinstance(update, Press):
        return update.chat_type != PRIVATE
    if not isinstance(update, Incoming) or update.chat_type == PRIVATE or update.anonymous or update.guest_query is not None:
        return False
    command = parse(update.text, username)
    if not isinstance(command, Command):
        return False
    return command.name in {*SWITCHES, "delete"} or (command.name == "cancel" and command.argument.lower() == ALL)


def decide(update: Update | None, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for an update, in order; None is an update of a kind that Pisar does not read."""
    match update:
        case None:
            return (Ignore("not for us"),)
        case Membership():
            return decide_membership(update, facts)
        case BusinessConnection():
            return decide_connection(update, facts)
        case Press():
            return decide_press(update, facts)
    if update.guest_query is not None:
        return decide_guest(update, facts)
    if update.moved_to is not None:
        return (Moved(update.chat_id, update.moved_to),)
    if update.moved_from is not None:
        return (Moved(update.moved_from, update.chat_id),)
    if update.chat_type == "channel" or is_chatter(update):
        return (Ignore("people talking among themselves"),)
    if update.business_id is not None:
        return decide_business(update, facts)
    return _in_private(update, facts) if update.chat_type == PRIVATE else _in_group(update, facts)


def _in_private(message: Incoming, facts: Facts) -> tuple[Action, ...]:
    command = parse(message.text, facts.username)
    if not may_use(message, facts):
        if isinstance(command, Command) and command.name == "delete":
            return _command(message, command, facts, group=False)
        return decide_stranger(message, command, facts)
    if message.media is not None:
        return (take(message, message, command, facts),)
    if isinstance(command, OtherBots):
        return (Ignore("a command for another bot"),)
    if isinstance(command, Command):
        return _command(message, command, facts, group=False)
    if asks_without_command(message, facts):
        return (requested(message, command, facts),)
    reply = reply_to(message, facts.settings)
    if message.soundless or (message.forwarded and message.text):
        return (Say(reply, "hint", once="hint", every_seconds=DAY_SECONDS),)
    if links.followed(message, facts) and links.find_link(message.text):
        return (Say(reply, "link_alone", once="hint to a text", every_seconds=BURST_SECONDS),)
    if message.text:
        return (Say(reply, "hint", once="hint to a text", every_seconds=BURST_SECONDS),)
    return (Ignore("nothing to answer"),)


def _in_group(message: Incoming, facts: Facts) -> tuple[Action, ...]:
    command = parse(message.text, facts.username)
    if not facts.allowed.allows(message.chat_id):
        return _in_unlisted_group(message, command, facts)
    if facts.allowed.denied & {message.user_id, message.sender_chat_id}:
        return (Ignore("somebody who is kept out"),)
    if isinstance(command, OtherBots):
        return (Ignore("a command for another bot"),)
    asked = (isinstance(command, Command) and command.name == "transcribe") or mentions(message.text, facts.username)
    if message.media is not None and (asked or taken_unasked(facts.settings.auto, message.media)):
        return (take(message, message, command, facts, asked=asked),)
    if isinstance(command, Command) and command.name != "transcribe":
        return _command(message, command, facts, group=True)
    if not asked:
        return (Ignore("not asked"),)
    return (requested(message, command, facts),)


def _in_unlisted_group(message: Incoming, command: Command | OtherBots | None, facts: Facts) -> tuple[Action, ...]:
    owners = message.user_id in facts.owners and isinstance(command, Command) and command.name in {"id", "allow"}
    erasing = isinstance(command, Command) and command.name == "delete" and _administers(message, facts)
    if isinstance(command, Command) and (owners or erasing):
        return _command(message, command, facts, group=True)
    return (Ignore("a group that is not listed"),)


def _command(message: Incoming, command: Command, facts: Facts, *, group: bool) -> tuple[Action, ...]:
    reply, name = reply_to(message, facts.settings), command.name
    if name in OWNERS_OWN:
        if message.user_id in facts.owners:
            return _owners_command(message, command, reply)
        return (Ignore("not the owner"),) if group else (Say(reply, "not_the_owner"),)
    if group and name in SWITCHES and not _administers(message, facts):
        return (Say(reply, "admins_unknown" if facts.is_admin is None else "admins_only"),)
    if name == "transcribe":
        return (requested(message, command, facts),)
    if name in SWITCHES and (group or name != "auto"):
        return decide_switch(message, command, facts, reply)
    if said := _said(message, command, facts, reply, group=group):
        return (said,)
    return (Ignore("a command nobody knows"),) if group else (Say(reply, "hint"),)


def _administers(message: Incoming, facts: Facts) -> bool:
    return message.anonymous or bool(facts.is_admin)


def _said(message: Incoming, command: Command, facts: Facts, reply: Reply, *, group: bool) -> Action | None:
    """Return the action for a command that asks for something to be told, stopped or erased, None for any other."""
    name = command.name
    if name in {"cancel", "delete"} and message.user_id is None and not _administers(message, facts):
        return Say(reply, "admins_only")  # a member who speaks as their own channel: nobody knows what is theirs
    everybodys = message.user_id is None or (command.argument.lower() == ALL and _administers(message, facts))
    limits = {"limit_mb": facts.limits.max_bytes // 2**20, "limit_minutes": round(facts.limits.max_seconds / 60)}
    shown = message.chat_id if group or message.user_id is None else message.user_id
    answers: dict[str, Action] = {
        "start": Say(reply, "start", limits),
        "help": Say(reply, "help", limits),
        "privacy": Say(reply, "privacy", _privacy(facts, reply.language)),
        "id": Say(reply, "id_group" if group else "id", {"id": shown}),
        "status": Report(reply, "status", message.user_id),
        "cancel": CancelAll(reply, None if everybodys or not group else message.user_id),
        "delete": _asked_what_to_erase(message, facts, reply) if group else _asked_whether_to_erase(reply),
    }
    return None if group and name in PRIVATE_ONLY else answers.get(name)


def _privacy(facts: Facts, language: str) -> dict[str, str | float]:
    return {"place": say(language, f"place_{facts.place}"), "days": facts.keep_days, "reuse": _reuse(facts, language)}


def _asked_whether_to_erase(reply: Reply) -> Say:
    return Say(reply, "delete_ask", keyboard=buttons.erasing(reply.language))


def _asked_what_to_erase(message: Incoming, facts: Facts, reply: Reply) -> Say:
    """Ask an administrator whether to erase the group's texts or only their own, and a member whether to erase their own."""
    administers = _administers(message, facts)
    keyboard = buttons.erasing_in_group(reply.language, everything=administers, user_id=message.user_id)
    return Say(reply, "delete_ask_group" if administers else "delete_ask_own", keyboard=keyboard)


def _reuse(facts: Facts, language: str) -> str:
    if not facts.reuse_hours:
        return say(language, "reuse_none")
    return say(language, "reuse_shared" if facts.reuse_shared else "reuse_own", hours=facts.reuse_hours)


def _owners_command(message: Incoming, command: Command, reply: Reply) -> tuple[Action, ...]:
    if command.name in {"users", "stats"}:
        return (Report(reply, command.name, message.user_id),)
    named = command.argument or (str(message.chat_id) if message.chat_id < 0 else "")  # in a group: this group
    digits = named.removeprefix("-")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > MAX_ID_DIGITS:
        return (Say(reply, "id_expected", {"command": command.name}),)
    return (Admit(reply, int(named), command.name == "allow"),)
