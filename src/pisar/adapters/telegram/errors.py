"""What aiogram's and aiohttp's errors mean to us; `pisar.adapters.telegram.refusals` says it of each refusal.

Their messages may repeat the URL, and the URL carries the bot's token. So ours repeat only what Telegram itself said of a
refused request, and are raised outside the `except` block: a logged traceback follows the chain of causes.
"""

from pisar.adapters.telegram.lean_aiogram import exceptions
from pisar.adapters.telegram.refusals import FORBIDDEN, Consequence, consequence
from pisar.domain.audio import TELEGRAM_DOWNLOAD_LIMIT_BYTES
from pisar.errors import MessageGone, Misconfigured, NoDocuments, PisarError, Refused, Rejected, Rejection, Unavailable, Undeliverable

BAD_REQUEST = 400


def translate(error: Exception) -> PisarError:
    """Return what an error of aiogram, aiohttp or asyncio means to us. The result has no cause and no token."""
    match error:
        case exceptions.TelegramRetryAfter():
            return Unavailable("Telegram: too many requests", after_seconds=float(error.retry_after))
        case exceptions.TelegramBadRequest() | exceptions.TelegramForbiddenError():
            return _refused(error)
        case exceptions.TelegramUnauthorizedError() | exceptions.TelegramNotFound():
            return Misconfigured("Telegram does not know this bot: correct TELEGRAM_BOT_TOKEN, or TELEGRAM_API_URL")
        case exceptions.TelegramAPIError() if type(error) is exceptions.TelegramAPIError:  # a code that nobody foresaw
            return Refused(f"Telegram: {error.message}")
        case _:
            return Unavailable(f"Telegram: {type(error).__name__}")


def consequence_of(error: exceptions.TelegramAPIError) -> Consequence | None:
    """Return what follows from an error if it is a refusal (400, 403), None for every other error."""
    match error:
        case exceptions.TelegramBadRequest():
            return consequence(error.method.__api_method__, BAD_REQUEST, error.message or "")
        case exceptions.TelegramForbiddenError():
            return consequence(error.method.__api_method__, FORBIDDEN, error.message or "")
    return None


def _refused(error: exceptions.TelegramAPIError) -> PisarError:
    said = f"Telegram: {error.message}"
    match consequence_of(error):
        case Consequence.GONE:
            return MessageGone(said)
        case Consequence.FINAL | Consequence.WITHOUT_THREAD:  # refused without a thread too
            return Undeliverable(said)
        case Consequence.WITHOUT_DOCUMENT:
            return NoDocuments(said)
        case Consequence.TOO_BIG:
            limit_mb = TELEGRAM_DOWNLOAD_LIMIT_BYTES // 2**20
            return Rejected(Rejection.TOO_BIG, {"limit_mb": limit_mb, "size_mb": f"> {limit_mb}"})
        case Consequence.FILE_UNAVAILABLE:
            return Rejected(Rejection.FILE_UNAVAILABLE)
        case Consequence.MISCONFIGURED:
            return Misconfigured(f"Telegram does not take this webhook: {(error.message or '').removeprefix('Bad Request: ')}")
    return Refused(said)
