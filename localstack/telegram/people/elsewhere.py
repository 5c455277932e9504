"""Where the bot isn't a party to the talk: a business account's private chats, and chats in which it is only mentioned."""

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Unpack

from localstack.telegram import describe, messages, rights, texts
from localstack.telegram.people.acting import Acting, Circumstances
from localstack.telegram.world import Chat, Connection, Content, Message

BUSINESS_RIGHTS = (
    "can_reply",
    "can_read_messages",
    "can_delete_sent_messages",
    "can_delete_all_messages",
    "can_edit_name",
    "can_edit_bio",
    "can_edit_profile_photo",
    "can_edit_username",
    "can_change_gift_settings",
    "can_view_gifts_and_stars",
    "can_convert_gifts_to_stars",
    "can_transfer_and_upgrade_gifts",
    "can_transfer_stars",
    "can_manage_stories",
)
"""core.telegram.org/bots/api#businessbotrights"""


class Elsewhere(Acting):
    """What people do with a bot connected to their account, and with one that they mention as a guest."""

    def connect(self, owner: int, *, granted: Iterable[str] = ("can_reply",), held: bool = False) -> dict[str, Any]:
        """Connect the bot to a person's account, or change its rights there; return the update `business_connection`."""
        with self.world.change():
            name = f"business-{owner}"
            known = self.world.connections.setdefault(name, Connection(id=name, owner=owner, rights=frozenset(), date=int(time.time())))
            known.rights, known.enabled = rights.named(granted, BUSINESS_RIGHTS), True
            return self.world.post("business_connection", describe.connection_json(self.world, known), held=held)

    def disconnect(self, owner: int, *, held: bool = False) -> dict[str, Any]:
        """Part the bot from a person's account; return the update `business_connection`."""
        with self.world.change():
            connection = self.world.connections[f"business-{owner}"]
            connection.enabled = False
            return self.world.post("business_connection", describe.connection_json(self.world, connection), held=held)

    def business_text(self, owner: int, chat_id: int, text: str, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Write in the chat of a connected account with a person; return the update `business_message`.

        The person writes, who is `chat_id`, unless `user` is the account's owner.
        """
        with self.world.change():
            return self._say_business(owner, chat_id, Content(text=text, entities=texts.detect(text)), how)

    def business_voice(self, owner: int, chat_id: int, audio: bytes, *, seconds: int, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Send a voice message in such a chat; return the update."""
        with self.world.change():
            file = self._store("voice", audio, None, {"duration": seconds, "mime_type": "audio/ogg"})
            return self._say_business(owner, chat_id, Content(text=how.get("caption", ""), file=file), how)

    def edit_business(self, owner: int, chat_id: int, message_id: int, text: str) -> dict[str, Any]:
        """Change the words of a message in such a chat; return the update `edited_business_message`."""
        with self.world.change():
            message = self._business_message(owner, chat_id, message_id)
            message.versions.append((replace(message.content, text=text), time.monotonic(), time.time()))
            return self.world.post("edited_business_message", describe.message_json(self.world, message))

    def delete_business(self, owner: int, chat_id: int, message_id: int) -> dict[str, Any]:
        """Delete a message in such a chat; return the update `deleted_business_messages`, by which alone a bot hears of deletions."""
        with self.world.change():
            message = self._business_message(owner, chat_id, message_id)
            messages.remove(message)
            chat = describe.chat_json(self.world, message.chat)
            body = {"business_connection_id": f"business-{owner}", "chat": chat, "message_ids": [message_id]}
            return self.world.post("deleted_business_messages", body)

    def mention(self, chat_id: int, text: str, *, about: dict[str, Any] | None = None, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Mention the bot in a chat where it isn't; return the update `guest_message`.

        The message may answer that of the update `about`, which the bot is then shown. Raises PermissionError where Telegram sends no such
        update: guest mode is off, or the chat's content is protected (core.telegram.org/api/bots/guest-mode).
        """
        with self.world.change():
            world = self.world
            chat = self._foreign(chat_id)
            known = world.chats.get(chat_id)
            if not world.guest_mode or (known is not None and known.protected):
                raise PermissionError("guest mode is off" if not world.guest_mode else f"chat {chat_id} has protected content")
            if about is not None:
                how["reply_to"] = self._shown(chat, about).id
            caller = dict(world.user(self._sender(chat, how.get("user")), how.get("language_code")))
            query_id = str(9_000_000_000 + len(world.guest_queries))
            extras = self._extras(chat, how) | {"guest_query_id": query_id}
            content = Content(text=text, entities=texts.detect(text))
            message = world.add_message(chat, caller, content, reply_to=how.get("reply_to"), extras=extras)
            query = {"at": world.now(), "caller": caller, "chat": chat, "message_id": message.id, "answers": []}
            world.guest_queries[query_id] = query
            return world.post("guest_message", describe.message_json(world, message), held=how.get("held", False))

    def _foreign(self, chat_id: int) -> Chat:
        if chat_id not in self.world.foreign:
            self.world.foreign[chat_id] = replace(self._outside(chat_id), kind="private" if chat_id > 0 else "supergroup", messages={})
        return self.world.foreign[chat_id]

    def _shown(self, chat: Chat, about: dict[str, Any]) -> Message:
        """Return the message of an update as one of a chat where the bot isn't."""
        body = next(body for name, body in about.items() if name != "update_id")
        source = self._message(body["chat"]["id"], body["message_id"])
        return self.world.add_message(chat, source.sender, source.content)

    def _say_business(self, owner: int, chat_id: int, content: Content, how: Circumstances) -> dict[str, Any]:
        connection = self.world.connections[f"business-{owner}"]
        new = Chat(id=chat_id, kind="private", title="", protected=False)
        chat = connection.chats.setdefault(chat_id, new)
        sender = dict(self.world.user(how.get("user", chat_id), how.get("language_code")))
        extras = self._extras(chat, how) | {"business_connection_id": connection.id}
        message = self.world.add_message(chat, sender, content, reply_to=how.get("reply_to"), extras=extras)
        held = how.get("held", False) or not connection.enabled
        return self.world.post("business_message", describe.message_json(self.world, message), held=held)

    def _business_message(self, owner: int, chat_id: int, message_id: int) -> Message:
        message = self.world.find(self.world.connections[f"business-{owner}"].chats[chat_id], message_id)
        if message is None:
            raise LookupError(f"no message {message_id} in the chat of {owner} with {chat_id}")
        return message
