"""What people do in the chats, callable from any thread.

A chat is named by its id: a person's own id is the private chat with them, a negative one a basic group, one at or below
-1,000,000,000,000 a supergroup; chats and people come into being on first use. Every message becomes an update, which is
returned and goes to the bot by webhook or `getUpdates`, unless it is `held` back for `TelegramStandIn.deliver`.
"""

import mimetypes
import time
from dataclasses import replace
from pathlib import PurePath
from typing import Any, TypedDict, Unpack

from localstack.telegram import describe, messages, texts
from localstack.telegram.world import SUPERGROUP_CEILING, Chat, Content, Message, StoredFile, World

GROUP_MEMBER = 7001
"""Who writes in a group when the caller names nobody."""


class Circumstances(TypedDict, total=False):
    """How a message is sent: by whom, in which language their Telegram is, in answer to what, in which topic.

    `forwarded` is the name of a first sender who hides their account, or True for a person who does not.
    """

    user: int
    language_code: str
    caption: str
    reply_to: int
    thread: int
    forwarded: str | bool
    media_group_id: str
    held: bool


class People:
    """The people of one world; whoever reads or writes `world` itself holds its lock."""

    def __init__(self, world: World) -> None:
        self.world = world

    def group(self, chat_id: int, title: str) -> None:
        """Open a group or supergroup under a title."""
        with self.world.change():
            self.world.chat(chat_id, title=title)

    def forum(self, chat_id: int, title: str = "Forum") -> None:
        """Open a supergroup with topics."""
        with self.world.change():
            self.world.chat(chat_id, title=title, forum=True)

    def topic(self, chat_id: int) -> int:
        """Open a topic in a forum and return its thread id."""
        with self.world.change():
            chat = self.world.chat(chat_id, forum=True)
            opened = self.world.add_message(
                chat, self.world.user(GROUP_MEMBER), Content(service={"forum_topic_created": {"name": "Topic"}})
            )
            opened.thread_id = opened.id
            chat.topics.add(opened.id)
            return opened.id

    def text(self, chat_id: int, text: str, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Write a text; return its update."""
        with self.world.change():
            return self._say(chat_id, Content(text=text, entities=texts.detect(text)), how)

    def voice(
        self,
        chat_id: int,
        audio: bytes,
        *,
        seconds: int,
        mime_type: str = "audio/ogg",
        size: int | None = None,
        **how: Unpack[Circumstances],
    ) -> dict[str, Any]:
        """Send a voice message; return its update. `size` declares another size than the bytes have, to play a large file."""
        return self._send_file(chat_id, "voice", audio, how, size=size, media={"duration": seconds, "mime_type": mime_type})

    def audio(
        self,
        chat_id: int,
        audio: bytes,
        *,
        seconds: int,
        name: str = "audio.mp3",
        mime_type: str = "audio/mpeg",
        size: int | None = None,
        **how: Unpack[Circumstances],
    ) -> dict[str, Any]:
        """Send a piece of music; return its update."""
        return self._send_file(
            chat_id, "audio", audio, how, size=size, media={"duration": seconds, "mime_type": mime_type, "file_name": name}
        )

    def video_note(
        self, chat_id: int, video: bytes, *, seconds: int, size: int | None = None, **how: Unpack[Circumstances]
    ) -> dict[str, Any]:
        """Send a circle; return its update."""
        return self._send_file(chat_id, "video_note", video, how, size=size, media={"duration": seconds, "length": 240})

    def video(
        self,
        chat_id: int,
        video: bytes,
        *,
        seconds: int,
        name: str = "video.mp4",
        mime_type: str = "video/mp4",
        size: int | None = None,
        **how: Unpack[Circumstances],
    ) -> dict[str, Any]:
        """Send a video; return its update."""
        media = {"duration": seconds, "width": 640, "height": 480, "mime_type": mime_type, "file_name": name}
        return self._send_file(chat_id, "video", video, how, size=size, media=media)

    def document(
        self, chat_id: int, name: str, mime_type: str | None, content: bytes, *, size: int | None = None, **how: Unpack[Circumstances]
    ) -> dict[str, Any]:
        """Send a file as it is; return its update. No `mime_type`: the person's app did not tell."""
        media = {"file_name": name} | ({"mime_type": mime_type} if mime_type else {})
        return self._send_file(chat_id, "document", content, how, size=size, media=media)

    def forward(self, update: dict[str, Any], chat_id: int, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Forward the message of an update into a chat, the same file under the same id; return the new update."""
        with self.world.change():
            source = self._message(update["message"]["chat"]["id"], update["message"]["message_id"])
            how.setdefault("forwarded", source.sender["first_name"])
            return self._say(chat_id, replace(source.content, markup=None), how)

    def edit(self, chat_id: int, message_id: int, text: str, *, held: bool = False) -> dict[str, Any]:
        """Change the words of an own message, the caption if it has a file; return the update `edited_message`."""
        with self.world.change():
            message = self._message(chat_id, message_id)
            content = replace(message.content, text=text, entities=texts.detect(text))
            message.versions.append((content, time.monotonic(), time.time()))
            return self.world.post("edited_message", describe.message_json(self.world, message), held=held)

    def press(
        self,
        chat_id: int,
        message_id: int,
        data: str,
        *,
        user: int | None = None,
        language_code: str | None = None,
        expired: bool = False,
        held: bool = False,
    ) -> dict[str, Any]:
        """Press the button that carries `data`; return the update `callback_query`. `expired`: too old to be answered.

        Raises LookupError if the message has no such button now.
        """
        with self.world.change():
            message = self._message(chat_id, message_id)
            buttons = [button for row in describe.seen(self.world, message).buttons for button in row]
            if data not in [carried for _, carried in buttons]:
                raise LookupError(f"no button carries {data!r}; there are {buttons}")
            query_id = str(4_000_000_000 + len(self.world.callbacks))
            self.world.callbacks[query_id] = {"expired": expired, "answers": []}
            body = {
                "id": query_id,
                "from": dict(self.world.user(self._sender(message.chat, user), language_code)),
                "message": describe.message_json(self.world, message),
                "chat_instance": str(-chat_id),
                "data": data,
            }
            return self.world.post("callback_query", body, held=held)

    def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message. Bots are not told."""
        with self.world.change():
            messages.remove(self._message(chat_id, message_id))

    def lose_file(self, file_id: str) -> None:
        """Make a file unavailable: its id stays known, but Telegram can't fetch it any more."""
        with self.world.change():
            self.world.lost_paths.add(self.world.files[file_id].path)

    def promote(self, chat_id: int, user: int) -> None:
        """Make a person an administrator of a group."""
        with self.world.change():
            self.world.user(user)
            self.world.chat(chat_id).admins.add(user)

    def block(self, user: int, *, held: bool = False) -> dict[str, Any]:
        """Block the bot in the private chat; return the update `my_chat_member`."""
        return self._standing(user, "blocked", stands=False, held=held)

    def unblock(self, user: int, *, held: bool = False) -> dict[str, Any]:
        """Let the bot write again; return the update."""
        return self._standing(user, "blocked", stands=True, held=held)

    def kick(self, chat_id: int, *, held: bool = False) -> dict[str, Any]:
        """Throw the bot out of a group; return the update."""
        return self._standing(chat_id, "kicked", stands=False, held=held)

    def invite(self, chat_id: int, *, held: bool = False) -> dict[str, Any]:
        """Take the bot back into a group; return the update."""
        return self._standing(chat_id, "kicked", stands=True, held=held)

    def migrate(self, chat_id: int) -> int:
        """Turn a basic group into a supergroup and return its id. The messages stay behind; both chats tell the bot so."""
        with self.world.change():
            chat = self.world.chat(chat_id)
            successor = self.world.chat(SUPERGROUP_CEILING + chat_id, title=chat.title)
            self._say(chat.id, Content(service={"migrate_to_chat_id": successor.id}), {})
            self._say(successor.id, Content(service={"migrate_from_chat_id": chat.id}), {})
            chat.migrated_to = successor.id
            return successor.id

    def _send_file(
        self, chat_id: int, kind: str, content: bytes, how: Circumstances, *, size: int | None, media: dict[str, Any]
    ) -> dict[str, Any]:
        with self.world.change():
            name, mime_type = media.get("file_name"), media.get("mime_type") or ""
            extension = (
                PurePath(name).suffix
                if name
                else {"voice": ".oga", "video_note": ".mp4"}.get(kind) or mimetypes.guess_extension(mime_type) or ""
            )
            file: StoredFile = self.world.store_file(kind, content, size=size, extension=extension, media=media)
            words = how.get("caption", "")
            return self._say(chat_id, Content(text=words, entities=texts.detect(words), file=file), how)

    def _say(self, chat_id: int, content: Content, how: Circumstances) -> dict[str, Any]:
        world = self.world
        thread = how.get("thread")
        chat = world.chat(chat_id, forum=thread is not None)
        if thread is not None:
            chat.topics.add(thread)
        sender = dict(world.user(self._sender(chat, how.get("user")), how.get("language_code")))
        extras: dict[str, Any] = {}
        if forwarded := how.get("forwarded"):
            hidden = {"type": "hidden_user", "sender_user_name": forwarded}
            origin = {"type": "user", "sender_user": dict(world.user(GROUP_MEMBER + 1))} if forwarded is True else hidden
            extras["forward_origin"] = origin | {"date": int(time.time())}
        if "media_group_id" in how:
            extras["media_group_id"] = how["media_group_id"]
        message = world.add_message(chat, sender, content, thread_id=thread, reply_to=how.get("reply_to"), extras=extras)
        held = how.get("held", False) or not self._reaches_bot(message)
        return world.post("message", describe.message_json(world, message), held=held)

    def _reaches_bot(self, message: Message) -> bool:
        """In privacy mode a bot in a group sees commands, mentions of it, answers to it and service messages only."""
        if message.chat.kicked or not self.world.privacy_mode or message.chat.kind == "private" or message.content.service:
            return not message.chat.kicked
        source = self.world.find(message.chat, message.reply_to)
        to_bot = source is not None and source.sender["id"] == self.world.me["id"]
        return to_bot or message.content.text.startswith("/") or f"@{self.world.me['username']}" in message.content.text

    def _standing(self, chat_id: int, kind: str, *, stands: bool, held: bool) -> dict[str, Any]:
        with self.world.change():
            world, chat = self.world, self.world.chat(chat_id)
            setattr(chat, kind, not stands)
            bot = {"user": dict(world.me)}
            member = [{"status": "kicked", "until_date": 0, **bot}, {"status": "member", **bot}]
            body = {
                "chat": describe.chat_json(world, chat),
                "from": dict(world.user(self._sender(chat, None))),
                "date": int(time.time()),
                "old_chat_member": member[not stands],
                "new_chat_member": member[stands],
            }
            return world.post("my_chat_member", body, held=held)

    def _message(self, chat_id: int, message_id: int) -> Message:
        message = self.world.find(self.world.chat(chat_id), message_id)
        if message is None:
            raise LookupError(f"no message {message_id} in chat {chat_id}")
        return message

    def _sender(self, chat: Chat, user: int | None) -> int:
        if user is not None:
            return user
        return chat.id if chat.kind == "private" else GROUP_MEMBER
