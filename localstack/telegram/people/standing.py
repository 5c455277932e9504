"""Who is in a chat and what they may do there: groups, channels, joining and leaving, promoting and restricting, blocking.

Every change of the bot's own standing is an update `my_chat_member` with what it was and what it is; that of somebody else is a message
about who joined or left, and `chat_member` for a bot that is an administrator and has asked for it.
"""

import time
from collections.abc import Iterable
from typing import Any

from localstack.telegram import describe, rights
from localstack.telegram.people.acting import Acting
from localstack.telegram.world import SUPERGROUP_CEILING, Chat, Content, Standing

MEMBER = Standing()


class Standings(Acting):
    """What people do to chats and to one another's rights there. `by` is who does it."""

    def configure(self, *, privacy_mode: bool | None = None, private_topics: bool | None = None, guest_mode: bool | None = None) -> None:
        """Set at @BotFather what the bot is for; what is not named stays. `TelegramStandIn` tells what each means."""
        with self.world.change():
            world = self.world
            world.privacy_mode = world.privacy_mode if privacy_mode is None else privacy_mode
            world.private_topics = world.private_topics if private_topics is None else private_topics
            world.guest_mode = world.guest_mode if guest_mode is None else guest_mode

    def group(self, chat_id: int, title: str) -> None:
        """Open a group or supergroup under a title; the bot is a member."""
        with self.world.change():
            self.world.chat(chat_id, title=title)

    def forum(self, chat_id: int, title: str = "Forum") -> None:
        """Open a supergroup with topics."""
        with self.world.change():
            self.world.chat(chat_id, title=title, forum=True)

    def channel(self, chat_id: int, title: str = "Channel", *, rights_of_bot: Iterable[str] | None = ("can_post_messages",)) -> None:
        """Open a channel with the bot as an administrator, or, if it has no rights (None), without it."""
        with self.world.change():
            standing = Standing(status="left")
            if rights_of_bot is not None:
                known = (*rights.ADMINISTRATOR_RIGHTS, *rights.CHANNEL_RIGHTS)
                standing = Standing(status="administrator", rights=rights.named(rights_of_bot, known))
            self.world.chat(chat_id, title=title, kind="channel").bot = standing

    def link(self, channel_id: int, group_id: int) -> None:
        """Make a group the place for comments on a channel: from now on Telegram forwards its posts there."""
        with self.world.change():
            self.world.chat(channel_id, kind="channel").linked = group_id
            self.world.chat(group_id).linked = channel_id

    def topic(self, chat_id: int) -> int:
        """Open a topic in a forum and return its thread id."""
        with self.world.change():
            chat = self.world.chat(chat_id, forum=True)
            opened = self.world.add_message(
                chat, self.world.user(self._sender(chat, None)), Content(service={"forum_topic_created": {"name": "Topic"}})
            )
            opened.thread_id = opened.id
            chat.topics.add(opened.id)
            return opened.id

    def close_topic(self, chat_id: int, thread: int) -> None:
        """Delete a topic: nothing can be sent there any more."""
        with self.world.change():
            self.world.chat(chat_id).topics.discard(thread)

    def permit(self, chat_id: int, *, denied: Iterable[str]) -> None:
        """Set what members of a group may not do, by the names of ChatPermissions; the rest they may."""
        with self.world.change():
            self.world.chat(chat_id).denied = rights.named(denied, rights.PERMISSIONS)

    def hide_members(self, chat_id: int, *, hidden: bool = True) -> None:
        """Let administrators alone see who is in a supergroup."""
        with self.world.change():
            self.world.chat(chat_id).hidden_members = hidden

    def protect(self, chat_id: int, *, protected: bool = True) -> None:
        """Allow nobody to forward or save what is said in a chat."""
        with self.world.change():
            self.world.chat(chat_id).protected = protected

    def promote(self, chat_id: int, user: int, *, granted: Iterable[str] = (), anonymous: bool = False) -> None:
        """Make a person an administrator of a group."""
        standing = Standing(status="administrator", rights=self._rights(granted), anonymous=anonymous)
        self._change_member(chat_id, user, standing, by=None)

    def demote(self, chat_id: int, user: int) -> None:
        """Make a person a plain member again."""
        self._change_member(chat_id, user, MEMBER, by=None)

    def restrict(self, chat_id: int, user: int, *, denied: Iterable[str]) -> None:
        """Forbid a person of a supergroup some things, by the names of ChatPermissions."""
        self._change_member(chat_id, user, Standing(status="restricted", denied=rights.named(denied, rights.PERMISSIONS)), by=None)

    def join(self, chat_id: int, user: int, *, by: int | None = None, held: bool = False) -> dict[str, Any]:
        """Come into a group, or be added by somebody; return the update with the message about it."""
        with self.world.change():
            self._change_member(chat_id, user, MEMBER, by=by)
            newcomer = dict(self.world.user(user))
            told = {"new_chat_participant": newcomer, "new_chat_member": newcomer, "new_chat_members": [newcomer]}
            return self._say(chat_id, Content(service=told), {"user": user if by is None else by, "held": held})

    def leave(self, chat_id: int, user: int, *, by: int | None = None, held: bool = False) -> dict[str, Any]:
        """Leave a group, or be put out by somebody; return the update with the message about it."""
        with self.world.change():
            person = dict(self.world.user(user))
            told = {"left_chat_participant": person, "left_chat_member": person}
            update = self._say(chat_id, Content(service=told), {"user": user if by is None else by, "held": held})
            self._change_member(chat_id, user, Standing(status="left" if by in (None, user) else "kicked"), by=by)
            return update

    def block(self, user: int, *, held: bool = False) -> dict[str, Any]:
        """Block the bot in the private chat; return the update `my_chat_member`."""
        return self._block(user, blocked=True, held=held)

    def unblock(self, user: int, *, held: bool = False) -> dict[str, Any]:
        """Let the bot write again; return the update."""
        return self._block(user, blocked=False, held=held)

    def deactivate(self, chat_id: int) -> None:
        """Delete a person's account, or a group. Bots are not told."""
        with self.world.change():
            self.world.chat(chat_id).deactivated = True

    def invite(
        self,
        chat_id: int,
        *,
        by: int | None = None,
        granted: Iterable[str] | None = None,
        language_code: str | None = None,
        held: bool = False,
    ) -> dict[str, Any]:
        """Take the bot into a group, as a member or with an administrator's rights; return the update `my_chat_member`.

        A message that the bot has joined follows it.
        """
        standing = MEMBER if granted is None else Standing(status="administrator", rights=self._rights(granted))
        with self.world.change():
            if chat_id not in self.world.chats:
                self.world.chat(chat_id).bot = Standing(status="left")
            update = self._change_bot(chat_id, standing, by=by, language_code=language_code, held=held)
            bot = dict(self.world.me)
            told = {"new_chat_participant": bot, "new_chat_member": bot, "new_chat_members": [bot]}
            self._say(chat_id, Content(service=told), {"user": update["my_chat_member"]["from"]["id"], "held": held})
            return update

    def kick(self, chat_id: int, *, by: int | None = None, held: bool = False) -> dict[str, Any]:
        """Throw the bot out of a group; return the update `my_chat_member`, which a message about it follows."""
        with self.world.change():
            update = self._change_bot(chat_id, Standing(status="kicked"), by=by, held=held)
            bot = dict(self.world.me)
            told = {"left_chat_participant": bot, "left_chat_member": bot}
            self._say(chat_id, Content(service=told), {"user": update["my_chat_member"]["from"]["id"], "held": held})
            return update

    def promote_bot(self, chat_id: int, *, granted: Iterable[str] = (), by: int | None = None, held: bool = False) -> dict[str, Any]:
        """Make the bot an administrator; return the update."""
        return self._change_bot(chat_id, Standing(status="administrator", rights=self._rights(granted)), by=by, held=held)

    def demote_bot(self, chat_id: int, *, by: int | None = None, held: bool = False) -> dict[str, Any]:
        """Make the bot a plain member again; return the update."""
        return self._change_bot(chat_id, MEMBER, by=by, held=held)

    def restrict_bot(
        self, chat_id: int, *, denied: Iterable[str], present: bool = True, by: int | None = None, held: bool = False
    ) -> dict[str, Any]:
        """Forbid the bot some things in a supergroup; return the update. Not `present`: it is restricted and has left."""
        standing = Standing(status="restricted", denied=rights.named(denied, rights.PERMISSIONS), present=present)
        return self._change_bot(chat_id, standing, by=by, held=held)

    def migrate(self, chat_id: int) -> int:
        """Turn a basic group into a supergroup and return its id. The messages stay behind; both chats tell the bot so."""
        with self.world.change():
            chat = self.world.chat(chat_id)
            successor = self.world.chat(SUPERGROUP_CEILING + chat_id, title=chat.title)
            successor.bot, successor.members, successor.denied = chat.bot, dict(chat.members), chat.denied
            self._say(chat.id, Content(service={"migrate_to_chat_id": successor.id}), {})
            self._say(successor.id, Content(service={"migrate_from_chat_id": chat.id}), {})
            chat.migrated_to = successor.id
            return successor.id

    def _rights(self, granted: Iterable[str]) -> frozenset[str]:
        return rights.named(granted, (*rights.ADMINISTRATOR_RIGHTS, *rights.CHANNEL_RIGHTS, *rights.GROUP_RIGHTS))

    def _change_member(self, chat_id: int, user: int, standing: Standing, *, by: int | None) -> None:
        with self.world.change():
            self.world.user(user)
            chat = self.world.chat(chat_id)
            before = chat.members.get(user, Standing(status="left"))
            chat.members[user] = standing
            if chat.bot.leads:  # core.telegram.org/bots/api#update
                self.world.post("chat_member", self._told_of_change(chat, user, before, standing, by=user if by is None else by))

    def _change_bot(
        self, chat_id: int, standing: Standing, *, by: int | None, language_code: str | None = None, held: bool
    ) -> dict[str, Any]:
        with self.world.change():
            chat = self.world.chat(chat_id)
            before, chat.bot = chat.bot, standing
            who = self._sender(chat, by)
            self.world.user(who, language_code)
            return self.world.post("my_chat_member", self._told_of_change(chat, self.world.me["id"], before, standing, by=who), held=held)

    def _block(self, user: int, *, blocked: bool, held: bool) -> dict[str, Any]:
        with self.world.change():
            chat = self.world.chat(user)
            chat.blocked = blocked
            before, after = (MEMBER, Standing(status="kicked")) if blocked else (Standing(status="kicked"), MEMBER)
            body = self._told_of_change(chat, self.world.me["id"], before, after, by=user)
            return self.world.post("my_chat_member", body, held=held)

    def _told_of_change(self, chat: Chat, user: int, before: Standing, after: Standing, *, by: int) -> dict[str, Any]:
        return {
            "chat": describe.chat_json(self.world, chat),
            "from": dict(self.world.user(by)),
            "date": int(time.time()),
            "old_chat_member": rights.member_json(self.world, chat, user, before),
            "new_chat_member": rights.member_json(self.world, chat, user, after),
        }
