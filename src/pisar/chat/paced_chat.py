"""Limits how many messages a minute the bot sends into a group, as Telegram does for bots.

Each group has one object with the times of the latest sends, changed by conditional writes, so that all functions and workers together keep
the limit. Edits count too. A send above the limit raises Unavailable with the seconds until there is room, as Telegram's own 429 does, and
the caller waits or tries again. Private chats are not counted: there Telegram itself answers 429.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from pisar.domain.answer_to import Reply
from pisar.domain.bots import OwnRights
from pisar.domain.bucket import RATES
from pisar.domain.messages import BusinessConnection, Keyboard, Mark
from pisar.domain.strict_json import parse_json
from pisar.errors import Busy, Unavailable
from pisar.ports.chat import Chat
from pisar.ports.clock import Clock
from pisar.ports.storage import ObjectStore
from pisar.state.document import Documents

MESSAGES_A_MINUTE = 20
"""The limit for one group (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this)."""

KEPT_FOR_EDITS = 5
"""How many of these only edits may use: answers are edits, and in a busy group answers begun come before new placeholder messages."""

WINDOW_SECONDS = 60.0
BUSY_SECONDS = 1.0

T = TypeVar("T")


class PacedChat:
    """Port Chat over another `Chat`, with paced groups. A send is counted before it is sent, so a failed call counts as well."""

    def __init__(self, chat: Chat, store: ObjectStore, clock: Clock) -> None:
        self._chat = chat
        self._clock = clock
        self._sent = Documents(store, RATES, decode=_decode, encode=_encode, absent=tuple, what="the group's count")

    def send(self, reply: Reply, text: str, keyboard: Keyboard = (), *, must_reply: bool = False) -> int:
        """Send a message as a reply to the source and return its id."""
        send = partial(self._chat.send, reply, text, keyboard, must_reply=must_reply)
        return self._paced(reply, MESSAGES_A_MINUTE - KEPT_FOR_EDITS, send)

    def answer_guest(self, reply: Reply, text: str) -> str:
        """Send the one message with which a guest answers, and return its id."""
        return self._chat.answer_guest(reply, text)

    def edit(self, reply: Reply, slot: int, text: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()) -> None:
        """Replace the text of message `slot`."""
        self._paced(reply, MESSAGES_A_MINUTE, lambda: self._chat.edit(reply, slot, text, keyboard, marks=marks))

    def edit_into_document(
        self, reply: Reply, slot: int, document: tuple[str, bytes], caption: str, keyboard: Keyboard = (), *, marks: Sequence[Mark] = ()
    ) -> None:
        """Turn message `slot` into a document with a caption."""
        edit = partial(self._chat.edit_into_document, reply, slot, document, caption, keyboard, marks=marks)
        self._paced(reply, MESSAGES_A_MINUTE, edit)

    def show_buttons(self, reply: Reply, slot: int, keyboard: Keyboard) -> None:
        """Replace the buttons under message `slot`."""
        self._paced(reply, MESSAGES_A_MINUTE, lambda: self._chat.show_buttons(reply, slot, keyboard))

    def delete(self, reply: Reply, slot: int) -> None:
        """Delete message `slot` from the chat."""
        self._chat.delete(reply, slot)

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Acknowledge a press of a button."""
        self._chat.acknowledge(press_id, text)

    def show_working(self, reply: Reply) -> None:
        """Show in the chat that the bot is at work."""
        self._chat.show_working(reply)

    def is_admin(self, chat_id: int, user_id: int | None) -> bool | None:
        """Say whether a person is an administrator of a group; None if the bot may not see it."""
        return self._chat.is_admin(chat_id, user_id)

    def username(self) -> str:
        """Return the bot's name."""
        return self._chat.username()

    def business_connection(self, business_id: str) -> BusinessConnection | None:
        """Return the connection to a person's account with that id; None if there is none."""
        return self._chat.business_connection(business_id)

    def reads_all_messages(self) -> bool:
        """Say whether the bot is given every message of its groups."""
        return self._chat.reads_all_messages()

    def own_rights(self, chat_id: int) -> OwnRights | None:
        """Return what the bot may do in a group; None if it is not known."""
        return self._chat.own_rights(chat_id)

    def _paced(self, reply: Reply, limit: int, call: Callable[[], T]) -> T:
        if reply.chat_id < 0:
            try:
                self._sent.change(str(reply.chat_id), lambda times: self._counted(times, limit))
            except Busy as error:
                raise Unavailable(str(error), after_seconds=BUSY_SECONDS) from error
            except Unavailable as error:  # the storage's own does not say so, but it is certain that nothing was sent
                raise Unavailable(str(error), after_seconds=error.after_seconds or BUSY_SECONDS) from error
        return call()

    def _counted(self, times: tuple[float, ...], limit: int) -> tuple[float, ...]:
        now = self._clock.now()
        recent = sorted(time for time in times if now - WINDOW_SECONDS < time <= now + WINDOW_SECONDS)
        if len(recent) >= limit:
            after_seconds = max(0.0, recent[-limit] + WINDOW_SECONDS - now)
            raise Unavailable("the group has got its messages of this minute", after_seconds=after_seconds)
        return (*recent, now)


def _encode(times: tuple[float, ...]) -> bytes:
    return json.dumps(times).encode()


def _decode(body: bytes) -> tuple[float, ...]:
    try:
        return tuple(float(time) for time in parse_json(body))
    except (ValueError, TypeError):  # nobody can read it: a minute's count is not worth an error
        return ()
