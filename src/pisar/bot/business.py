"""Decides what becomes of voice messages in the personal chats of an account that is connected to the bot. Pure.

Whoever may use the bot can connect it to their account, and chooses in Telegram which chats it sees there. The text of a voice message or
a video note that somebody sends them goes to their own chat with the bot, under that person's name: in the personal chat it would appear as
the account's own message, before the eyes of the other side. Nobody asked there, so a recording that can't be transcribed is passed over.
"""

from dataclasses import replace

from pisar.bot.actions import Action, Facts, Say
from pisar.bot.admission import PRIVATE, Ignore, Refuse, Take, spoken_to
from pisar.bot.names import shown_name
from pisar.bot.recordings import VOICES, take
from pisar.domain.answer_to import Reply
from pisar.domain.jobs import job_id
from pisar.domain.messages import BusinessConnection, Incoming

DAY_SECONDS = 86_400


def is_voice(message: Incoming) -> bool:
    """Say whether a message of a connected account's chat may be transcribed; nothing is looked up for another."""
    return message.media is not None and message.media.kind in VOICES


def decide_connection(connection: BusinessConnection, facts: Facts) -> tuple[Action, ...]:
    """Return the actions when somebody has connected the bot to their account, changed the connection, or ended it."""
    if not connection.enabled:
        return (Ignore("disconnected from an account"),)
    if facts.allowed.denied & {connection.owner_id, connection.chat_id}:
        return (Ignore("somebody who is kept out"),)
    language = spoken_to(connection.language_code, facts.settings)
    reply = Reply(chat_id=connection.chat_id, message_id=0, language=language, user_id=connection.owner_id, silent=facts.settings.silent)
    if _may_use(connection, facts):
        return (Say(reply, "connected", once="connected", every_seconds=DAY_SECONDS),)
    return (Say(reply, "not_allowed", {"id": connection.owner_id}, once="not allowed", every_seconds=DAY_SECONDS),)


def decide_business(message: Incoming, facts: Facts) -> tuple[Action, ...]:
    """Return the actions for a message of a connected account's chat."""
    connection = facts.connection
    if connection is None or not connection.enabled:
        return (Ignore("a connection that has ended"),)
    if not _may_use(connection, facts):
        return (Ignore("an account of somebody who may not use the bot"),)
    if message.user_id in (None, connection.owner_id):
        return (Ignore("the account's own message"),)
    source = job_id("business", connection.owner_id, message.chat_id, message.message_id)
    asking = replace(
        message, chat_id=connection.chat_id, chat_type=PRIVATE, message_id=0, thread_id=None, text="", user_id=connection.owner_id
    )
    action = take(asking, replace(asking, user_id=message.user_id), None, facts, asked=False)
    if not isinstance(action, Take | Refuse):
        return (action,)
    language = spoken_to(connection.language_code, facts.settings)
    reply = replace(action.reply, source=source, speaker=shown_name(message.person), language=language)
    return (replace(action, job_id=job_id("telegram", source), reply=reply),)


def _may_use(connection: BusinessConnection, facts: Facts) -> bool:
    return connection.owner_id in facts.owners or facts.allowed.allows(connection.owner_id, connection.chat_id)
