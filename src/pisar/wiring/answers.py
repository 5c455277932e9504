"""How answers reach whoever waits for them: messages in chats, and calls to clients of the API."""

from functools import cached_property

from pisar.answers.callbacks import Announcements, Callbacks
from pisar.answers.chat_delivery import Delivery
from pisar.chat.paced_chat import PacedChat
from pisar.ports.chat import Chat
from pisar.wiring.state import State


class Answers(State):
    """What delivers answers."""

    @cached_property
    def paced_chat(self) -> Chat:
        """The bot's chats, no faster than Telegram takes it."""
        return PacedChat(self.chat, self.store, self.clock)

    @cached_property
    def delivery(self) -> Delivery:
        """What delivers into chats."""
        return Delivery(self.paced_chat, self.records, self.clock, patience_seconds=self.patience_seconds)

    @cached_property
    def announcements(self) -> Announcements:
        """What announces finished jobs; without a queue of callbacks nothing does."""
        return Announcements(self.callbacks)

    @cached_property
    def client_calls(self) -> Callbacks:
        """What makes the callbacks."""
        if self.callbacks is None:
            raise AssertionError("who makes callbacks has their queue")
        return Callbacks(records=self.records, keys=self.keys, queue=self.callbacks, sender=self.sender, clock=self.clock)
