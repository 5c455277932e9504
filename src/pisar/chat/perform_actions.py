"""Performs the actions that `pisar.bot` decides on: it answers commands and presses, changes settings, and lets people in or out.

An answer to a command is sent at most once: a mark is stored before the send, and erased only if certainly nothing was sent.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from pisar.answers.chat_delivery import Delivery
from pisar.bot import buttons
from pisar.bot.actions import (
    Acknowledge,
    Action,
    Admit,
    AskLanguage,
    CancelAll,
    Change,
    Edit,
    Erase,
    Facts,
    Gone,
    HearAgain,
    Moved,
    Report,
    Say,
    ShowAgain,
    ShowSettings,
    TakeShown,
)
from pisar.bot.admission import Ignore, Refuse, Take
from pisar.bot.conversation import asks_for_admin, decide, is_chatter
from pisar.bot.texts import say
from pisar.chat.answers_again import AnswersAgain
from pisar.chat.erasure import Erasure
from pisar.chat.intake import Intake
from pisar.domain.answer_to import Reply, chat_owner, person_owner
from pisar.domain.bucket import SAID
from pisar.domain.chats import AllowList, ChatSettings
from pisar.domain.jobs import MAX_REFUSED, State, job_id
from pisar.domain.messages import Incoming, Keyboard, Membership, Press, Update
from pisar.errors import Conflict, MessageGone, Refused, Unavailable, Undeliverable, Unreadable
from pisar.ports.chat import Chat
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.chats import Chats
from pisar.state.document import Documents
from pisar.state.engine_speed import Pace
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs
from pisar.state.quotas import Quotas
from pisar.state.waiting_jobs import Line

log = logging.getLogger(__name__)

PAGE = 100
MAX_LISTED = 200
"""How many ids /users shows: each has 14 digits at most, and all must fit into one message."""

SETTINGS = {"language": buttons.language_settings, "format": buttons.shape_settings}


class Conversation:
    """Receives updates of chats. `facts`: those that do not depend on the update; `minutes_per_day`: what each person may use."""

    def __init__(
        self,
        *,
        intake: Intake,
        again: AnswersAgain,
        erasure: Erasure,
        records: Records,
        store: ObjectStore,
        chat: Chat,
        delivery: Delivery,
        clock: Clock,
        facts: Facts,
        minutes_per_day: float | None,
    ) -> None:
        self._intake = intake
        self._again = again
        self._erasure = erasure
        self._store = store
        self._chat = chat
        self._delivery = delivery
        self._always = facts
        self._minutes_per_day = minutes_per_day
        self._chats = Chats(store)
        self._owned = OwnedJobs(store, records)
        self._line = Line(store)
        self._quotas = Quotas(store, clock)
        self._pace = Pace(store, clock)
        self._refusals = Documents(
            store, SAID, decode=int, encode=lambda count: str(count).encode(), absent=int, what="the count of an update's refusals"
        )

    def receive(self, update: Update | None) -> None:
        """Handle an update; None is an update of a kind that Pisar does not read. Raises Retryable when it should be delivered again.

        A repeated update loses nothing and does nothing twice. One that the messenger has refused MAX_REFUSED times is let go, because the
        chat's next updates wait for it.
        """
        try:
            facts = self._facts(update)
            for action in decide(update, facts):
                try:
                    self._carry_out(action, facts)
                except Undeliverable:
                    log.warning("the chat can't be written to")
        except Undeliverable:
            log.warning("the chat can't be asked about")
        except Refused as error:
            if self._is_last_refusal(update):
                log.warning("given up", extra={"why": str(error)})
            else:
                raise

    def _is_last_refusal(self, update: Update | None) -> bool:
        """Count a refusal of what this update asks for, and say whether no other is borne. The count outlives this process."""
        match update:
            case Incoming():
                name = job_id("refused", update.chat_id, update.message_id)
            case Press():
                name = job_id("refused", update.press_id)
            case _:
                return True
        changed = self._refusals.change(name, lambda count: count + 1)
        return changed is None or changed[1].value >= MAX_REFUSED

    def _facts(self, update: Update | None) -> Facts:
        """Look up the facts that the decision needs; for talk in a group nothing is looked up."""
        if update is None or isinstance(update, Membership) or is_chatter(update):
            return self._always
        allowed = self._always.allowed.with_changes(self._chats.access())
        facts = replace(self._always, allowed=allowed, username=self._chat.username(), settings=self._chats.settings(update.chat_id))
        if asks_for_admin(update, facts.username):
            facts = replace(facts, is_admin=self._chat.is_admin(update.chat_id, update.user_id))
        return facts

    def _carry_out(self, action: Action, facts: Facts) -> None:
        match action:
            case Take():
                self._intake.receive(action)
                self._erasure.expire(action.reply.chat_id)
            case TakeShown():
                if not self._again.take(action):
                    self._say(action.reply, say(action.reply.language, "reply_to_a_voice"))
            case Refuse() | Ignore():
                self._intake.receive(action)
            case ShowAgain():
                self._again.show(action, facts)
            case AskLanguage():
                self._again.ask_language(action, facts)
            case HearAgain():
                self._again.hear(action, facts)
            case Acknowledge():
                self._again.acknowledge(action.press, action.key)
            case Change():
                # what a worker has learnt of the chat meanwhile stays
                self._chats.change(action.chat_id, lambda now: replace(action.settings, spoken=now.spoken))
                log.info("settings changed")
            case _:
                self._answer(action, facts)

    def _answer(self, action: Action, facts: Facts) -> None:
        match action:
            case Say():
                self._say(action.reply, say(action.reply.language, action.key, **action.values), action.keyboard)
            case ShowSettings():
                self._show_settings(action)
            case CancelAll():
                stopped = self._erasure.stop(action.reply.chat_id, telling=True)
                self._say(action.reply, say(action.reply.language, "cancelled_all" if stopped else "nothing_to_cancel", count=stopped))
            case Erase():
                count = self._erasure.erase(action.reply.chat_id, formerly=facts.settings.formerly)
                self._chats.forget(action.reply.chat_id)
                self._edit(action.reply, action.message_id, say(action.reply.language, "delete_done", count=count))
            case Edit():
                self._edit(action.reply, action.message_id, say(action.reply.language, action.key))
            case Admit():
                self._admit(action)
            case Report():
                self._report(action, facts)
            case Gone():
                log.info("the chat is gone", extra={"stopped": self._erasure.stop(action.chat_id, telling=False)})
            case Moved():
                self._move(action, facts)

    def _say(self, reply: Reply, text: str, keyboard: Keyboard = ()) -> None:
        mark = f"{SAID}{job_id('said', reply.chat_id, reply.message_id)}"
        try:
            self._store.put(mark, b"", if_absent=True)
        except Conflict:
            log.info("said before")
            return
        try:
            self._delivery.say(reply, text, keyboard)
        except Unavailable as error:
            if error.after_seconds is None and not isinstance(error, Refused):  # nobody knows whether it was sent; who asked may ask again
                log.warning("an answer may be lost", extra={"why": str(error)})
                return
            self._store.delete(mark)
            raise

    def _edit(self, reply: Reply, message_id: int, text: str, keyboard: Keyboard = ()) -> None:
        try:
            self._chat.edit(reply, message_id, text, keyboard)
        except MessageGone:
            log.info("the message is gone")

    def _show_settings(self, action: ShowSettings) -> None:
        reply, settings, kind = action.reply, action.settings, action.kind
        language = reply.language
        if kind == "settings":
            keyboard = buttons.all_settings(settings, language, group=reply.chat_id < 0)
        else:
            keyboard = SETTINGS[kind](settings, language)
        words = _in_words(settings, language)
        text = say(language, f"{kind}_shown", **words)
        if kind == "settings" and reply.chat_id < 0:
            text += "\n" + say(language, "settings_of_group", **words)
        if action.message_id is None:
            self._say(reply, text, keyboard)
        else:
            self._edit(reply, action.message_id, text, keyboard)

    def _move(self, action: Moved, facts: Facts) -> None:
        self._chats.move(action.old_id, action.new_id, leaves_jobs=self._owned.has_any(chat_owner(action.old_id)))
        if action.old_id in facts.allowed.denied:  # who was kept out, or let in, under the old id stays so
            self._change_access(lambda access: access.deny(action.new_id))
        elif action.old_id in facts.allowed.ids:
            self._change_access(lambda access: access.allow(action.new_id))

    def _admit(self, action: Admit) -> None:
        key = "admitted" if action.allowed else "shut_out"
        if not self._change_access(lambda access: access.allow(action.one) if action.allowed else access.deny(action.one)):
            key = "access_unreadable"
        self._say(action.reply, say(action.reply.language, key, id=action.one))

    def _change_access(self, changed: Callable[[AllowList], AllowList]) -> bool:
        """Change the allow-list; return False if it could not be parsed, and so was not changed."""
        try:
            self._chats.change_access(changed)
        except Unreadable:
            log.error("access.json can't be read, and stays as it is")  # noqa: TRY400 - no traceback: it is known
            return False
        return True

    def _report(self, action: Report, facts: Facts) -> None:
        reply, language = action.reply, action.reply.language
        if action.kind == "users":
            ids = "\n".join(_shown(sorted(facts.allowed.ids))) or "–"
            text = say(language, "users_all" if facts.allowed.everyone else "users", ids=ids)
        elif action.kind == "stats":
            text = say(language, "stats", waiting=self._line.length(), seconds=round(60 / self._pace.speed()))
        else:
            waiting = sum(1 for job in self._owned.page(chat_owner(reply.chat_id), limit=PAGE)[0] if job.state is not State.FINISHED)
            text = self._status(language, action.user_id or reply.chat_id, waiting=waiting, line=self._line.length())
        self._say(reply, text)

    def _status(self, language: str, user_id: int, **counts: int) -> str:
        if self._minutes_per_day is None:  # nobody counts, so nobody knows what was used
            return say(language, "status_no_limit", **counts)
        used = self._quotas.used_seconds(person_owner(user_id)) / 60
        return say(language, "status", used=round(used, 1), limit=self._minutes_per_day, **counts)


def _shown(ids: list[int]) -> list[str]:
    return [*map(str, ids[:MAX_LISTED]), *(["…"] if len(ids) > MAX_LISTED else [])]


def _in_words(settings: ChatSettings, language: str) -> dict[str, str]:
    chosen = ", ".join(buttons.language_name(code, language) for code in settings.languages or ("auto",))
    switched = {name: say(language, "yes" if getattr(settings, name) else "no") for name in ("silent", "auto")}
    return {"languages": chosen, "words": settings.words or "–", "shape": say(language, f"shape_{settings.shape}"), **switched}
