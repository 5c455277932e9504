"""What storage and queue share: how a boto3 client is made, and what its errors mean to us.

Address, keys and certificates come from boto3's own environment (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SQS,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION). No message here repeats a key, a signature or a body.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name for it
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
    UndefinedModelAttributeError,
)
from botocore.parsers import ResponseParserError

from pisar.errors import Conflict, Misconfigured, Missing, PisarError, Unavailable

CONFIG = Config(
    # A frozen instance wakes up with dead sockets. urllib3 replaces those that were closed; one that a router forgot is
    # noticed only by the timeout, so it is short, and the next try opens a new one. Three tries fit into a function's minute.
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    signature_version="v4",
)

DEFAULT_REGION = "ru-central1"
"""Where AWS_DEFAULT_REGION says nothing. A store of one's own rarely looks at it, Amazon refuses what is signed for another region."""

KEYS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

_PASSING = (
    HTTPClientError,
    ConnectionError,
    IncompleteReadError,
    ChecksumError,
    FlexibleChecksumError,
    CredentialRetrievalError,
    MetadataRetrievalError,
    ResponseParserError,  # an answer in no known form: a proxy's error page
)
_FOREIGN = (BotoCoreError, ClientError, UndefinedModelAttributeError, ResponseParserError)
_THROTTLED = frozenset(
    {
        "OverLimit",
        "RequestThrottled",
        "RequestTimeout",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "TooManyRequestsException",
    }
)
_CONFLICTS = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_BAD_KEYS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId", "UnrecognizedClientException"})
_UNKNOWN_QUEUE = "there is no such queue: correct PISAR_QUEUE_URL or PISAR_CALLBACK_QUEUE_URL, or create it"
_UNKNOWN_RESOURCE = {
    "NoSuchBucket": "there is no such bucket: correct PISAR_BUCKET or create it",
    "QueueDoesNotExist": _UNKNOWN_QUEUE,
    "AWS.SimpleQueueService.NonExistentQueue": _UNKNOWN_QUEUE,
}


def region(session: Session | None = None) -> str:
    """Return the region that requests are signed for, for storage and queues alike: what boto3's own environment says, or the cloud's."""
    return (session or Session()).region_name or DEFAULT_REGION


@contextmanager
def our_errors(system: str) -> Iterator[None]:
    """Run the block; what boto3 raises in it comes out as ours. `system` names the foreign system in messages."""
    try:
        yield
    except _FOREIGN as error:
        raise translate(error, system) from error
    except ValueError as error:  # botocore's word on an endpoint that is no URL
        raise Misconfigured(f"{system}: an address in AWS_ENDPOINT_URL_… or a setting is not valid") from error


def translate(error: Exception, system: str) -> PisarError:
    """Return what an error of botocore means to us."""
    if isinstance(error, ClientError):
        return _translate_answer(error, system)
    name = type(error).__name__
    if isinstance(error, _PASSING):
        return Unavailable(f"{system} can't be reached: {name}")
    if name in {"NoCredentialsError", "PartialCredentialsError"}:
        return Misconfigured(f"{system}: no keys: set {KEYS}")
    return Misconfigured(f"{system}: boto3 refuses its settings or the request: {name}")


def _translate_answer(error: ClientError, system: str) -> PisarError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    answer = error.response.get("ResponseMetadata", {})
    status = int(answer.get("HTTPStatusCode", 0))
    shown = f"{system} answered {status} {code} to {error.operation_name}"
    # Some services throttle with 403 and time out with 400: the code says more than the status.
    if code in _THROTTLED or status in (408, 429) or status >= 500:  # noqa: PLR2004 - HTTP
        after = str(answer.get("HTTPHeaders", {}).get("retry-after", ""))
        return Unavailable(shown, after_seconds=float(after) if after.isdigit() else None)
    if code in _UNKNOWN_RESOURCE:
        return Misconfigured(f"{shown}: {_UNKNOWN_RESOURCE[code]}")
    if code in _CONFLICTS or status == 412:  # noqa: PLR2004 - HTTP
        return Conflict(shown)
    if code in _BAD_KEYS:
        return Misconfigured(f"{shown}: the keys are wrong: correct {KEYS}")
    if status in (401, 403):
        return Misconfigured(f"{shown}: give the service account behind {KEYS} its role, or correct the keys")
    if code == "NoSuchKey" or status == 404:  # noqa: PLR2004 - HTTP
        return Missing(shown)
    return Misconfigured(f"{shown}: correct the address and name of what it should serve")
