"""The bot as a process of its own, put together: it asks Telegram for updates, or is told them at a webhook."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from pisar import logs
from pisar.adapters.clock import SystemClock
from pisar.adapters.fence import keep_secrets
from pisar.adapters.heartbeat_file import HeartbeatFile
from pisar.adapters.telegram.profile import AiogramBotProfile
from pisar.adapters.telegram.update_source import AiogramUpdateSource
from pisar.chat.polling import Polling
from pisar.errors import Unreadable
from pisar.owner.bot_setup import BotSetup
from pisar.ports.chat import PolledUpdate
from pisar.wiring import settings
from pisar.wiring.meters import served
from pisar.wiring.queues import broker_queues
from pisar.wiring.webhook import Webhook
from pisar.wiring.webhook import build as build_webhook


@dataclass(frozen=True, slots=True)
class Bot:
    """What the bot's door needs.

    `webhook_url` is None for a bot that asks: then `poll` takes what says that it must stop. `set_up` tells Telegram of the bot's face,
    and of its webhook if it has one. Both raise Misconfigured.
    """

    webhook: Webhook
    webhook_url: str | None
    set_up: Callable[[], None]
    poll: Callable[[Callable[[], bool]], None]
    host: str
    port: int


def build(environment: Mapping[str, str]) -> Bot:
    """Return the bot; raise Misconfigured."""
    keep_secrets()
    listening, telegram, server, health, logging = settings.read(
        environment, settings.Listening, settings.Telegram, settings.Server, settings.Health, settings.Logging
    )
    logs.configure("bot", logging.level)
    if not listening.webhook_url:  # nobody is shown it
        environment = {**environment, "TELEGRAM_WEBHOOK_SECRET": secrets.token_urlsafe(24)}
    queues = broker_queues(environment)
    webhook = build_webhook(environment, queues.jobs if queues else None, served(environment))
    (owners,) = (found.owners for found in settings.read(environment, settings.Webhook))
    clock = SystemClock()
    url = listening.webhook_url or None

    def set_up() -> None:
        token, api_url, seconds = telegram.token.reveal(), telegram.api_url, telegram.timeout_seconds
        with closing(AiogramBotProfile(token, api_url=api_url, timeout_seconds=seconds)) as profile:
            secret = webhook.secret.reveal()
            BotSetup(profile, clock, secret=secret, owners=owners, patience_seconds=telegram.patience_seconds).run(url)

    def receive(polled: PolledUpdate) -> None:
        if polled.unreadable:
            raise Unreadable(polled.unreadable)
        webhook.converse(polled.update)

    def poll(stopping: Callable[[], bool]) -> None:
        beat = HeartbeatFile(health.heartbeat_file).beat if health.heartbeat_file else (lambda: None)
        with closing(AiogramUpdateSource(telegram.token.reveal(), api_url=telegram.api_url)) as source:
            source.begin(stopping)
            Polling(source, receive, clock, beat=beat).run(stopping)

    return Bot(webhook, url, set_up, poll, server.host, server.port)
