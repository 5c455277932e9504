"""The cloud's two triggers: queue → container or function, bucket → function or container.

A queue trigger has no retries and no dead-letter queue of its own: failed messages return after the visibility timeout and
the queue's redrive policy does the rest. A bucket trigger retries, then hands its event to a dead-letter queue or drops it.
"""

import asyncio
import base64
import json
import logging
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_plus, urlsplit

from localstack.cloud.clients import s3_client, sqs_client
from localstack.cloud.exchange import CallFailed
from localstack.cloud.polling import REGION, WAIT_SECONDS, Poller, Polling

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef

CLOUD_ID = "b1glocalcloud0000000"
FOLDER_ID = "b1glocalfolder000000"
OWN_QUEUE_VISIBILITY_SECONDS = 43_200  # an event of a bucket is never given twice: its retries are the trigger's

_log = logging.getLogger(__name__)


class Target(Protocol):
    """What a trigger calls: a Function or a Container."""

    async def deliver(self, event: Any, path: str = "/") -> None:
        """Hand over an event; raise CallFailed unless it was processed."""


class QueueTrigger:
    """Feeds a queue's messages to a target: at `path` of a container; a function has no paths."""

    def __init__(self, endpoint_url: str, queue_url: str, target: Target, path: str = "/", polling: Polling | None = None) -> None:
        self._queue_id = f"yrn:yc:ymq:{REGION}:{FOLDER_ID}:{urlsplit(queue_url).path.rpartition('/')[2]}"
        self._target = target
        self._path = path
        self._poller = Poller(sqs_client(endpoint_url), queue_url, self._handle, polling or Polling())

    async def start(self) -> None:
        """Begin to poll the queue."""
        await self._poller.start()

    async def stop(self, *, at_once: bool = False) -> None:
        """Stop; messages being processed stay in the queue. For `at_once` see Poller.stop."""
        await self._poller.stop(at_once=at_once)

    async def _handle(self, batch: list["MessageTypeDef"]) -> bool:
        try:
            await self._target.deliver({"messages": [_queue_message(self._queue_id, message) for message in batch]}, self._path)
        except CallFailed as failure:
            _log.warning("a queue trigger's call failed: %s", failure)
            return False
        return True


