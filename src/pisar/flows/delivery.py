"""Answers written into messages that are already there, so that writing one twice changes nothing.

A send can't be repeated safely: when its answer is lost nobody knows whether the message arrived. So the bot sends only
placeholders ("slots"), notes their ids on the job's record, and writes every answer by editing them. The worst that a crash
between a send and the note can leave behind is a placeholder, never a second answer.
"""

import logging
import random
from collections.abc import Callable
from typing import TypeVar

from pisar.bot.answers import Answer, TextAnswer
from pisar.bot.texts import say
from pisar.domain import jobs
from pisar.domain.jobs import Reply
from pisar.errors import MessageGone, Unavailable
from pisar.flows.records import Held, Records
from pisar.ports import Chat, Clock

log = logging.getLogger(__name__)

MAX_NEW_SLOTS = 3
"""A slot that keeps disappearing is replaced this often in one delivery."""

FIRST_PAUSE_SECONDS = 0.5
JITTER = 0.25

T = TypeVar("T")


class Delivery:
    """Writes into the chat of a job. `patience_seconds` bounds the waiting for Telegram within one call."""

    def __init__(self, chat: Chat, records: Records, clock: Clock, *, patience_seconds: float) -> None:
        self._chat = chat
        self._records = records
        self._clock = clock
        self._patience_seconds = patience_seconds

    def reserve(self, held: Held, text_key: str) -> Held:
        """Send the first slot, saying the text under `text_key`, unless the job has one already."""
        return held if _reply(held).slots else self._new_slot(held, text_key)

    def deliver(self, held: Held, answer: Answer) -> Held:
        """Write the answer into the job's slots, adding those that are missing. Repeating is harmless."""
        if isinstance(answer, TextAnswer):
            for index, text in enumerate(answer.messages):
                held = self._write(held, index, lambda reply, slot, text=text: self._chat.edit(reply, slot, text))  # type: ignore[misc]
            return held
        return self._write(
            held, 0, lambda reply, slot: self._chat.edit_into_document(reply, slot, answer.name, answer.content, answer.caption)
        )

    def _write(self, held: Held, index: int, edit: Callable[[Reply, int], None]) -> Held:
        for _ in range(MAX_NEW_SLOTS):
            if index >= len(_reply(held).slots):
                held = self._new_slot(held, "more")
            reply = _reply(held)
            try:
                self._patiently(lambda: edit(reply, reply.slots[index]), repeatable=True)  # noqa: B023 - called before the next turn
            except MessageGone:
                log.info("a slot is gone, sending another", extra={"slot": index})
                held = self._records.write(held, jobs.with_slots(held.job, reply.slots[:index]))
            else:
                return held
        raise Unavailable("the message keeps disappearing from the chat")

    def _new_slot(self, held: Held, text_key: str) -> Held:
        reply = _reply(held)
        slot = self._patiently(lambda: self._chat.send(reply, say(reply.language, text_key)), repeatable=False)
        return self._records.write(held, jobs.with_slots(held.job, (*reply.slots, slot)))

    def _patiently(self, call: Callable[[], T], *, repeatable: bool) -> T:
        """Call until it succeeds or patience ends. A 429 says that nothing was done, so after it even a send may be repeated."""
        deadline = self._clock.now() + self._patience_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return call()
            except Unavailable as error:
                if error.after_seconds is None and not repeatable:
                    raise
                wait = (pause if error.after_seconds is None else error.after_seconds) * (1 + random.uniform(0, JITTER))  # noqa: S311 - no secret
                if self._clock.now() + wait > deadline:
                    raise
                log.info("Telegram asks for patience", extra={"seconds": round(wait, 2)})
                self._clock.sleep(wait)
                pause *= 2


def _reply(held: Held) -> Reply:
    if held.job.reply is None:
        raise ValueError("a job without a reply is not delivered to a chat")
    return held.job.reply
