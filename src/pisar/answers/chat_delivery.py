"""Writes answers into placeholder messages that are already sent, so that writing one twice changes nothing.

A send can't be repeated safely: if its response is lost, nobody knows whether the message arrived. So the bot sends only placeholder
messages ("slots"), notes their ids on the job's record, and writes every answer by editing them. The worst that a crash between a send and
the note can leave is a placeholder, never a second answer.

Telegram tells nobody of an edit. Where the person is to notice the answer (`pisar.domain.jobs.begin_answer`), a new slot takes the first
placeholder's place: it is sent with the beginning of the answer, which is what a notification shows, noted, and written like any slot; then
the old placeholder is deleted. It makes a sound if the chat wants that. No other slot does.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from pisar.bot.answer_messages import Answer, DocumentAnswer, beginning, for_guest, in_messages
from pisar.bot.texts import say
from pisar.domain import jobs
from pisar.domain.answer_to import Reply
from pisar.domain.messages import Keyboard
from pisar.errors import MessageGone, NoDocuments, PisarError, Refused, Unavailable, Undeliverable
from pisar.ports.chat import Chat
from pisar.ports.clock import Clock
from pisar.state.job_records import Held, Records

log = logging.getLogger(__name__)

MAX_NEW_SLOTS = 3
"""How often one delivery replaces a slot that keeps disappearing."""

EDITS_APART_SECONDS = 2.5
"""Time between two edits of one message: Telegram limits faster editors for minutes."""

GROUP_SHOWN_APART_SECONDS = 10.0
"""Time between two progress edits in a group, where edits count towards the limit of messages a minute."""


FIRST_PAUSE_SECONDS = 0.5
JITTER = 0.25
MAX_JITTER_SECONDS = 3.0

T = TypeVar("T")


class Delivery:
    """Writes into the chat of a job. `patience_seconds` bounds how long one call waits for Telegram."""

    def __init__(self, chat: Chat, records: Records, clock: Clock, *, patience_seconds: float) -> None:
        self._chat = chat
        self._records = records
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._shown: dict[tuple[int, int], tuple[str, float]] = {}

    def reserve(self, held: Held, text_key: str, **values: str | int) -> Held:
        """Send the first slot with the text under `text_key`, unless the job has a slot already; return the job with the slot noted."""
        reply = _reply(held)
        return held if reply.slots else self._new_slot(held, say(reply.language, text_key, **values), silent=True)

    def say(self, reply: Reply, text: str, keyboard: Keyboard = ()) -> None:
        """Send a message that is not a job's answer. Raises Unavailable; without `after_seconds` the message may have been sent."""
        self._patiently(lambda: self._chat.send(reply, text, keyboard), repeatable=False)

    def point(self, held: Held, text_key: str, message_id: int, *, must_reply: bool) -> Held:
        """Send the text under `text_key` as a reply to another message than the job's source; return the job with that slot, not yet noted.

        With `must_reply` raises MessageGone, and sends nothing, if the message to reply to is not there. Raises as `deliver` does.
        """
        reply = _reply(held)
        to, text = replace(reply, message_id=message_id), say(reply.language, text_key)
        slot = self._counting_refusals(held, lambda: self._chat.send(to, text, must_reply=must_reply), repeatable=False)
        return replace(held, job=jobs.with_slots(held.job, (slot,)))

    def show(self, reply: Reply, text: str) -> None:
        """Write a text into the first slot for now. A failure is ignored."""
        slot = (reply.chat_id, reply.slots[0])
        shown, shown_at = self._shown.get(slot, ("", 0.0))
        apart_seconds = GROUP_SHOWN_APART_SECONDS if reply.chat_id < 0 else EDITS_APART_SECONDS
        if shown == text or self._clock.now() < shown_at + apart_seconds:
            return
        try:
            self._chat.edit(reply, reply.slots[0], text)
        except PisarError as error:
            log.info("not shown", extra={"why": type(error).__name__})
        else:
            self._shown[slot] = (text, self._clock.now())

    def show_working(self, reply: Reply) -> None:
        """Show in the chat that the bot is at work. A failure is ignored."""
        try:
            self._chat.show_working(reply)
        except PisarError as error:
            log.info("not shown", extra={"why": type(error).__name__})

    def deliver(self, held: Held, answer: Answer) -> Held:
        """Write the answer into the job's slots, and send those that are missing; return the job. Idempotent.

        The first slot is a new message in the placeholder's place, if the person is to notice the answer and Telegram takes the message.
        Where the chat takes no documents, the document's content comes as messages, as many as it takes. Raises Undeliverable when the chat
        can't be written to or has refused MAX_REFUSED times, Unavailable when `patience_seconds` have passed or a slot keeps disappearing,
        and Busy if another has taken the job.
        """
        reply = _reply(held)
        if reply.guest_query is not None:
            return self._written(held, for_guest(answer, reply.language))
        anew = not reply.silent if reply.anew is None else reply.anew
        if anew and reply.slots and reply.stale is None:
            held = self._move(held, answer)
        held = self._written(held, answer)
        reply = _reply(held)
        if reply.stale is not None:
            self._take_away(reply, reply.stale)
        return held

    def _written(self, held: Held, answer: Answer) -> Held:
        if isinstance(answer, DocumentAnswer):
            document = (answer.name, answer.content)
            edit = partial(
                self._chat.edit_into_document, document=document, caption=answer.caption, keyboard=answer.keyboard, marks=answer.marks
            )
            try:
                return self._write(held, answer, 0, edit)
            except NoDocuments as error:
                log.info("sent as messages", extra={"why": str(error)})
                held, answer = self._records.latest(held), in_messages(answer)
        last = len(answer.messages) - 1
        for index, text in enumerate(answer.messages):
            marks, keyboard = () if index else answer.marks, answer.keyboard if index == last else ()
            edit = partial(self._chat.edit, text=text, keyboard=keyboard, marks=marks)
            held = self._write(held, answer, index, edit)
        return held

    def _move(self, held: Held, answer: Answer) -> Held:
        reply = _reply(held)
        send = partial(self._chat.send, reply, _beginning(answer, reply))
        try:
            slot = send() if reply.silent else self._patiently(send, repeatable=False)
        except PisarError as error:  # the notice may be there or not, and is not sent again: the text is what is owed
            log.info("no new message for the answer", extra={"why": type(error).__name__})
            return self._records.write(held, jobs.answer_in_place(held.job))
        return self._records.write(held, jobs.move_answer(held.job, slot))

    def _write(self, held: Held, answer: Answer, index: int, edit: Callable[[Reply, int], None]) -> Held:
        for _ in range(MAX_NEW_SLOTS):
            reply = _reply(held)
            if index >= len(reply.slots):
                silent = reply.silent or index > 0
                held = replace(held, job=jobs.answer_in_place(held.job))  # it is the answer's own message, so the answer need not move
                held = self._new_slot(held, say(reply.language, "more") if silent else _beginning(answer, reply), silent=silent)
                reply = _reply(held)
            _, shown_at = self._shown.pop((reply.chat_id, reply.slots[index]), ("", 0.0))
            self._clock.sleep(max(0.0, min(EDITS_APART_SECONDS, shown_at + EDITS_APART_SECONDS - self._clock.now())))
            try:
                self._counting_refusals(held, partial(edit, reply, reply.slots[index]), repeatable=True)
            except MessageGone:
                log.info("a slot is gone, sending another", extra={"slot": index})
                self._take_away(reply, reply.slots[index])
                held = self._records.write(held, jobs.with_slots(held.job, reply.slots[:index]))
            else:
                return held
        raise Unavailable("the message keeps disappearing from the chat")

    def _take_away(self, reply: Reply, slot: int) -> None:
        # A placeholder that stays would say that the work goes on.
        try:
            self._patiently(lambda: self._chat.delete(reply, slot), repeatable=True)
        except PisarError as error:
            log.info("not deleted", extra={"why": type(error).__name__})

    def _new_slot(self, held: Held, text: str, *, silent: bool) -> Held:
        reply = _reply(held)
        if reply.guest_query is not None:
            if reply.inline_id is not None:
                raise Undeliverable("the guest's one answer is gone from the chat")
            inline_id = self._counting_refusals(held, lambda: self._chat.answer_guest(reply, text), repeatable=False)
            return self._records.write(held, jobs.with_guest_answer(held.job, inline_id))
        slot = self._counting_refusals(held, lambda: self._chat.send(replace(reply, silent=silent), text), repeatable=False)
        return self._records.write(held, jobs.with_slots(held.job, (*reply.slots, slot)))

    def _counting_refusals(self, held: Held, call: Callable[[], T], *, repeatable: bool) -> T:
        """Call patiently; count a refusal on the job's record, so that the last one that is borne ends the job wherever it happens."""
        try:
            return self._patiently(call, repeatable=repeatable)
        except Refused as error:
            counted = jobs.refused(held.job)
            if counted is None:
                raise Undeliverable(str(error)) from None
            self._records.write(held, counted)
            raise

    def _patiently(self, call: Callable[[], T], *, repeatable: bool) -> T:
        """Call until it succeeds or patience ends. A 429 says that nothing was sent, so after it even a send may be repeated."""
        deadline = self._clock.now() + self._patience_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return call()
            except Refused:  # the next try is the next delivery's
                raise
            except Unavailable as error:
                if error.after_seconds is None and not repeatable:
                    raise
                wait = pause if error.after_seconds is None else error.after_seconds
                wait += min(wait * JITTER, MAX_JITTER_SECONDS) * random.random()  # noqa: S311 - no secret
                if self._clock.now() + wait > deadline:
                    raise
                log.info("Telegram asks for patience", extra={"seconds": round(wait, 2)})
                self._clock.sleep(wait)
                pause *= 2


def _beginning(answer: Answer, reply: Reply) -> str:
    return say(reply.language, "being_written", beginning=beginning(answer))


def _reply(held: Held) -> Reply:
    if not isinstance(held.job.answer_to, Reply):
        raise ValueError("a job without a reply is not delivered to a chat")  # noqa: TRY004
    return held.job.answer_to
