"""Tells the owners who came to the bot without being let in, and tells those who are let in.

Each owner gets one message a day (UTC). Whoever comes later that day is written into it, so that a flood of strangers is no flood of
messages. Failures are only logged: the stranger has been answered, and the next one to come brings the message up to date.
"""

import logging

from pisar.bot.knock_messages import told_knocks
from pisar.bot.texts import say, text_language
from pisar.chat.saying import Saying
from pisar.domain.answer_to import Reply
from pisar.domain.chats import AllowList
from pisar.domain.knocks import Knock, Knocks
from pisar.errors import PisarError, Refused, Unavailable
from pisar.ports.chat import Chat
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.chats import Chats
from pisar.state.knocks import KnockBook

log = logging.getLogger(__name__)


class Knocking:
    """Writes to owners, and to people and groups that they let in."""

    def __init__(self, *, store: ObjectStore, chat: Chat, clock: Clock, saying: Saying) -> None:
        self._chat = chat
        self._saying = saying
        self._chats = Chats(store)
        self._book = KnockBook(store, clock)

    def tell(self, knock: Knock, owners: frozenset[int], allowed: AllowList) -> None:
        """Note a knock, and tell it to every owner in the day's message."""
        day = self._book.today()
        try:
            before = self._book.read(day)
            knocks = self._book.note(day, knock)
        except PisarError as error:
            log.info("a knock is not noted", extra={"why": type(error).__name__})
            return
        for owner in sorted(owners):
            try:
                if owner not in knocks.told:
                    self._send(day, owner, allowed)
                elif knocks != before:
                    self._write(day, knocks, owner, allowed)
            except PisarError as error:
                log.info("an owner is not told", extra={"why": type(error).__name__})

    def move(self, old_id: int, new_id: int, allowed: AllowList) -> None:
        """Offer the owners the new id of a group that has knocked today, since the old one lets nobody in any more."""
        day = self._book.today()
        try:
            knocks = self._book.move(day, old_id, new_id)
            if knocks is not None:
                for owner in sorted(knocks.told):
                    self._write(day, knocks, owner, allowed)
        except PisarError as error:
            log.info("a group's new id is not told", extra={"why": type(error).__name__})

    def refresh(self, day: str, owner: int, message_id: int, allowed: AllowList) -> bool:
        """Bring a day's message up to date; return False if nothing is known of that day any more."""
        knocks = self._book.read(day)
        if not knocks.people:
            return False
        self._edit(day, knocks, owner, message_id, allowed)
        return True

    def welcome(self, one: int, language: str) -> None:
        """Tell a person or a group that they may use the bot now. `language`: where theirs is not known."""
        try:
            settings, known = self._chats.settings(one), self._book.latest(one)
            spoken = settings.interface or (known.language if known else language)
            reply = Reply(chat_id=one, message_id=0, language=spoken, silent=settings.silent)
            self._saying.say(reply, say(spoken, "welcome" if one < 0 else "let_in"), once="let in")
        except PisarError as error:
            log.info("who was let in is not told", extra={"why": type(error).__name__})

    def _send(self, day: str, owner: int, allowed: AllowList) -> None:
        reply = self._reply(owner)
        knocks = self._book.claim(day, owner)
        if knocks is None:
            return
        text, keyboard = told_knocks(knocks, day, allowed, reply.language)
        try:
            message_id = self._chat.send(reply, text, keyboard)
        except Unavailable as error:
            if error.after_seconds is not None or isinstance(error, Refused):  # certainly nothing was sent
                self._book.tell(day, owner, None)
            raise
        later = self._book.tell(day, owner, message_id)
        if later.people != knocks.people:  # they came while the message was being sent
            self._edit(day, later, owner, message_id, allowed)

    def _write(self, day: str, knocks: Knocks, owner: int, allowed: AllowList) -> None:
        if message_id := knocks.told[owner]:
            self._edit(day, knocks, owner, message_id, allowed)

    def _edit(self, day: str, knocks: Knocks, owner: int, message_id: int, allowed: AllowList) -> None:
        reply = self._reply(owner)
        text, keyboard = told_knocks(knocks, day, allowed, reply.language)
        self._saying.edit(reply, message_id, text, keyboard)

    def _reply(self, owner: int) -> Reply:
        settings = self._chats.settings(owner)
        return Reply(chat_id=owner, message_id=0, language=text_language(settings.interface or settings.guess), silent=settings.silent)
