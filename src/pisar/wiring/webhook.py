"""Builds the webhook function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pisar.adapters.telegram import parse_update
from pisar.domain.messages import Update
from pisar.ports.chat import Chat
from pisar.wiring import settings
from pisar.wiring.chats import Chats
from pisar.wiring.environment import Secret


@dataclass(frozen=True, slots=True)
class Webhook:
    """What the webhook needs: the secret that Telegram must show, and the functions that handle an update.

    `receive` takes an update as Telegram sends it, `converse` a parsed one. Both raise Unreadable for what is no update, and Retryable when
    the update should be delivered again. `close` closes the connections to Telegram.
    """

    secret: Secret
    receive: Callable[[bytes], None]
    converse: Callable[[Update | None], None]
    close: Callable[[], None]


class Updates(Chats):
    """The parts that receive updates from Telegram; they import aiogram at once, since nearly every update is answered."""

    @cached_property
    def chat(self) -> Chat:
        """The bot's chats, with aiogram imported at once."""
        return self.telegram

    @cached_property
    def webhook(self) -> Webhook:
        """What the webhook needs."""
        conversation = self.conversation

        def receive(update: bytes) -> None:
            conversation.receive(parse_update(update))

        return Webhook(self.settings.webhook.secret, receive, conversation.receive, self.telegram.close)


GROUPS = (
    *(settings.Queue, settings.Telegram, settings.Webhook, settings.Intake),
    *(settings.Limits, settings.Recognising, settings.Answering, settings.Keeping, settings.Place),
)


def build(environment: Mapping[str, str]) -> Webhook:
    """Return the webhook; raise Misconfigured."""
    return Updates.start("webhook", environment, *GROUPS, required=["PISAR_QUEUE_URL"]).webhook
