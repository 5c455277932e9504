"""Which chat and message a request means, and whether the bot may act there (Client.cpp, check_chat_access, check_message)."""

from typing import Any

from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request, forbidden
from localstack.telegram.world import Chat, Message, World


def chat_of(world: World, params: Params) -> Chat:
    """Return the chat in `chat_id` if the bot may write there.

    A bot can't know a chat nobody wrote in: such an id is not found. A migrated group names its successor.
    """
    return accessible(world, _chat_id(params))


def chat_to_read(world: World, params: Params) -> Chat:
    """Return the chat in `chat_id` if the bot may know who is there: a person who has blocked the bot is still known to it."""
    return accessible(world, _chat_id(params), to_write=False)


def accessible(world: World, chat_id: object, *, to_write: bool = True) -> Chat:
    """Return the chat, or refuse it as not found, left, or closed to the bot."""
    chat = world.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
    if chat.kind == "private":
        if to_write and chat.deactivated:
            raise forbidden("user is deactivated")
        if to_write and chat.blocked:
            raise forbidden("bot was blocked by the user")
    elif chat.deactivated:
        raise forbidden("the group chat was deleted")
    elif chat.bot.status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    elif not chat.bot.there:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat


def business_chat(world: World, params: Params) -> Chat:
    """Return the private chat of a business account that a request is for, if the bot may write there in the account's name.

    tdlib/td, BusinessConnectionManager.cpp, check_business_connection. The refusals for a missing right and for a chat without a message
    in the last 24 hours are the server's, by core.telegram.org/method/messages.sendMessage; that it refuses these so is a guess.
    """
    connection = world.connections.get(params.text("business_connection_id"))
    chat_id = params.values.get("chat_id")
    if chat_id in (None, ""):
        raise bad_request("chat identifier is empty")
    if not isinstance(chat_id, int):
        raise bad_request("chat identifier must be a valid Integer")
    if connection is None:
        raise bad_request("business connection not found")
    if chat_id < 0:
        raise bad_request("chat must be a private chat")
    if chat_id == connection.owner:
        raise bad_request("messages must not be sent to self")
    if not connection.enabled:
        raise bad_request("BUSINESS_CONNECTION_INVALID")
    if "can_reply" not in connection.rights:
        raise bad_request("BOT_ACCESS_FORBIDDEN")
    chat = connection.chats.get(chat_id)
    incoming = [message.sent_at for message in chat.messages.values() if not message.own] if chat else []
    if chat is None or not incoming or world.now() - max(incoming) > BUSINESS_REPLY_SECONDS:
        raise bad_request("BUSINESS_PEER_INVALID")
    return chat


BUSINESS_REPLY_SECONDS = 24 * 3600
"""core.telegram.org/bots/api#businessbotrights: can_reply is for chats with an incoming message in the last 24 hours."""


def message_to_edit(world: World, params: Params) -> Message:
    """Return the message to edit, which must be there and be the bot's own: in a chat, in a business account's one, or a guest's."""
    number = params.integer("message_id")
    if params.text("business_connection_id"):
        message = world.find(business_chat(world, params), number)
        if message is None or not message.own:
            raise bad_request("MESSAGE_ID_INVALID")
        return message
    if params.values.get("chat_id") in (None, "") and not number:
        inline = params.text("inline_message_id")
        if not inline:
            raise bad_request("message identifier is not specified")
        if inline not in world.inline_messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return world.inline_messages[inline]
    message = world.find(chat_of(world, params), number)
    if message is None:
        raise bad_request("message to edit not found")
    if not message.own:
        raise bad_request("message can't be edited")
    return message


def _chat_id(params: Params) -> Any:
    chat_id = params.values.get("chat_id")
    if chat_id in (None, ""):
        raise bad_request("chat_id is empty")
    return chat_id
