"""Where a new message goes: the chat, the topic, and what it answers (Client.cpp, check_message_topic, check_reply_parameters)."""

from dataclasses import dataclass, field
from typing import Any

from localstack.telegram import access, describe
from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request
from localstack.telegram.world import Chat, Message, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message goes. `extras` are the fields of its Message that tell of a topic, a quote, or a reply elsewhere."""

    chat: Chat
    thread_id: int | None = None
    reply_to: int | None = None
    extras: dict[str, Any] = field(default_factory=dict)


def place_of(world: World, params: Params) -> Place:
    """Return where a new message goes, or refuse it.

    In a forum and in a private chat the topic must be there, and an answer lands in the topic of what it answers; in other chats a thread
    id means nothing. A channel's direct messages need the topic of the person.
    """
    reply = _reply_parameters(params)
    if params.text("business_connection_id"):
        return _in_business(world, params, reply)
    chat = access.chat_of(world, params)
    thread, extras = _topic(world, chat, params)
    source = _source(world, chat, thread, reply)
    if source is None:
        return Place(chat=chat, thread_id=thread, extras=extras)
    if quote := str(reply.get("quote") or ""):
        extras["quote"] = _quote(source, quote)
    if thread is None and source.chat is chat:
        thread = source.thread_id
    if source.chat is chat and source.thread_id == thread:
        return Place(chat=chat, thread_id=thread, reply_to=source.id, extras=extras)
    return Place(chat=chat, thread_id=thread, extras=extras | {"external_reply": describe.external_reply_json(world, source)})


def _topic(world: World, chat: Chat, params: Params) -> tuple[int | None, dict[str, Any]]:
    thread = params.integer("message_thread_id") or None
    if chat.direct_messages:
        return None, {"direct_messages_topic": _direct_topic(world, chat, params, thread)}
    if chat.forum or chat.kind == "private":
        if thread is not None and thread not in chat.topics:
            raise bad_request("message thread not found")
        return thread, {}
    return None, {}


def _direct_topic(world: World, chat: Chat, params: Params, thread: int | None) -> dict[str, Any]:
    """Return the topic named by `direct_messages_topic_id`.

    Needed by core.telegram.org/bots/api#sendmessage. The refusal of a wrong one is MessagesManager.cpp's (tdlib/td,
    REPLY_TO_MONOFORUM_PEER_INVALID), that of a thread id in its place MessageTopic.cpp's; that none at all is refused as a wrong one
    is, is a guess.
    """
    topic = params.integer("direct_messages_topic_id")
    if not topic and thread is not None:
        raise bad_request("topic not found")
    if topic not in chat.topics:
        raise bad_request("wrong direct messages topic identifier specified")
    return {"topic_id": topic, "user": dict(world.user(topic))}


def _reply_parameters(params: Params) -> dict[str, Any]:
    reply = params.object("reply_parameters", "reply parameters")
    if reply is None:
        return {
            "message_id": params.integer("reply_to_message_id"),
            "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
        }
    if reply and not isinstance(reply.get("message_id"), int):
        raise bad_request('can\'t find field "message_id"')
    return reply


def _source(world: World, chat: Chat, thread: int | None, reply: dict[str, Any]) -> Message | None:
    """Return the message to answer, None if there is none and none is needed.

    `allow_sending_without_reply` doesn't count for replies in another chat or topic (core.telegram.org/bots/api#replyparameters), nor
    does it let a chat pass that the bot may not read (Client.cpp, check_reply_parameters).
    """
    number = reply.get("message_id")
    if not number:
        return None
    elsewhere = reply.get("chat_id") not in (None, "", chat.id)
    there = access.accessible(world, reply["chat_id"], to_write=False) if elsewhere else chat
    source = world.find(there, number)
    if source is not None:
        return source
    gone = there.messages.get(number)
    other_topic = gone is not None and thread is not None and gone.thread_id != thread
    if elsewhere or other_topic or not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return None


def _quote(source: Message, quote: str) -> dict[str, Any]:
    """Return the TextQuote; one that isn't in the message fails the sending (core.telegram.org/bots/api#replyparameters)."""
    if quote not in source.content.text:
        raise bad_request("QUOTE_TEXT_INVALID")
    return describe.quote_json(source.content.text, quote, manual=True)


def _in_business(world: World, params: Params, reply: dict[str, Any]) -> Place:
    """Return the place in a business account's chat: a reply to nothing is always sent without it, one elsewhere is no reply.

    core.telegram.org/bots/api#replyparameters; Client.cpp, get_input_message_reply_to.
    """
    chat = access.business_chat(world, params)
    source = None if reply.get("chat_id") else world.find(chat, reply.get("message_id"))
    return Place(chat=chat, reply_to=source.id if source else None)
