"""The world's nouns as the Bot API's JSON, and as an onlooker's views."""

from typing import Any

from localstack.telegram.views import Seen, SeenVersion
from localstack.telegram.world import Chat, Content, Message, World


def chat_json(world: World, chat: Chat) -> dict[str, Any]:
    """Return a Chat object."""
    if chat.kind == "private":
        user = world.user(chat.id)
        return {"id": chat.id, "type": "private", "first_name": user["first_name"], "username": user["username"]}
    described: dict[str, Any] = {"id": chat.id, "type": chat.kind, "title": chat.title}
    return described | ({"is_forum": True} if chat.forum else {})


def message_json(world: World, message: Message, *, with_reply: bool = True) -> dict[str, Any]:
    """Return a Message object; a reply carries the message it answers, but not that one's own reply."""
    described: dict[str, Any] = {
        "message_id": message.id,
        "from": dict(message.sender),
        "chat": chat_json(world, message.chat),
        "date": int(message.versions[0][2]),
        **message.extras,
        **_content_json(message.content),
    }
    if len(message.versions) > 1:
        described["edit_date"] = int(message.versions[-1][2])
    if message.thread_id is not None:
        described |= {"message_thread_id": message.thread_id, "is_topic_message": True}
    source = world.find(message.chat, message.reply_to)
    if with_reply and source is not None:
        described["reply_to_message"] = message_json(world, source, with_reply=False)
    return described


def _content_json(content: Content) -> dict[str, Any]:
    described: dict[str, Any] = dict(content.service or {})
    words, marks = ("caption", "caption_entities") if content.file else ("text", "entities")
    if content.file:
        described[content.file.kind] = dict(content.file.media)
    if content.text:
        described[words] = content.text
    if content.entities:
        described[marks] = list(content.entities)
    if content.markup and "inline_keyboard" in content.markup:
        described["reply_markup"] = content.markup
    if content.link_preview:
        described["link_preview_options"] = content.link_preview
    return described


def seen(world: World, message: Message) -> Seen:
    """Return the message as the person sees it."""
    return Seen(
        chat_id=message.chat.id,
        message_id=message.id,
        thread_id=message.thread_id,
        from_bot=message.sender["id"] == world.me["id"],
        user_id=message.sender["id"],
        reply_to=message.reply_to,
        silent=message.silent,
        deleted=message.deleted_at is not None,
        deleted_at=message.deleted_at,
        versions=tuple(_version(*version) for version in message.versions),
    )


def _version(content: Content, at: float, at_unix: float) -> SeenVersion:
    rows = (content.markup or {}).get("inline_keyboard", ())
    return SeenVersion(
        kind=content.file.kind if content.file else "service" if content.service else "text",
        text=content.text,
        document_name=content.file.media.get("file_name") if content.file else None,
        document=content.file.content if content.file else None,
        buttons=tuple(tuple((button["text"], button.get("callback_data")) for button in row) for row in rows),
        link_preview_disabled=bool((content.link_preview or {}).get("is_disabled")),
        at=at,
        at_unix=at_unix,
    )
