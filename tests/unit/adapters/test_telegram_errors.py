"""Every error of aiogram becomes one of ours; none is missed. What each refusal comes to is in tests/contract/test_refusals.py."""

import inspect

import aiohttp
import pytest

from pisar.adapters.telegram.errors import translate
from pisar.adapters.telegram.lean_aiogram import exceptions, methods
from pisar.errors import MessageGone, Misconfigured, Refused, Rejected, Rejection, Unavailable, Undeliverable

METHOD = methods.SendMessage(chat_id=1, text="a")
EDIT = methods.EditMessageText(chat_id=1, message_id=1, text="a")
FILE = methods.GetFile(file_id="f")
WEBHOOK = methods.SetWebhook(url="x")

EXPECTED = {
    exceptions.AiogramError: Unavailable,
    exceptions.DetailedAiogramError: Unavailable,
    exceptions.CallbackAnswerException: Unavailable,
    exceptions.SceneException: Unavailable,
    exceptions.UnsupportedKeywordArgument: Unavailable,
    exceptions.TelegramAPIError: Refused,  # with a code that nobody foresaw
    exceptions.TelegramNetworkError: Unavailable,
    exceptions.TelegramRetryAfter: Unavailable,
    exceptions.TelegramMigrateToChat: Unavailable,  # a second migration within one call
    exceptions.TelegramBadRequest: Refused,  # what the description says decides, see below
    exceptions.TelegramNotFound: Misconfigured,
    exceptions.TelegramConflictError: Unavailable,
    exceptions.TelegramUnauthorizedError: Misconfigured,
    exceptions.TelegramForbiddenError: Undeliverable,
    exceptions.TelegramServerError: Unavailable,
    exceptions.RestartingTelegram: Unavailable,
    exceptions.TelegramEntityTooLarge: Unavailable,
    exceptions.ClientDecodeError: Unavailable,
    exceptions.DataNotDictLikeError: Unavailable,
}


def make(kind):
    given = {
        "method": METHOD,
        "message": "bot123:secret",
        "retry_after": 7,
        "migrate_to_chat_id": -5,
        "original": ValueError(),
        "data": "x",
    }
    if kind.__init__ is Exception.__init__:
        return kind("bot123:secret")
    return kind(**{name: given[name] for name in inspect.signature(kind).parameters})


def test_the_table_names_every_error_of_aiogram():
    found = {value for value in vars(exceptions).values() if inspect.isclass(value) and issubclass(value, Exception)}
    assert set(EXPECTED) == found


@pytest.mark.parametrize(("kind", "expected"), EXPECTED.items(), ids=lambda kind: kind.__name__)
def test_an_error_of_aiogram_becomes_ours(kind, expected):
    assert type(translate(make(kind))) is expected


@pytest.mark.parametrize(
    "error", [TimeoutError(), OSError("bot123:secret"), aiohttp.ClientError("bot123:secret"), aiohttp.InvalidURL("http://bot123:secret")]
)
def test_errors_from_below_aiogram_pass_and_are_not_repeated(error):
    translated = translate(error)
    assert type(translated) is Unavailable
    assert "secret" not in str(translated)


def test_a_network_error_does_not_repeat_its_message():
    assert str(translate(make(exceptions.TelegramNetworkError))) == "Telegram: TelegramNetworkError"


def test_too_many_requests_says_for_how_long():
    assert translate(make(exceptions.TelegramRetryAfter)).after_seconds == 7.0


@pytest.mark.parametrize(
    ("method", "description", "expected"),
    [
        (EDIT, "Bad Request: message to edit not found", MessageGone),
        (EDIT, "Bad Request: message can't be edited", MessageGone),
        (EDIT, "Bad Request: MESSAGE_ID_INVALID", MessageGone),
        (EDIT, "Bad Request: there is no text in the message to edit", MessageGone),
        (METHOD, "Bad Request: chat not found", Undeliverable),
        (METHOD, "Bad Request: PEER_ID_INVALID", Undeliverable),
        (METHOD, "Bad Request: not enough rights to send text messages to the chat", Undeliverable),
        (METHOD, "Bad Request: have no rights to send a message", Undeliverable),
        (METHOD, "Bad Request: need administrator rights in the channel chat", Undeliverable),
        (METHOD, "Bad Request: CHAT_WRITE_FORBIDDEN", Undeliverable),
        (METHOD, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN", Undeliverable),
        (METHOD, "Bad Request: CHAT_RESTRICTED", Undeliverable),
        (METHOD, "Bad Request: TOPIC_CLOSED", Undeliverable),
        (METHOD, "Bad Request: TOPIC_DELETED", Undeliverable),
        (METHOD, "Bad Request: message thread not found", Undeliverable),
        (METHOD, "Bad Request: something new", Refused),
        (METHOD, "Bad Request: not enough rights to change the chat's photo", Refused),
        (METHOD, "Bad Request: CHAT_SEND_SOMETHING_FORBIDDEN", Refused),
        (METHOD, "Bad Request: chat not found_2", Refused),
        (METHOD, "Bad Request: chat not founded", Refused),
        (METHOD, "Bad Request: the chat not found", Refused),
        (METHOD, "Bad Request: message to edit not found", Refused),  # another method's
        (METHOD, None, Refused),
    ],
)
def test_a_refusal_is_read_by_the_method_and_the_first_words_of_its_description(method, description, expected):
    assert type(translate(exceptions.TelegramBadRequest(method, description))) is expected


@pytest.mark.parametrize(
    "why",
    [
        "bad webhook: An HTTPS URL must be provided for webhook",
        "invalid webhook URL specified",
        "secret token is too long",
        "secret token contains unallowed characters",
    ],
)
def test_a_webhook_that_is_not_taken_is_for_the_operator_to_correct(why):
    translated = translate(exceptions.TelegramBadRequest(WEBHOOK, f"Bad Request: {why}"))
    assert (type(translated), str(translated)) == (Misconfigured, f"Telegram does not take this webhook: {why}")


@pytest.mark.parametrize(
    ("description", "code", "details"),
    [
        ("Bad Request: file is too big", Rejection.TOO_BIG, {"limit_mb": 20, "size_mb": "> 20"}),
        ("Bad Request: invalid file_id", Rejection.FILE_UNAVAILABLE, {}),
        ("Bad Request: wrong file_id or the file is temporarily unavailable", Rejection.FILE_UNAVAILABLE, {}),
        ("Bad Request: wrong file identifier/HTTP URL specified", Rejection.FILE_UNAVAILABLE, {}),
        ("Bad Request: wrong remote file identifier specified: Wrong string length", Rejection.FILE_UNAVAILABLE, {}),
        ("Bad Request: FILE_ID_INVALID", Rejection.FILE_UNAVAILABLE, {}),
        ("Bad Request: FILE_REFERENCE_EXPIRED", Rejection.FILE_UNAVAILABLE, {}),
        ("Bad Request: something new", Rejection.FILE_UNAVAILABLE, {}),
    ],
)
def test_a_refused_file_is_told_to_the_person(description, code, details):
    translated = translate(exceptions.TelegramBadRequest(FILE, description))
    assert type(translated) is Rejected
    assert (translated.code, translated.details) == (code, details)
