"""Decides what is told to whom the bot does not know yet: a group it was added to, and a person who may not use it. Pure.

The owners hear of both, and may let them in. Somebody who was kept out by the owner's word is told no more than their id, and the owners
hear nothing.
"""

from pisar.bot.actions import Action, Facts, Gone, Say, TellOfKnock
from pisar.bot.admission import Ignore, Refuse, reply_to, spoken_to
from pisar.bot.commands import Command, OtherBots
from pisar.bot.names import shown_name
from pisar.domain.answer_to import Reply
from pisar.domain.jobs import job_id
from pisar.domain.knocks import Knock
from pisar.domain.messages import Incoming, Membership
from pisar.errors import Rejected, Rejection

GROUPS = frozenset({"group", "supergroup"})
ASKING_FOR_THE_ID = frozenset({"id", "start"})
"""The commands that tell a stranger their id however often they come."""


def may_use(message: Incoming, facts: Facts) -> bool:
    """Say whether the sender of a private message may use the bot."""
    return message.user_id in facts.owners or facts.allowed.allows(message.user_id, message.chat_id)


def decide_membership(change: Membership, facts: Facts) -> tuple[Action, ...]:
    """Return the actions when the bot was added to a chat or removed, or may do more or less there than before.

    A group is greeted once each time the bot comes into it: a change of its rights is no news to the people there.
    """
    if not change.present:
        return (Gone(change.chat_id),)
    if change.chat_type not in GROUPS or change.was_present or not change.can_write:
        return (Ignore("let into a chat"),)
    if facts.allowed.denied & {change.chat_id, change.user_id}:
        return (Ignore("kept out"),)
    language = spoken_to(change.language_code, facts.settings)
    reply = Reply(chat_id=change.chat_id, message_id=0, language=language, silent=facts.settings.silent)
    once = f"welcome {change.changed_at}"
    if facts.allowed.allows(change.chat_id):
        return (Say(reply, "welcome", once=once),)
    told = Say(reply, "welcome_unlisted", {"id": change.chat_id}, once=once)
    return (told, *_knock(change.chat_id, change.title, language, facts))


def decide_stranger(message: Incoming, command: Command | OtherBots | None, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for a private message from a person who may not use the bot."""
    if message.media is None and not message.text and not message.soundless:
        return (Ignore("nothing to answer"),)
    shown = message.chat_id if message.user_id is None else message.user_id
    reply = reply_to(message, facts.settings)
    told: Action = Refuse(job_id("telegram", "stranger", message.chat_id), reply, Rejected(Rejection.NOT_ALLOWED, {"id": shown}))
    if isinstance(command, Command) and command.name in ASKING_FOR_THE_ID:
        told = Say(reply, "not_allowed", {"id": shown})
    return (told, *_knock(shown, message.person, reply.language, facts))


def _knock(one: int, name: str, language: str, facts: Facts) -> tuple[Action, ...]:
    if not facts.owners or one in facts.allowed.denied:
        return ()
    return (TellOfKnock(Knock(one, shown_name(name), language)),)
