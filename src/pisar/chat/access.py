"""Changes who may use the bot: at an owner's command or press, and when a group gets a new id."""

import logging
from collections.abc import Callable

from pisar.bot.actions import Admit, Facts, Moved
from pisar.bot.texts import say
from pisar.chat.knocking import Knocking
from pisar.chat.saying import Saying
from pisar.domain.answer_to import chat_owner
from pisar.domain.chats import AllowList
from pisar.errors import Unreadable
from pisar.state.chats import Chats
from pisar.state.jobs_by_owner import OwnedJobs

log = logging.getLogger(__name__)


class Access:
    """Lets people and groups in and out."""

    def __init__(self, *, chats: Chats, owned: OwnedJobs, saying: Saying, knocking: Knocking) -> None:
        self._chats = chats
        self._owned = owned
        self._saying = saying
        self._knocking = knocking

    def admit(self, action: Admit, facts: Facts) -> None:
        """Let an id in or keep it out; tell the owner, and whoever is let in."""

        def changed(access: AllowList) -> AllowList:
            return access.allow(action.one) if action.allowed else access.deny(action.one)

        if not self._change(changed):
            self._saying.say(action.reply, say(action.reply.language, "access_unreadable"))
            return
        self._confirm(action, changed(facts.allowed))
        if action.allowed:  # also if it was before: a try that failed half-way may have let them in
            self._knocking.welcome(action.one, action.reply.language)

    def move(self, action: Moved, facts: Facts) -> None:
        """Move a group's settings to its new id; who was kept out, or let in, under the old one stays so. Idempotent."""
        self._chats.move(action.old_id, action.new_id, leaves_jobs=self._owned.has_any(chat_owner(action.old_id)))
        if action.old_id in facts.allowed.denied:
            self._change(lambda access: access.deny(action.new_id))
        elif action.old_id in facts.allowed.ids:
            self._change(lambda access: access.allow(action.new_id))
        else:
            self._knocking.move(action.old_id, action.new_id, facts.allowed)

    def _confirm(self, action: Admit, allowed: AllowList) -> None:
        reply = action.reply
        if action.message_id is not None and self._knocking.refresh(action.day, reply.chat_id, action.message_id, allowed):
            return
        text = say(reply.language, "admitted" if action.allowed else "shut_out", id=action.one)
        self._saying.say(reply, text, once=f"admitted {action.one}" if action.message_id is not None else "")

    def _change(self, changed: Callable[[AllowList], AllowList]) -> bool:
        """Change the allow-list; return False if it could not be parsed, and so was not changed."""
        try:
            self._chats.change_access(changed)
        except Unreadable:
            log.error("access.json can't be read, and stays as it is")  # noqa: TRY400 - no traceback: it is known
            return False
        return True
