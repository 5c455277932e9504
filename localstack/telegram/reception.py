"""Which messages reach the bot.

Sources: core.telegram.org/bots/faq#what-messages-will-my-bot-get, core.telegram.org/bots/features#privacy-mode; that a mention counts
is said by @BotFather's answer to /setprivacy, not by these pages. Client.cpp, need_skip_update_message, for a chat that was left.
"""

import re

from localstack.telegram.world import Chat, Message, World


def reaches_bot(world: World, message: Message) -> bool:
    """Say whether the bot is told of a message.

    Everything in private chats and channels, and what happens in a group. Of what people say there, all without privacy mode or to an
    administrator; else only what is meant for the bot. Nothing that another bot says; after it has left, only that it has.
    """
    chat = message.chat
    if not chat.bot.there:
        gone = (message.content.service or {}).get("left_chat_member")
        return gone is not None and bool(gone["id"] == world.me["id"])
    if message.content.service or chat.kind in ("private", "channel"):
        return True
    if _is_other_bot(message):
        return False
    return chat.bot.leads or not world.privacy_mode or _is_meant(world, message)


def _is_meant(world: World, message: Message) -> bool:
    """Say whether a message in a group is for the bot: a reply to it or to what was meant for it, a command, or a mention."""
    source = message.chat.messages.get(message.reply_to or 0)
    if source is not None and (source.own or _is_meant(world, source)):
        return True
    text, username = message.content.text, str(world.me["username"]).lower()
    if command := re.match(r"/\w+(?:@(\w+))?", text):
        return command[1].lower() == username if command[1] else _spoke_last(message.chat)
    return re.search(rf"@{re.escape(username)}\b", text.lower()) is not None


def _spoke_last(chat: Chat) -> bool:
    """Say whether, of the bots in a group, this one spoke last; that it counts so where none has spoken is a guess."""
    said = [message for message in chat.messages.values() if message.own or _is_other_bot(message)]
    return not said or said[-1].own


def _is_other_bot(message: Message) -> bool:
    """Say whether another bot sent it: not who stands for a chat that speaks."""
    return not message.own and bool((message.sender or {}).get("is_bot")) and "sender_chat" not in message.extras
