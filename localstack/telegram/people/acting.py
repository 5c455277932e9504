"""What all that people do has in common: who says what in which chat, how, and whether the bot is told."""

import mimetypes
import time
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, TypedDict

from localstack.telegram import describe, reception, rights, texts
from localstack.telegram.world import Chat, Content, Message, Standing, StoredFile, World

GROUP_MEMBER = 7001
"""Who writes in a group when the caller names nobody."""
SPEAKERS = {
    "group": {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"},
    "channel": {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"},
    "service": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
}
"""Who messages of a chat are from: an anonymous administrator's, a channel's, and those forwarded by Telegram itself.

The ids are in tdlib/td, UserManager.cpp, get_anonymous_bot_user_id, get_channel_bot_user_id, get_service_notifications_user_id.
"""
ANOTHER_BOT = 8001


Forwarded = str | bool | int | Mapping[str, Any]


class Circumstances(TypedDict, total=False):
    """How a message is sent: by whom, in which language their Telegram is, in answer to what, in which topic.

    `forwarded` tells from whom: the name of a first sender who hides their account ("": not even the name is told), the id of a person
    (positive), of a group or of a channel, True for some person, or a whole MessageOrigin.

    `reply_to` is a message of the chat, `elsewhere` the update with a message of another one; `quote` are words of either.
    `sender_chat` is the id of the group, for an anonymous administrator, or of a channel, `signature` the title or name shown beside it.
    `by_bot` is the username of another bot that says it. `direct_topic` is the person whose topic in a channel's direct messages it is.
    `protected`: it may not be forwarded or saved.
    """

    user: int
    language_code: str
    caption: str
    reply_to: int
    elsewhere: dict[str, Any]
    quote: str
    thread: int
    direct_topic: int
    forwarded: Forwarded
    sender_chat: int
    signature: str
    by_bot: str
    protected: bool
    media_group_id: str
    held: bool


class Acting:
    """The people of one world; whoever reads or writes `world` itself holds its lock."""

    def __init__(self, world: World) -> None:
        self.world = world

    def _send_file(
        self, chat_id: int, kind: str, content: bytes, how: Circumstances, *, size: int | None, media: dict[str, Any]
    ) -> dict[str, Any]:
        with self.world.change():
            words = how.get("caption", "")
            return self._say(chat_id, Content(text=words, entities=texts.detect(words), file=self._store(kind, content, size, media)), how)

    def _store(self, kind: str, content: bytes, size: int | None, media: dict[str, Any]) -> StoredFile:
        name, mime_type = media.get("file_name"), media.get("mime_type") or ""
        usual = {"voice": ".oga", "video_note": ".mp4", "photo": ".jpg", "sticker": ".webp"}
        extension = PurePath(name).suffix if name else usual.get(kind) or mimetypes.guess_extension(mime_type) or ""
        return self.world.store_file(kind, content, size=size, extension=extension, media=media)

    def _say(self, chat_id: int, content: Content, how: Circumstances) -> dict[str, Any]:
        world = self.world
        chat = self._place(chat_id, how)
        message = world.add_message(
            chat,
            self._speaker(chat, content.kind, how),
            content,
            thread_id=how.get("thread"),
            reply_to=how.get("reply_to"),
            extras=self._extras(chat, how),
        )
        kind = "channel_post" if chat.kind == "channel" else "message"
        held = how.get("held", False) or not reception.reaches_bot(world, message)
        update = world.post(kind, describe.message_json(world, message), held=held)
        if chat.kind == "channel" and chat.linked is not None and not content.service:
            self._forward_to_discussion(message, chat.linked)
        return update

    def _place(self, chat_id: int, how: Circumstances) -> Chat:
        thread, direct = how.get("thread"), how.get("direct_topic")
        chat = self.world.chat(chat_id, forum=thread is not None)
        if thread is not None and chat.kind == "private" and not self.world.private_topics:
            raise ValueError("private chats with this bot have no topics")
        if direct is not None:
            chat.direct_messages = True
        for topic in (thread, direct):
            if topic is not None:
                chat.topics.add(topic)
        return chat

    def _speaker(self, chat: Chat, kind: str, how: Circumstances) -> dict[str, Any] | None:
        """Return who a message is from; raise PermissionError for a member who may not send such a thing to the group."""
        if chat.kind == "channel":
            return None
        if "sender_chat" in how:
            return dict(SPEAKERS["group" if how["sender_chat"] == chat.id else "channel"])
        if by_bot := how.get("by_bot"):
            return {"id": how.get("user", ANOTHER_BOT), "is_bot": True, "first_name": by_bot, "username": by_bot}
        user_id = self._sender(chat, how.get("user"))
        standing = chat.members.setdefault(user_id, Standing())
        if not standing.there:
            standing = chat.members[user_id] = Standing()
        if kind != "service" and (name := rights.missing(chat, standing, kind)):
            raise PermissionError(f"{user_id} may send no {name} to chat {chat.id}")
        return dict(self.world.user(user_id, how.get("language_code")))

    def _extras(self, chat: Chat, how: Circumstances) -> dict[str, Any]:
        world, extras = self.world, dict[str, Any]()
        if chat.kind == "channel":
            extras["sender_chat"] = describe.chat_json(world, chat)
        elif "sender_chat" in how:
            extras["sender_chat"] = describe.chat_json(world, self._outside(how["sender_chat"]))
        if "signature" in how:
            extras["author_signature"] = how["signature"]
        if "forwarded" in how and how["forwarded"] is not False:
            extras["forward_origin"] = self._origin(how["forwarded"])
        if "media_group_id" in how:
            extras["media_group_id"] = how["media_group_id"]
        if (direct := how.get("direct_topic")) is not None:
            extras["direct_messages_topic"] = {"topic_id": direct, "user": dict(world.user(direct))}
        if how.get("protected"):
            extras["has_protected_content"] = True
        source = self._answered(chat, how)
        if source is not None and source.chat is not chat:
            extras["external_reply"] = describe.external_reply_json(world, source)
        if source is not None and "quote" in how:
            extras["quote"] = describe.quote_json(source.content.text, how["quote"], manual=True)
        return extras

    def _origin(self, forwarded: Forwarded) -> dict[str, Any]:
        """Return the MessageOrigin that a forwarded message tells of."""
        world, date = self.world, {"date": int(time.time())}
        if isinstance(forwarded, Mapping):
            return date | dict(forwarded)
        if isinstance(forwarded, str):
            return {"type": "hidden_user"} | ({"sender_user_name": forwarded} if forwarded else {}) | date
        if forwarded is True or forwarded > 0:
            return {"type": "user", "sender_user": dict(world.user(GROUP_MEMBER + 1 if forwarded is True else forwarded))} | date
        chat = self._outside(forwarded)
        told = describe.chat_json(world, chat)
        if chat.kind == "channel":
            return {"type": "channel", "chat": told, "message_id": chat.last_message_id or 1} | date
        return {"type": "chat", "sender_chat": told} | date

    def _outside(self, chat_id: int) -> Chat:
        """Return a chat that is told of, whether or not the bot is there: a channel, if nobody has said what it is."""
        if chat_id in self.world.chats:
            return self.world.chats[chat_id]
        kind = "private" if chat_id > 0 else "channel"
        return Chat(id=chat_id, kind=kind, title=f"Chat {-chat_id}", bot=Standing(status="left"))

    def _answered(self, chat: Chat, how: Circumstances) -> Message | None:
        if "elsewhere" in how:
            body = next(body for name, body in how["elsewhere"].items() if name != "update_id")
            return self._message(body["chat"]["id"], body["message_id"])
        return self.world.find(chat, how.get("reply_to"))

    def _forward_to_discussion(self, post: Message, group_id: int) -> None:
        """Let Telegram forward a channel's post into the group linked with it, where it begins the thread of comments."""
        world, group = self.world, self.world.chat(group_id)
        channel = describe.chat_json(world, post.chat)
        extras = {"sender_chat": channel, "forward_origin": describe.origin_json(world, post), "is_automatic_forward": True}
        message = world.add_message(group, dict(SPEAKERS["service"]), post.content, extras=extras)
        world.post("message", describe.message_json(world, message), held=not reception.reaches_bot(world, message))

    def _message(self, chat_id: int, message_id: int) -> Message:
        message = self.world.find(self.world.chat(chat_id), message_id)
        if message is None:
            raise LookupError(f"no message {message_id} in chat {chat_id}")
        return message

    def _sender(self, chat: Chat, user: int | None) -> int:
        if user is not None:
            return user
        return chat.id if chat.kind == "private" else GROUP_MEMBER
