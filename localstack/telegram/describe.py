"""The world's nouns as the Bot API's JSON, and as an onlooker's views. Fields are those of Client.cpp's Json… classes."""

from collections.abc import Mapping
from typing import Any

from localstack.telegram.texts import units
from localstack.telegram.views import Seen, SeenVersion
from localstack.telegram.world import Chat, Connection, Content, Message, World


def chat_json(world: World, chat: Chat) -> dict[str, Any]:
    """Return a Chat object."""
    if chat.kind == "private":
        user = world.user(chat.id)
        return {"id": chat.id, "type": "private", "first_name": user["first_name"], "username": user["username"]}
    described: dict[str, Any] = {"id": chat.id, "type": chat.kind, "title": chat.title}
    if chat.forum:
        described["is_forum"] = True
    return described | ({"is_direct_messages": True} if chat.direct_messages else {})


def message_json(world: World, message: Message, *, with_reply: bool = True) -> dict[str, Any]:
    """Return a Message object; a reply carries the message it answers, but not that one's own reply."""
    described: dict[str, Any] = {
        "message_id": message.id,
        "chat": chat_json(world, message.chat),
        "date": int(message.versions[0][2]),
        **message.extras,
        **_content_json(message.content),
    }
    if message.sender is not None:
        described["from"] = dict(message.sender)
    if len(message.versions) > 1:
        described["edit_date"] = int(message.versions[-1][2])
    if message.chat.protected:
        described["has_protected_content"] = True
    if message.thread_id is not None:
        described |= {"message_thread_id": message.thread_id, "is_topic_message": True}
    elif (root := _thread_root(world, message)) is not None:
        described["message_thread_id"] = root
    source = world.find(message.chat, message.reply_to)
    if with_reply and source is not None:
        described["reply_to_message"] = message_json(world, source, with_reply=False)
    return described


def _thread_root(world: World, message: Message) -> int | None:
    """Return the message that an exchange of replies in a supergroup without topics began with.

    Such replies have a message_thread_id too, without is_topic_message (Client.cpp, JsonMessage; tdlib/td, MessageTopic.cpp).
    """
    if message.chat.kind != "supergroup" or message.chat.forum or message.chat.direct_messages or not message.reply_to:
        return None
    source = message.chat.messages.get(message.reply_to)
    return message.reply_to if source is None else _thread_root(world, source) or source.id


def origin_json(world: World, message: Message) -> dict[str, Any]:
    """Return the MessageOrigin of a message: a channel's post, a chat's own words, or a person's."""
    date = {"date": int(message.versions[0][2])}
    said_by = message.extras.get("sender_chat")
    if message.chat.kind == "channel":
        return {"type": "channel", "chat": chat_json(world, message.chat), "message_id": message.id} | date
    if said_by is not None:
        return {"type": "chat", "sender_chat": said_by} | date
    return {"type": "user", "sender_user": dict(message.sender or world.me)} | date


def external_reply_json(world: World, source: Message) -> dict[str, Any]:
    """Return an ExternalReplyInfo: the chat and id are told only of supergroups and channels (core.telegram.org/bots/api)."""
    described: dict[str, Any] = {"origin": source.extras.get("forward_origin") or origin_json(world, source)}
    if source.chat.kind in ("supergroup", "channel"):
        described |= {"chat": chat_json(world, source.chat), "message_id": source.id}
    spoken = ("text", "caption", "entities", "caption_entities", "reply_markup")
    return described | {name: value for name, value in _content_json(source.content).items() if name not in spoken}


def quote_json(text: str, quote: str, *, manual: bool) -> dict[str, Any]:
    """Return a TextQuote of words that stand in the text."""
    return {"text": quote, "position": units(text[: text.index(quote)])} | ({"is_manual": True} if manual else {})


def connection_json(world: World, connection: Connection) -> dict[str, Any]:
    """Return a BusinessConnection; one that has ended has no rights (Client.cpp, JsonBusinessConnection)."""
    rights = connection.rights if connection.enabled else frozenset()
    described: dict[str, Any] = {
        "id": connection.id,
        "user": dict(world.user(connection.owner)),
        "user_chat_id": connection.owner,
        "date": connection.date,
        "is_enabled": connection.enabled,
        "can_reply": "can_reply" in rights,
    }
    return described | ({"rights": dict.fromkeys(sorted(rights), True)} if rights else {})


def _content_json(content: Content) -> dict[str, Any]:
    described: dict[str, Any] = {**(content.service or {}), **(content.other or {})}
    words, marks = ("caption", "caption_entities") if content.file or content.other else ("text", "entities")
    if content.file:
        described |= _file_json(content.file.kind, content.file.media)
    if content.text:
        described[words] = content.text
    if content.entities:
        described[marks] = list(content.entities)
    if content.markup and "inline_keyboard" in content.markup:
        described["reply_markup"] = content.markup
    if content.link_preview:
        described["link_preview_options"] = content.link_preview
    return described


def _file_json(kind: str, media: Mapping[str, Any]) -> dict[str, Any]:
    """Return the field of a file: a photo is a list of sizes, an animation also a document, for old clients."""
    if kind == "photo":
        return {"photo": [dict(media)]}
    if kind == "animation":
        plain = {name: value for name, value in media.items() if name not in ("width", "height", "duration")}
        return {"animation": dict(media), "document": plain}
    return {kind: dict(media)}


def seen(message: Message) -> Seen:
    """Return the message as the person sees it."""
    return Seen(
        chat_id=message.chat.id,
        message_id=message.id,
        thread_id=message.thread_id,
        from_bot=message.own,
        user_id=message.sender["id"] if message.sender else message.chat.id,
        reply_to=message.reply_to,
        silent=message.silent,
        deleted=message.deleted_at is not None,
        deleted_at=message.deleted_at,
        versions=tuple(_version(*version) for version in message.versions),
    )


def _version(content: Content, at: float, at_unix: float) -> SeenVersion:
    rows = (content.markup or {}).get("inline_keyboard", ())
    return SeenVersion(
        kind=content.kind,
        text=content.text,
        document_name=content.file.media.get("file_name") if content.file else None,
        document=content.file.content if content.file else None,
        buttons=tuple(tuple((button["text"], button.get("callback_data")) for button in row) for row in rows),
        link_preview_disabled=bool((content.link_preview or {}).get("is_disabled")),
        entities=tuple(dict(entity) for entity in content.entities),
        at=at,
        at_unix=at_unix,
    )
