"""Message Queue, or anything that speaks SQS, behind port JobQueue."""

from threading import Lock
from typing import TYPE_CHECKING

from boto3.session import Session

from pisar.adapters.boto import CONFIG, our_errors
from pisar.domain.jobs import JobMessage

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

SYSTEM = "Message Queue"


class SqsJobQueue:
    """One queue, named by its URL as the cloud gives it. Safe for threads; nothing is connected before the first call."""

    def __init__(self, queue_url: str, *, endpoint_url: str | None = None, region: str = "ru-central1") -> None:
        self._queue_url = queue_url
        self._endpoint_url = endpoint_url
        self._region = region
        self._lock = Lock()
        self._client: SQSClient | None = None

    def put(self, message: JobMessage) -> None:
        """Queue the job. A try whose answer is lost is repeated, so the job may lie there twice: workers claim its record."""
        with our_errors(SYSTEM):
            self._connected().send_message(QueueUrl=self._queue_url, MessageBody=message.encode())

    def _connected(self) -> "SQSClient":
        with self._lock:  # a session of its own: boto3's default one is not safe for threads
            if self._client is None:
                self._client = Session().client("sqs", endpoint_url=self._endpoint_url, region_name=self._region, config=CONFIG)
            return self._client
