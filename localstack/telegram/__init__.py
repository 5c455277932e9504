"""A Telegram for one bot, on this machine: the Bot API over HTTP on one side, the people on the other.

Rules, limits and error texts are those of core.telegram.org/bots/api and of the reference server: `Client.cpp` is its
telegram-bot-api/Client.cpp (tdlib/telegram-bot-api, version 10.0), tdlib/td what it is built on. A rule without a source says that it is
a guess.

It departs from them where a test needs it: a webhook may be plain HTTP on any port, `setWebhook` and `getUpdates` may be
repeated at any rate, the waits between deliveries are settings, and of the parse modes only HTML is understood.
"""

from localstack.telegram.faults import blocked, flood, known, server_error, unheard_of, unreadable_result
from localstack.telegram.server import TelegramStandIn
from localstack.telegram.views import Attempt, Call, Delivery, Seen, SeenVersion

__all__ = [
    "Attempt",
    "Call",
    "Delivery",
    "Seen",
    "SeenVersion",
    "TelegramStandIn",
    "blocked",
    "flood",
    "known",
    "server_error",
    "unheard_of",
    "unreadable_result",
]
