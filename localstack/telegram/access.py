"""Which chat and message a request means, and whether the bot may act there."""

from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request, forbidden
from localstack.telegram.world import Chat, Message, World


def chat_of(world: World, params: Params) -> Chat:
    """Return the chat in `chat_id` if the bot may write there.

    A bot can't know a chat nobody wrote in: such an id is not found. A migrated group names its successor.
    """
    chat_id = params.values.get("chat_id")
    if chat_id in (None, ""):
        raise bad_request("chat_id is empty")
    return _accessible(world, chat_id)


def _accessible(world: World, chat_id: object) -> Chat:
    chat = world.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if chat.kicked:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    return chat


def own_message(world: World, params: Params) -> Message:
    """Return the message to edit, which must be there and be the bot's own."""
    chat = chat_of(world, params)
    message = world.find(chat, params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender["id"] != world.me["id"]:
        raise bad_request("message can't be edited")
    return message


def place_of(world: World, params: Params) -> tuple[Chat, int | None, int | None]:
    """Return where a new message goes: chat, thread, and the message it answers.

    In a forum an answer lands in the topic of what it answers; outside forums a thread id means nothing.
    """
    chat = chat_of(world, params)
    thread = params.integer("message_thread_id") or None
    if chat.forum and thread is not None and thread not in chat.topics:
        raise bad_request("message thread not found")
    reply = params.object("reply_parameters", "reply parameters")
    if reply is None:
        reply = {
            "message_id": params.integer("reply_to_message_id"),
            "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
        }
    elif reply and not isinstance(reply.get("message_id"), int):
        raise bad_request('can\'t find field "message_id"')
    source_chat = _accessible(world, reply["chat_id"]) if reply.get("chat_id") not in (None, chat.id) else chat
    source = world.find(source_chat, reply.get("message_id"))
    if source is None and reply.get("message_id") and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    if not chat.forum:
        thread = None
    elif thread is None and source is not None and source_chat is chat:
        thread = source.thread_id
    return chat, thread, source.id if source is not None and source_chat is chat else None
