"""Bot API methods that change a message of the bot's own.

An edit replaces the keyboard too: one that names none removes it. An edit that changes nothing is refused. A message that the bot
sent as a guest is named by its `inline_message_id`, and the answer to its edit is True.
"""

import time
from dataclasses import replace
from typing import Any

from localstack.telegram import access, describe, markup, messages, rights
from localstack.telegram.params import Params
from localstack.telegram.refusals import bad_request
from localstack.telegram.world import Content, Message, World

_EDITABLE_MEDIA = ("animation", "audio", "document", "photo", "video")


def edit_message_text(world: World, params: Params) -> dict[str, Any] | bool:
    """Replace the text of a text message."""
    text, entities = messages.message_text(params, too_long="MESSAGE_TOO_LONG")
    keyboard = markup.reply_markup(params, inline_only=True)
    message = access.message_to_edit(world, params)
    if message.content.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _edit(world, message, Content(text=text, entities=entities, markup=keyboard, link_preview=markup.link_preview(params)))


def edit_message_caption(world: World, params: Params) -> dict[str, Any] | bool:
    """Replace the caption of a file."""
    text, entities = messages.caption(params.values)
    keyboard = markup.reply_markup(params, inline_only=True)
    message = access.message_to_edit(world, params)
    if message.content.file is None:
        raise bad_request("there is no caption in the message to edit")
    return _edit(world, message, replace(message.content, text=text, entities=entities, markup=keyboard))


def edit_message_media(world: World, params: Params) -> dict[str, Any] | bool:
    """Replace the file of a message, or give a file to a text message, whose text goes.

    The bot needs the right to send such a file (tdlib/td, MessagesManager.cpp, edit_message_media).
    """
    media = params.object("media", "input media")
    if media is None:
        raise bad_request('parameter "media" is required')
    kind = media.get("type")
    if kind not in _EDITABLE_MEDIA:
        raise bad_request("can't parse InputMedia: invalid type specified")
    text, entities = messages.caption(media)
    keyboard = markup.reply_markup(params, inline_only=True)
    message = access.message_to_edit(world, params)
    file = messages.take_file(world, params, kind, "", media.get("media"))
    if file is None:
        raise bad_request("can't parse InputMedia: media not found")
    if not params.text("business_connection_id") and not params.text("inline_message_id"):
        rights.require_sending(message.chat, kind)  # a text may be edited without the right to send one
    return _edit(world, message, Content(text=text, entities=entities, file=file, markup=keyboard))


def edit_message_reply_markup(world: World, params: Params) -> dict[str, Any] | bool:
    """Replace the keyboard alone."""
    keyboard = markup.reply_markup(params, inline_only=True)
    message = access.message_to_edit(world, params)
    return _edit(world, message, replace(message.content, markup=keyboard))


def _edit(world: World, message: Message, content: Content) -> dict[str, Any] | bool:
    before = message.content
    if (before.text, before.entities, before.file, before.markup) == (content.text, content.entities, content.file, content.markup):
        reason = "specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
        raise bad_request(f"message is not modified: {reason}")
    message.versions.append((content, time.monotonic(), time.time()))
    return True if "guest_bot_caller_user" in message.extras else describe.message_json(world, message)
