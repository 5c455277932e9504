"""A real bot served from a machine without a public address: the product's own poller asks for its updates, and each goes to the webhook.

So one that can't be taken holds nobody else's up, and none is lost while the webhook fails: `pisar.chat.polling` has the rules.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing

import requests

from localstack.failures import CannotStart
from pisar.adapters.clock import SystemClock
from pisar.chat import polling
from pisar.chat.polling import Polling
from pisar.errors import Misconfigured, PisarError, Unavailable
from pisar.logs import CloudFormatter
from pisar.ports.chat import PolledUpdate

NAME = "long_polling"
START_SECONDS = 20.0
STOP_SECONDS = 10.0
WEBHOOK_SECONDS = 90.0
"""Longer than the webhook function may run."""

_PASSING = (408, 429, 502, 503, 504)
"""What the webhook and the gateway before it answer while the trouble is not the update's."""


class WebhookFailedError(Exception):
    """The webhook does not take this update."""


class LongPolling:
    """Feeds one bot's updates to a webhook, in a thread of its own; `on_line` gets its log lines."""

    def __init__(self, api_url: str, token: str, webhook_url: str, secret: str, on_line: Callable[[str, str], None]) -> None:
        self._api_url = api_url
        self._token = token
        self._webhook_url = webhook_url
        self._secret = secret
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._log = _Lines(on_line)

    def start(self) -> None:
        """Begin to poll. Raises CannotStart when Telegram does not know the bot or can't be reached.

        Also when the bot has a webhook elsewhere, which polling would break.
        """
        from pisar.adapters.telegram.profile import AiogramBotProfile  # noqa: PLC0415 - aiogram takes a second to import

        try:
            with closing(AiogramBotProfile(self._token, api_url=self._api_url, timeout_seconds=START_SECONDS)) as profile:
                webhook = profile.webhook()
        except Misconfigured as error:
            raise CannotStart(str(error)) from None
        except PisarError as error:
            raise CannotStart(f"Telegram can't be reached at TELEGRAM_API_URL ({error})") from None
        if webhook.url:
            raise CannotStart("this bot has a webhook set elsewhere; call deleteWebhook first, or use another bot here")
        self._thread = threading.Thread(target=self._poll, name=NAME, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop polling; an update that was not taken is given again by Telegram, and so is one whose webhook takes long to answer."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _poll(self) -> None:
        from pisar.adapters.telegram.update_source import AiogramUpdateSource  # noqa: PLC0415 - as above

        log = logging.getLogger(polling.__name__)
        log.addHandler(self._log)
        try:
            with closing(AiogramUpdateSource(self._token, api_url=self._api_url)) as source:
                Polling(source, self._deliver, SystemClock()).run(self._stopping.is_set)
        except PisarError as error:
            log.error("polling ended", extra={"why": str(error)})  # noqa: TRY400 - no traceback: it is known
        finally:
            log.removeHandler(self._log)

    def _deliver(self, update: PolledUpdate) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret, "Content-Type": "application/json"}
        try:
            answer = requests.post(self._webhook_url, data=update.raw, headers=headers, timeout=WEBHOOK_SECONDS)
        except requests.RequestException as error:
            raise Unavailable(f"the webhook did not answer: {type(error).__name__}") from None
        if answer.status_code in _PASSING:
            raise Unavailable(f"the webhook answered {answer.status_code}")
        if not answer.ok:
            raise WebhookFailedError(f"the webhook answered {answer.status_code}")


class _Lines(logging.Handler):
    """Hands on what is logged, a line for each entry."""

    def __init__(self, on_line: Callable[[str, str], None]) -> None:
        super().__init__(logging.INFO)
        self._on_line = on_line
        self.setFormatter(CloudFormatter(NAME))

    def emit(self, record: logging.LogRecord) -> None:
        self._on_line(NAME, self.format(record))
