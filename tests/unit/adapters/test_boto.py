"""Every error of botocore becomes one of ours; none is missed."""

import inspect

import botocore.exceptions
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from pisar.adapters.boto import our_errors, translate
from pisar.errors import Conflict, Misconfigured, Missing, Unavailable

PASSING = {
    "ChecksumError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ConnectionError",
    "CredentialRetrievalError",
    "EndpointConnectionError",
    "FlexibleChecksumError",
    "HTTPClientError",
    "IncompleteReadError",
    "MetadataRetrievalError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "ResponseParserError",
    "ResponseStreamingError",
    "SSLError",
}


def descendants(kind):
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def foreign_errors():
    listed = {
        value
        for value in vars(botocore.exceptions).values()
        if inspect.isclass(value) and issubclass(value, Exception) and not issubclass(value, (ClientError, Warning))
    }
    return sorted(listed | set(descendants(BotoCoreError)) | {ResponseParserError}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", foreign_errors(), ids=lambda kind: kind.__name__)
def test_an_error_of_botocore_becomes_ours(kind):
    with pytest.raises((Unavailable, Misconfigured)) as caught, our_errors("Storage"):
        raise kind.__new__(kind)
    assert (type(caught.value) is Unavailable) == (kind.__name__ in PASSING)
    assert "Storage" in str(caught.value)


def test_the_walk_meets_every_error_that_passes():
    assert {kind.__name__ for kind in foreign_errors()} >= PASSING


def answered(status, code, headers=None):
    response = {
        "Error": {"Code": code, "Message": "AKIAsecret"},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers or {}},
    }
    return translate(ClientError(response, "PutObject"), "Storage")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, "NoSuchKey", Missing),
        (404, "404", Missing),
        (404, "NoSuchBucket", Misconfigured),
        (400, "QueueDoesNotExist", Misconfigured),
        (400, "AWS.SimpleQueueService.NonExistentQueue", Misconfigured),
        (412, "PreconditionFailed", Conflict),
        (412, "412", Conflict),
        (409, "ConditionalRequestConflict", Conflict),
        (403, "AccessDenied", Misconfigured),
        (403, "InvalidAccessKeyId", Misconfigured),
        (403, "SignatureDoesNotMatch", Misconfigured),
        (400, "InvalidClientTokenId", Misconfigured),
        (401, "Unauthorized", Misconfigured),
        (500, "InternalError", Unavailable),
        (503, "SlowDown", Unavailable),
        (429, "429", Unavailable),
        (403, "RequestThrottled", Unavailable),
        (403, "OverLimit", Unavailable),
        (400, "RequestTimeout", Unavailable),
        (400, "InvalidArgument", Misconfigured),
        (301, "PermanentRedirect", Misconfigured),
    ],
)
def test_an_answer_is_read_by_its_code_and_status(status, code, expected):
    error = answered(status, code)
    assert type(error) is expected
    assert f"Storage answered {status} {code} to PutObject" in str(error)
    assert "AKIAsecret" not in str(error)


@pytest.mark.parametrize(("value", "seconds"), [("3", 3.0), ("Mon, 23 Nov 2026 00:00:00 GMT", None)])
def test_a_wait_is_passed_on_when_it_is_given_in_seconds(value, seconds):
    assert answered(503, "SlowDown", {"retry-after": value}).after_seconds == seconds


def test_an_answer_without_its_usual_parts_is_misconfigured():
    assert type(translate(ClientError({}, "PutObject"), "Storage")) is Misconfigured
