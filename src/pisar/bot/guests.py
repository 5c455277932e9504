"""Decides what becomes of a mention in a chat that the bot is not in, which Telegram tells it of in guest mode. Pure.

The bot may answer with one message, which it can edit and nothing more: no document, no second part, no buttons whose presses it would
understand. It serves whoever may use it in private, by their settings and their minutes. The answer is kept under their own chat, since the
chat's id may be that of quite another chat of the bot's.
"""

from dataclasses import replace

from pisar.bot.actions import Action, Facts, Say
from pisar.bot.admission import PRIVATE, Ignore, Refuse, Take, reply_to
from pisar.bot.commands import OtherBots, parse
from pisar.bot.recordings import requested, take
from pisar.domain.jobs import job_id
from pisar.domain.messages import Incoming
from pisar.errors import Rejected, Rejection


def decide_guest(message: Incoming, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for a message that mentions the bot where it isn't."""
    if message.user_id is None or message.by_bot:
        return (Ignore("nobody who could be let in"),)
    source = job_id("guest", message.guest_query or "")
    asking = replace(message, chat_id=message.user_id, chat_type=PRIVATE, message_id=0, thread_id=None)
    reply = replace(reply_to(asking, facts.settings), source=source, guest_query=message.guest_query, silent=True)
    if not (message.user_id in facts.owners or facts.allowed.allows(message.user_id)):
        return (Refuse(job_id("telegram", source), reply, Rejected(Rejection.NOT_ALLOWED, {"id": message.user_id})),)
    command = parse(message.text, facts.username)
    if isinstance(command, OtherBots):
        return (Ignore("a command for another bot"),)
    action = take(asking, asking, command, facts) if message.media else requested(asking, command, facts)
    if isinstance(action, Take | Refuse):
        here = replace(reply, sender_id=action.reply.sender_id, speaker=action.reply.speaker, title=action.reply.title)
        return (replace(action, job_id=job_id("telegram", source), reply=here),)
    if isinstance(action, Say):
        return (replace(action, reply=reply, once=source),)
    return (Say(reply, "reply_to_a_voice", once=source),)