class ObjectStorageTrigger:
    """Feeds a bucket's events to a target, one event a call.

    `events` are of ObjectCreate and ObjectDelete; a key must match prefix and suffix. A failed call is repeated
    `retry_attempts` times every `retry_interval_seconds` (the cloud takes 1 to 5 and 10 to 60), then the event goes to the
    queue `dead_letter_queue_url`, or is lost without one. Without `events_queue_url`, a queue that is told of the bucket's events
    already, the trigger makes one of its own.
    """

    def __init__(
        self,
        endpoint_url: str,
        bucket: str,
        target: Target,
        path: str = "/",
        *,
        prefix: str = "",
        suffix: str = "",
        events: Collection[str] = ("ObjectCreate",),
        retry_attempts: int = 0,
        retry_interval_seconds: float = 10.0,
        dead_letter_queue_url: str | None = None,
        events_queue_url: str | None = None,
        parallel: int = 1,
        wait_seconds: int = WAIT_SECONDS,
    ) -> None:
        self._endpoint_url = endpoint_url
        self._bucket = bucket
        self._target = target
        self._path = path
        self._prefix = prefix
        self._suffix = suffix
        self._events = frozenset(events)
        self._retry_attempts = retry_attempts
        self._retry_interval_seconds = retry_interval_seconds
        self._dead_letter_queue_url = dead_letter_queue_url
        self._events_queue_url = events_queue_url or ""
        self._parallel = parallel
        self._wait_seconds = wait_seconds
        self._sqs = sqs_client(endpoint_url)
        self._poller: Poller | None = None

    async def start(self) -> None:
        """Subscribe a queue of our own to the bucket, which must exist, unless there is one; begin to poll it."""
        queue_url = self._events_queue_url or await asyncio.to_thread(self._subscribe)
        polling = Polling(visibility_timeout_seconds=OWN_QUEUE_VISIBILITY_SECONDS, parallel=self._parallel, wait_seconds=self._wait_seconds)
        self._poller = Poller(self._sqs, queue_url, self._handle, polling)
        await self._poller.start()

    async def stop(self, *, at_once: bool = False) -> None:
        """Stop; events being retried are given up. For `at_once` see Poller.stop."""
        if self._poller is not None:
            await self._poller.stop(at_once=at_once)

    def _subscribe(self) -> str:
        queue_url = self._sqs.create_queue(QueueName=f"trigger-{uuid.uuid4()}")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        s3 = s3_client(self._endpoint_url)
        # Writing the configuration replaces it whole: other triggers of the same bucket must stay in it.
        before = s3.get_bucket_notification_configuration(Bucket=self._bucket).get("QueueConfigurations", [])
        # The storage filters too: events that nobody wants, of every record's every write, would pile up before those that somebody does.
        rules = [{"Name": name, "Value": value} for name, value in (("prefix", self._prefix), ("suffix", self._suffix)) if value]
        ours: Any = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
        if rules:
            ours["Filter"] = {"Key": {"FilterRules": rules}}
        s3.put_bucket_notification_configuration(Bucket=self._bucket, NotificationConfiguration={"QueueConfigurations": [*before, ours]})
        return queue_url

    async def _handle(self, batch: list["MessageTypeDef"]) -> bool:
        for message in batch:
            for record in json.loads(message["Body"]).get("Records", []):  # S3 also sends a test event, without records
                event = _storage_message(record)
                if self._wanted(event):
                    await self._deliver({"messages": [event]})
        return True

    def _wanted(self, event: dict[str, Any]) -> bool:
        kind = event["event_metadata"]["event_type"].rpartition(".")[2]
        key: str = event["details"]["object_id"]
        return kind in self._events and key.startswith(self._prefix) and key.endswith(self._suffix)

    async def _deliver(self, event: dict[str, Any]) -> None:
        assert self._poller is not None  # noqa: S101 - for mypy: it is who calls us
        for attempt in range(1 + self._retry_attempts):
            if attempt and not await self._poller.pause(self._retry_interval_seconds):
                return
            try:
                await self._target.deliver(event, self._path)
            except CallFailed as failure:
                _log.warning("a bucket trigger's call failed: %s", failure)
            else:
                return
        if dead_letters := self._dead_letter_queue_url:
            await self._poller.in_thread(lambda: self._sqs.send_message(QueueUrl=dead_letters, MessageBody=json.dumps(event)))


def _queue_message(queue_id: str, message: "MessageTypeDef") -> dict[str, Any]:
    sent_ms = message["Attributes"]["SentTimestamp"]
    wrapped: dict[str, Any] = {
        "message_id": message["MessageId"],
        "md5_of_body": message["MD5OfBody"],
        "body": message["Body"],
        "attributes": {"SentTimestamp": sent_ms},  # whether a receive count is ever among them is unconfirmed
        "message_attributes": {name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()},
        "md5_of_message_attributes": message.get("MD5OfMessageAttributes", ""),
    }
    metadata = _metadata(message["MessageId"], "messagequeue.QueueMessage", datetime.fromtimestamp(int(sent_ms) / 1000, UTC))
    return {"event_metadata": metadata, "details": {"queue_id": queue_id, "message": wrapped}}


def _attribute(value: Any) -> dict[str, str]:
    """Return a message attribute as the documentation's example writes it: data_type "StringValue"."""
    if "BinaryValue" in value:
        return {"data_type": "BinaryValue", "binary_value": base64.b64encode(value["BinaryValue"]).decode()}
    return {"data_type": f"{value['DataType']}Value", "string_value": value["StringValue"]}


def _storage_message(record: dict[str, Any]) -> dict[str, Any]:
    kind = "ObjectCreate" if record["eventName"].startswith("ObjectCreated") else "ObjectDelete"
    metadata = _metadata(str(uuid.uuid4()), f"storage.{kind}", datetime.fromisoformat(record["eventTime"]))
    metadata["tracing_context"] = {"trace_id": uuid.uuid4().hex, "span_id": "", "parent_span_id": ""}
    details = {"bucket_id": record["s3"]["bucket"]["name"], "object_id": unquote_plus(record["s3"]["object"]["key"])}
    return {"event_metadata": metadata, "details": details}


def _metadata(event_id: str, kind: str, created_at: datetime) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "event_type": f"yandex.cloud.events.{kind}",
        "created_at": created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "cloud_id": CLOUD_ID,
        "folder_id": FOLDER_ID,
    }
