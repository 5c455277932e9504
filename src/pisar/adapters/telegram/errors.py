"""What aiogram's and aiohttp's errors mean to us.

Their messages may repeat the URL, and the URL carries the bot's token. So ours repeat only what Telegram itself said of a
refused request, and are raised outside the `except` block: a logged traceback follows the chain of causes.
"""

from pisar.adapters.telegram.lean_aiogram import exceptions
from pisar.domain.audio import TELEGRAM_DOWNLOAD_LIMIT_BYTES
from pisar.errors import MessageGone, Misconfigured, PisarError, Rejected, Rejection, Unavailable, Undeliverable

NOT_MODIFIED = "message is not modified"

# Descriptions of 400, in lower case; the server's source is github.com/tdlib/telegram-bot-api (Client.cpp) and its errors are not
# documented. What is not listed is taken for a passing fault: the queue's last delivery ends it.
_MESSAGE_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_UNDELIVERABLE = (
    "chat not found",
    "peer_id_invalid",
    "not enough rights",
    "have no rights to send",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "_forbidden",  # CHAT_SEND_PLAIN_FORBIDDEN and its siblings
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "user is deactivated",
)
_WRONG_WEBHOOK = (
    "bad webhook",
    "invalid webhook url",
    "secret token",
)
_FILE_UNAVAILABLE = (
    "invalid file_id",
    "wrong file_id",
    "wrong file identifier",
    "wrong remote file",
    "file_id_invalid",
    "file_reference",
)


def translate(error: Exception) -> PisarError:
    """Return what an error of aiogram, aiohttp or asyncio means to us. The result has no cause and no token."""
    match error:
        case exceptions.TelegramRetryAfter():
            return Unavailable("Telegram: too many requests", after_seconds=float(error.retry_after))
        case exceptions.TelegramBadRequest():
            return _refused(error.message)
        case exceptions.TelegramForbiddenError():
            return Undeliverable(f"Telegram: {error.message}")
        case exceptions.TelegramUnauthorizedError() | exceptions.TelegramNotFound():
            return Misconfigured("Telegram does not know this bot: correct TELEGRAM_BOT_TOKEN, or TELEGRAM_API_URL")
        case _:
            return Unavailable(f"Telegram: {type(error).__name__}")


def is_not_modified(error: Exception) -> bool:
    """Say whether an edit was refused because the message says that already."""
    return isinstance(error, exceptions.TelegramBadRequest) and NOT_MODIFIED in error.message.lower()


def _refused(description: str) -> PisarError:
    said = description.lower()
    if any(part in said for part in _MESSAGE_GONE):
        return MessageGone(f"Telegram: {description}")
    if any(part in said for part in _UNDELIVERABLE):
        return Undeliverable(f"Telegram: {description}")
    if "file is too big" in said:
        limit_mb = TELEGRAM_DOWNLOAD_LIMIT_BYTES // 2**20
        return Rejected(Rejection.TOO_BIG, {"limit_mb": limit_mb, "size_mb": f"> {limit_mb}"})
    if any(part in said for part in _FILE_UNAVAILABLE):
        return Rejected(Rejection.FILE_UNAVAILABLE)
    if any(part in said for part in _WRONG_WEBHOOK):
        return Misconfigured(f"Telegram does not take this webhook: {description.removeprefix('Bad Request: ')}")
    return Unavailable(f"Telegram: {description}")
