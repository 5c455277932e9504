"""Message Queue, or anything that speaks SQS, behind ports JobQueue, CallbackQueue and Queues."""

import json
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3.session import Session

from pisar.adapters.boto import CONFIG, our_errors, region
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.deployments import Queue
from pisar.domain.jobs import JobMessage
from pisar.errors import Missing

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

SYSTEM = "Message Queue"


class _SqsQueue:
    """One queue, named by its URL as the cloud gives it. Safe for threads; nothing is connected before the first call."""

    def __init__(self, queue_url: str, *, endpoint_url: str | None = None) -> None:
        self._queue_url = queue_url
        self._endpoint_url = endpoint_url
        self._lock = Lock()
        self._client: SQSClient | None = None

    def _send(self, body: str, *, delay_seconds: int | None = None) -> None:
        delay: Any = {} if delay_seconds is None else {"DelaySeconds": delay_seconds}
        with our_errors(SYSTEM):
            # A try whose answer is lost is repeated by botocore, so the message may lie there twice.
            self._connected().send_message(QueueUrl=self._queue_url, MessageBody=body, **delay)

    def _connected(self) -> "SQSClient":
        with self._lock:  # a session of its own: boto3's default one is not safe for threads
            if self._client is None:
                self._client = _client(self._endpoint_url)
            return self._client


class SqsJobQueue(_SqsQueue):
    """The queue of jobs."""

    def put(self, message: JobMessage) -> None:
        """Queue the job. It may lie there twice: workers claim its record."""
        self._send(message.encode())


class SqsCallbackQueue(_SqsQueue):
    """The queue of callbacks."""

    def put(self, message: CallbackMessage, *, delay_seconds: int) -> None:
        """Queue the callback, hidden for so many seconds. It may lie there twice: receivers drop what they have had."""
        self._send(message.encode(), delay_seconds=delay_seconds)


class SqsQueues:
    """Queues looked at, none changed."""

    def __init__(self, *, endpoint_url: str | None = None) -> None:
        self._client = _client(endpoint_url)

    def look(self, name: str) -> Queue:
        """Return how the queue is set and how many messages wait in it; raise Missing where there is none."""
        with our_errors(SYSTEM):
            try:
                url = self._client.get_queue_url(QueueName=name)["QueueUrl"]
            except self._client.exceptions.QueueDoesNotExist:
                raise Missing(name) from None
            found = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        redrive = json.loads(found.get("RedrivePolicy") or "{}")
        return Queue(
            visibility_seconds=int(found["VisibilityTimeout"]),
            waiting=int(found["ApproximateNumberOfMessages"]),
            held=int(found.get("ApproximateNumberOfMessagesNotVisible", 0)),
            dead_letters=redrive["deadLetterTargetArn"].rpartition(":")[2] if redrive else None,
            max_deliveries=int(redrive.get("maxReceiveCount", 0)),
        )


def _client(endpoint_url: str | None) -> "SQSClient":
    session = Session()
    return session.client("sqs", endpoint_url=endpoint_url, region_name=region(session), config=CONFIG)
