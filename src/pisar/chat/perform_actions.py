"""Performs the actions that `pisar.bot` decides on: it answers commands and presses, changes settings, and lets people in or out."""

import logging
from dataclasses import replace

from pisar.answers.chat_delivery import Delivery
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
    TellAuto,
    TellOfKnock,
)
from pisar.bot.admission import Ignore, Refuse, Take
from pisar.bot.conversation import asks_for_admin, decide, is_chatter
from pisar.bot.texts import say
from pisar.chat.access import Access
from pisar.chat.answers_again import AnswersAgain
from pisar.chat.borne_refusals import BorneRefusals
from pisar.chat.erasure import Erasure
from pisar.chat.intake import Intake
from pisar.chat.knocking import Knocking
from pisar.chat.reports import Reports
from pisar.chat.saying import Saying
from pisar.chat.settings_answers import SettingsAnswers
from pisar.domain.messages import BusinessConnection, Incoming, Membership, Update
from pisar.errors import Refused, Undeliverable
from pisar.ports.chat import Chat
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.chats import Chats
from pisar.state.job_records import Records
from pisar.state.jobs_by_owner import OwnedJobs

log = logging.getLogger(__name__)


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
        self._chat = chat
        self._saying = Saying(store=store, chat=chat, delivery=delivery, clock=clock)
        self._always = facts
        self._chats = Chats(store)
        owned = OwnedJobs(store, records)
        knocking = Knocking(store=store, chat=chat, clock=clock, saying=self._saying)
        self._knocking = knocking
        self._settings = SettingsAnswers(chats=self._chats, chat=chat, saying=self._saying)
        self._access = Access(chats=self._chats, owned=owned, saying=self._saying, knocking=knocking)
        self._reports = Reports(store=store, clock=clock, owned=owned, saying=self._saying, minutes_per_day=minutes_per_day)
        self._refusals = BorneRefusals(store)

    def receive(self, update: Update | None) -> None:
        """Handle an update; None is an update of a kind that Pisar does not read. Raises Retryable when it should be delivered again.

        A repeated update loses nothing and does nothing twice. One that the messenger has refused MAX_REFUSED times is let go, because the
        chat's next updates wait for it.
        """
        try:
            self._handle(update)
        except Undeliverable:
            log.warning("the chat can't be asked about")
        except Refused as error:
            if not self._refusals.is_last(update):
                raise
            log.warning("given up", extra={"why": str(error)})

    def _handle(self, update: Update | None) -> None:
        facts = self._facts(update)
        actions = decide(update, facts)
        for action in actions:
            try:
                self._carry_out(action, facts)
            except Undeliverable:
                log.warning("the chat can't be written to")
        if not all(isinstance(action, Ignore) for action in actions):
            self._settings.remember_language(update, facts)

    def _facts(self, update: Update | None) -> Facts:
        """Look up the facts that the decision needs; for talk in a group nothing is looked up."""
        if update is None or is_chatter(update):
            return self._always
        allowed = self._always.allowed.with_changes(self._chats.access())
        if isinstance(update, Incoming) and update.business_id is not None:
            connection = self._chat.business_connection(update.business_id)
            settings = self._chats.settings(connection.chat_id) if connection else self._always.settings
            return replace(self._always, allowed=allowed, settings=settings, connection=connection)
        chat_id = update.chat_id
        if isinstance(update, Incoming) and update.guest_query is not None and update.user_id is not None:
            chat_id = update.user_id
        facts = replace(self._always, allowed=allowed, settings=self._chats.settings(chat_id))
        if isinstance(update, Membership | BusinessConnection):
            return facts
        facts = replace(facts, username=self._chat.username())
        if chat_id == update.chat_id and asks_for_admin(update, facts.username):
            facts = replace(facts, is_admin=self._chat.is_admin(update.chat_id, update.user_id))
        return facts

    def _carry_out(self, action: Action, facts: Facts) -> None:
        match action:
            case Take():
                self._intake.receive(action)
                self._erasure.expire(action.reply.chat_id)
            case Refuse() | Ignore():
                self._intake.receive(action)
            case TakeShown() | ShowAgain() | AskLanguage() | HearAgain() | Acknowledge():
                self._repeat(action, facts)
            case Gone():
                log.info("the chat is gone", extra={"stopped": self._erasure.stop(action.chat_id, telling=False)})
            case Change() | ShowSettings() | TellAuto():
                self._settle(action, facts)
            case _:
                self._answer(action, facts)

    def _repeat(self, action: TakeShown | ShowAgain | AskLanguage | HearAgain | Acknowledge, facts: Facts) -> None:
        match action:
            case TakeShown():
                if not self._again.take(action):
                    self._saying.say(action.reply, say(action.reply.language, "reply_to_a_voice"))
            case ShowAgain():
                self._again.show(action, facts)
            case AskLanguage():
                self._again.ask_language(action, facts)
            case HearAgain():
                self._again.hear(action, facts)
            case Acknowledge():
                self._again.acknowledge(action.press, action.key)

    def _settle(self, action: Change | ShowSettings | TellAuto, facts: Facts) -> None:
        match action:
            case Change():
                self._settings.change(action, facts.settings)
            case ShowSettings():
                self._settings.show(action)
            case TellAuto():
                self._settings.tell_auto(action)

    def _answer(self, action: Say | Edit | CancelAll | Erase | Admit | Report | Moved | TellOfKnock, facts: Facts) -> None:
        match action:
            case Say():
                text = say(action.reply.language, action.key, **action.values)
                self._saying.say(action.reply, text, action.keyboard, once=action.once, every_seconds=action.every_seconds)
            case Edit():
                self._saying.edit(action.reply, action.message_id, say(action.reply.language, action.key))
            case CancelAll():
                stopped = self._erasure.stop(action.reply.chat_id, telling=True, of=action.of)
                nothing = "nothing_to_cancel" if action.of is None else "nothing_to_cancel_in_group"
                self._saying.say(action.reply, say(action.reply.language, "cancelled_all" if stopped else nothing, count=stopped))
            case Erase():
                self._erase(action, facts)
            case Admit():
                self._access.admit(action, facts)
            case Report():
                self._reports.report(action, facts)
            case Moved():
                self._access.move(action, facts)
            case TellOfKnock():
                self._knocking.tell(action.knock, facts.owners, facts.allowed)

    def _erase(self, action: Erase, facts: Facts) -> None:
        reply, formerly = action.reply, facts.settings.formerly
        if action.of is None:
            count, key = self._erasure.erase(reply.chat_id, formerly=formerly), "delete_done"
            self._chats.forget(reply.chat_id)
        else:
            count, key = self._erasure.erase_own(reply.chat_id, action.of, formerly=formerly), "delete_done_own"
        self._saying.edit(reply, action.message_id, say(reply.language, key, count=count))
