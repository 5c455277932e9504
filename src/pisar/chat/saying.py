"""Says things that are no job's answer, each at most once: a mark is stored before the send, and erased if certainly nothing was sent."""

import logging

from pisar.answers.chat_delivery import Delivery
from pisar.domain.answer_to import Reply
from pisar.domain.bucket import SAID
from pisar.domain.jobs import job_id
from pisar.domain.messages import Keyboard
from pisar.errors import Conflict, MessageGone, Refused, Unavailable
from pisar.ports.chat import Chat
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore

log = logging.getLogger(__name__)


class Saying:
    """Sends messages that are no job's answer, and edits them."""

    def __init__(self, *, store: ObjectStore, chat: Chat, delivery: Delivery, clock: Clock) -> None:
        self._store = store
        self._chat = chat
        self._delivery = delivery
        self._clock = clock

    def say(self, reply: Reply, text: str, keyboard: Keyboard = (), *, once: str = "", every_seconds: int = 0) -> None:
        """Send a text, unless the message that it answers was answered before.

        `once`: a name under which the chat is told once, whatever is answered; with `every_seconds`, once in each such time. Marks are kept
        for two days. Raises Undeliverable, and Unavailable where certainly nothing was sent.
        """
        period = (int(self._clock.now() // every_seconds),) if every_seconds else ()
        what = (once, *period) if once else (reply.message_id,)
        mark = f"{SAID}{job_id('said', reply.chat_id, *what)}"
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

    def edit(self, reply: Reply, message_id: int, text: str, keyboard: Keyboard = ()) -> None:
        """Replace a message's text and buttons; one that is gone is left."""
        try:
            self._chat.edit(reply, message_id, text, keyboard)
        except MessageGone:
            log.info("the message is gone")
