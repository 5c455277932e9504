"""What a person in a chat is told of a refusal. `pisar.formats.refusals` words the same for clients of the API."""

from pisar.bot.texts import say
from pisar.domain.audio import TELEGRAM_DOWNLOAD_LIMIT_BYTES
from pisar.errors import Rejected, Rejection

TELEGRAM_LIMIT_MB = TELEGRAM_DOWNLOAD_LIMIT_BYTES // 2**20


def refusal(language: str, rejection: Rejected) -> str:
    """Return the text for a rejection; one for Telegram's limit says whose limit it is."""
    key = rejection.code.value
    if rejection.code is Rejection.TOO_BIG and rejection.details["limit_mb"] == TELEGRAM_LIMIT_MB:
        key = "too_big_for_bots"
    return say(language, key, **rejection.details)
