"""Builds the bot as a process of its own: it polls Telegram for updates, or receives them at a webhook."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from pisar.adapters.fence import keep_secrets
from pisar.adapters.telegram.update_source import AiogramUpdateSource
from pisar.chat.polling import Polling
from pisar.errors import Unreadable
from pisar.owner.bot_setup import BotSetup
from pisar.ports.chat import PolledUpdate
from pisar.wiring import settings
from pisar.wiring.webhook import GROUPS, Updates, Webhook


@dataclass(frozen=True, slots=True)
class Bot:
    """What the bot's process needs.

    `webhook_url` is None for a bot that polls. `poll` polls until the function that it is given returns true. `set_up` sets the bot's
    profile at Telegram, and its webhook if it has one. Both raise Misconfigured.
    """

    webhook: Webhook
    webhook_url: str | None
    set_up: Callable[[], None]
    poll: Callable[[Callable[[], bool]], None]
    server: settings.Server


def build(environment: Mapping[str, str]) -> Bot:
    """Return the bot; raise Misconfigured."""
    keep_secrets()
    if not environment.get("TELEGRAM_WEBHOOK_URL"):  # nobody is shown it
        environment = {**environment, "TELEGRAM_WEBHOOK_SECRET": secrets.token_urlsafe(24)}
    groups = (*GROUPS, settings.Listening, settings.Server, settings.Health)
    wiring = Updates.start("bot", environment, *groups, required=["PISAR_QUEUE_URL"])
    wiring.serve_numbers()
    told, webhook = wiring.settings, wiring.webhook
    url = told.listening.webhook_url or None

    def set_up() -> None:
        with closing(wiring.new_profile()) as profile:
            secret, patience_seconds = webhook.secret.reveal(), told.telegram.patience_seconds
            BotSetup(profile, wiring.clock, secret=secret, owners=told.webhook.owners, patience_seconds=patience_seconds).run(url)

    def receive(polled: PolledUpdate) -> None:
        if polled.unreadable:
            raise Unreadable(polled.unreadable)
        webhook.converse(polled.update)

    def poll(stopping: Callable[[], bool]) -> None:
        with closing(AiogramUpdateSource(told.telegram.token.reveal(), api_url=told.telegram.api_url)) as source:
            source.begin(stopping)
            Polling(source, receive, wiring.clock, beat=wiring.beat).run(stopping)

    return Bot(webhook, url, set_up, poll, told.server)
