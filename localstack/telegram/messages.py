"""Bot API methods that put something into a chat or take it away."""

import mimetypes
import time
from pathlib import PurePath
from typing import Any

from localstack.telegram import access, describe, markup, places, rights, texts
from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request
from localstack.telegram.world import Chat, Content, Message, StoredFile, World

MAX_CALLBACK_ANSWER_UNITS = 200
DELETION_SECONDS = 48 * 3600
"""core.telegram.org/bots/api#deletemessage; tdlib/td, MessagesManager.cpp, can_delete_channel_message, can_revoke_message."""
_ACTIONS = frozenset(
    [
        "cancel",
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_audio",
        "record_voice",
        "upload_audio",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "pick_up_location",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def send_message(world: World, params: Params) -> dict[str, Any]:
    """Send a text of 1 to 4,096 UTF-16 units after its markup is taken out."""
    text, entities = message_text(params, too_long="message is too long")
    content = Content(text=text, entities=entities, markup=markup.reply_markup(params), link_preview=markup.link_preview(params))
    return _send(world, params, content)


def send_document(world: World, params: Params) -> dict[str, Any]:
    """Send a file, new or known by its id, with a caption of at most 1,024 UTF-16 units."""
    text, entities = caption(params.values)
    keyboard = markup.reply_markup(params)
    places.place_of(world, params)  # the chat is checked before the file is taken
    file = take_file(world, params, "document", "document", params.values.get("document"))
    if file is None:
        raise bad_request("there is no document in the request")
    return _send(world, params, Content(text=text, entities=entities, file=file, markup=keyboard))


def send_chat_action(world: World, params: Params) -> bool:
    """Show that the bot is busy.

    Not in a channel's direct messages, nor in a topic of a basic group (tdlib/td, DialogActionManager.cpp, send_dialog_action;
    MessageTopic.cpp, get_message_topic).
    """
    if params.text("action").lower() not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    if params.text("business_connection_id"):
        access.business_chat(world, params)
        return True
    chat = access.chat_of(world, params)
    if chat.direct_messages:
        raise bad_request("chat actions can't be sent to channel direct messages chats")
    if chat.kind in ("group", "channel") and params.integer("message_thread_id"):
        raise bad_request("chat is not a forum")
    return True


def delete_message(world: World, params: Params) -> bool:
    """Delete a message: the bot's own, in a private chat also the person's, and anybody's where the bot may delete messages.

    Not after two days, and not the notice of a topic or of a supergroup's beginning. core.telegram.org/bots/api#deletemessage.
    """
    chat = access.chat_of(world, params)
    message = world.find(chat, params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    created = {"forum_topic_created", "migrate_from_chat_id"} & set(message.content.service or ())
    if created or world.now() - message.sent_at >= DELETION_SECONDS or not _may_delete(chat, message):
        raise bad_request("message can't be deleted")
    remove(message)
    return True


def _may_delete(chat: Chat, message: Message) -> bool:
    if chat.kind == "private" or (chat.kind == "group" and chat.bot.leads):
        return True
    if chat.bot.status == "creator" or "can_delete_messages" in chat.bot.rights:
        return True
    return message.own and (chat.kind != "channel" or "can_post_messages" in chat.bot.rights)


def answer_callback_query(world: World, params: Params) -> bool:
    """Answer the press of a button; a query that is unknown or expired can't be answered.

    The refusal is Client.cpp's for QUERY_ID_INVALID (fail_query_with_error). After how long a press expires, `press_seconds`, is a guess:
    Telegram tells it nowhere.
    """
    query = world.callbacks.get(params.text("callback_query_id"))
    if query is None or query["expired"] or world.now() - query["at"] > world.press_seconds:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if texts.units(params.text("text")) > MAX_CALLBACK_ANSWER_UNITS:
        raise bad_request("MESSAGE_TOO_LONG")
    query["answers"].append({"text": params.text("text"), "show_alert": params.flag("show_alert")})
    return True


def get_file(world: World, params: Params) -> dict[str, Any]:
    """Say where a file may be downloaded within the hour, unless it is over the limit; asked again, it says so for another hour.

    core.telegram.org/bots/api#getfile guarantees an hour; the real server may keep a file longer (tdlib/telegram-bot-api#303). A path
    that has ended is Not Found (tdlib/telegram-bot-api#42).
    """
    if not params.text("file_id"):
        raise bad_request("file_id not specified")
    file = world.files.get(params.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > world.download_limit_bytes:
        raise bad_request("file is too big")
    if file.path in world.lost_paths:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    world.links[file.path] = world.now() + world.link_seconds
    return {name: file.media[name] for name in ("file_id", "file_unique_id")} | {"file_size": file.size, "file_path": file.path}


def message_text(params: Params, *, too_long: str) -> tuple[str, texts.Entities]:
    """Return a request's text and entities, neither empty nor too long. `too_long`: sending and editing word it differently."""
    if not params.text("text"):
        raise bad_request("message text is empty")
    text, entities = texts.parse(params.text("text"), params.text("parse_mode"), params.array("entities", "MessageEntity") or ())
    if not text:
        raise bad_request("text must be non-empty")
    if texts.units(text) > texts.MAX_TEXT_UNITS:
        raise bad_request(too_long)
    return text, entities


def caption(fields: Any) -> tuple[str, texts.Entities]:
    """Return the caption and entities of a request or of an InputMedia, not too long."""
    text, entities = texts.parse(
        str(fields.get("caption") or ""), str(fields.get("parse_mode") or ""), fields.get("caption_entities") or ()
    )
    if texts.units(text) > texts.MAX_CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return text, entities


def take_file(world: World, params: Params, kind: str, field: str, reference: Any) -> StoredFile | None:
    """Return the file a request brings or names by its id, None if it has none."""
    upload = params.file(field, reference)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        extension = PurePath(upload.name).suffix
        mime_type = mimetypes.guess_type(upload.name)[0] or upload.mime_type
        media = {"file_name": upload.name, "mime_type": mime_type}
        return world.store_file(kind, upload.content, size=None, extension=extension, media=media)
    if not reference or str(reference).startswith("attach://"):
        return None
    known = world.files.get(str(reference))
    if known is None:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    return known


def remove(message: Message) -> None:
    """Take a message out of its chat, remembering that it was there."""
    message.deleted_at = time.monotonic()


def _send(world: World, params: Params, content: Content) -> dict[str, Any]:
    place = places.place_of(world, params)
    extras = dict(place.extras)
    sender: dict[str, Any] | None = world.me
    if connection_id := params.text("business_connection_id"):  # in the account's name
        extras |= {"business_connection_id": connection_id, "sender_business_bot": dict(world.me)}
        sender = world.user(world.connections[connection_id].owner)
    else:
        rights.require_sending(place.chat, content.kind)
        if place.chat.kind == "channel":
            sender, extras["sender_chat"] = None, describe.chat_json(world, place.chat)
    if params.flag("protect_content"):
        extras["has_protected_content"] = True
    fields = {"thread_id": place.thread_id, "reply_to": place.reply_to, "silent": params.flag("disable_notification")}
    message = world.add_message(place.chat, sender, content, own=True, extras=extras, **fields)
    return describe.message_json(world, message)
