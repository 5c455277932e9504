"""Builds the parts that deliver answers: messages in chats, and callbacks to API clients."""

from functools import cached_property

from pisar.answers.callbacks import Announcements, Callbacks
from pisar.answers.chat_delivery import Delivery
from pisar.chat.paced_chat import PacedChat
from pisar.ports.chat import Chat
from pisar.wiring.state import State


class Answers(State):
    """The parts that deliver answers."""

    @cached_property
    def paced_chat(self) -> Chat:
        """The bot's chats, paced to Telegram's limit for groups."""
        return PacedChat(self.chat, self.store, self.clock)

    @cached_property
    def delivery(self) -> Delivery:
        """Delivers answers into chats."""
        return Delivery(self.paced_chat, self.records, self.clock, patience_seconds=self.patience_seconds)

    @cached_property
    def announcements(self) -> Announcements:
        """Queues the callbacks of finished jobs; without a queue of callbacks it queues none."""
        return Announcements(self.callbacks)

    @cached_property
    def client_calls(self) -> Callbacks:
        """Makes the callbacks' calls."""
        if self.callbacks is None:
            raise AssertionError("who makes callbacks has their queue")
        return Callbacks(records=self.records, keys=self.keys, queue=self.callbacks, sender=self.sender, clock=self.clock)
