"""The webhook function, put together."""

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
    """What the door needs: the secret Telegram must show, and what to do with an update.

    `receive` takes it as Telegram sends it, `converse` what it tells. Both raise Unreadable for what is no update, and Retryable when it
    should come again. `close` ends the connections to Telegram.
    """

    secret: Secret
    receive: Callable[[bytes], None]
    converse: Callable[[Update | None], None]
    close: Callable[[], None]


class Updates(Chats):
    """What receives updates, and needs aiogram to read them: it imports it at the start."""

    @cached_property
    def chat(self) -> Chat:
        """The bot's chats, at once."""
        return self.telegram

    @cached_property
    def webhook(self) -> Webhook:
        """What the door needs."""
        conversation = self.conversation

        def receive(update: bytes) -> None:
            conversation.receive(parse_update(update))

        return Webhook(self.settings.webhook.secret, receive, conversation.receive, self.telegram.close)


GROUPS = (
    *(settings.Queue, settings.Telegram, settings.Webhook, settings.Intake),
    *(settings.Limits, settings.Recognising, settings.Answering, settings.Keeping),
)


def build(environment: Mapping[str, str]) -> Webhook:
    """Return the webhook; raise Misconfigured."""
    return Updates.start("webhook", environment, *GROUPS, required=["PISAR_QUEUE_URL"]).webhook
