"""Taking messages off a queue until told to stop, whatever happens to the storage meanwhile.

A batch is deleted when its handler returns true and left alone otherwise, so that the visibility timeout brings it back
and the queue's redrive policy counts it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

REGION = "ru-central1"
WAIT_SECONDS = 1  # a long poll, unless told otherwise
BACKOFF_SECONDS = 0.2  # after a failed request; a fault test's outage lasts longer than this, a person's patience too
MAX_RECEIVE = 10  # messages of one ReceiveMessage, SQS's limit

Handler = Callable[[list["MessageTypeDef"]], Awaitable[bool]]

_log = logging.getLogger(__name__)

# One attempt: what the storage drops or lets hang is asked for again by the poller, not by botocore. A busy machine may keep the
# storage from its work for seconds; a request given up then would have been carried out all the same.
_CONFIG = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=10,
    read_timeout=30,
    max_pool_connections=50,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_CREDENTIALS: dict[str, Any] = {"region_name": REGION, "aws_access_key_id": "local", "aws_secret_access_key": "local"}


def sqs_client(endpoint_url: str) -> "SQSClient":
    """Return a client of the local SQS; safe for threads."""
    return boto3.session.Session().client("sqs", endpoint_url=endpoint_url, config=_CONFIG, **_CREDENTIALS)


def s3_client(endpoint_url: str) -> "S3Client":
    """Return a client of the local S3; safe for threads."""
    return boto3.session.Session().client("s3", endpoint_url=endpoint_url, config=_CONFIG, **_CREDENTIALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How to poll; without `visibility_timeout_seconds` the queue's own holds.

    `parallel` batches are handled at a time. A batch is full at `batch_size`, or `batch_cutoff_seconds` after its first message.
    A long poll lasts `wait_seconds`, 20 at most, and so may `stop`.
    """

    batch_size: int = 1
    batch_cutoff_seconds: float = 10.0
    visibility_timeout_seconds: int | None = None
    parallel: int = 1
    wait_seconds: int = WAIT_SECONDS


class Poller:
    """Polls one queue. Its methods belong to the loop's thread; requests to SQS are made in threads."""

    def __init__(self, sqs: "SQSClient", queue_url: str, handle: Handler, polling: Polling) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._handle = handle
        self._polling = polling
        self._threads = ThreadPoolExecutor(max_workers=polling.parallel, thread_name_prefix="poller")
        self._stopping = asyncio.Event()
        self._pollers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to poll."""
        self._pollers = [asyncio.create_task(self._poll()) for _ in range(self._polling.parallel)]

    async def stop(self, *, at_once: bool = False) -> None:
        """Stop polling; a batch being handled is given up and returns to the queue after its visibility timeout.

        `at_once` is for when the storage ends too: the long poll in progress, which may yet take a message, is not waited for.
        """
        self._stopping.set()
        if not at_once:
            await asyncio.wait(self._pollers, timeout=self._polling.wait_seconds + 0.5)
        for poller in self._pollers:
            poller.cancel()
        await asyncio.gather(*self._pollers, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def pause(self, seconds: float) -> bool:
        """Wait; return false at once when told to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return not self._stopping.is_set()

    async def in_thread(self, request: Callable[[], Any]) -> Any:
        """Make a request to the storage in a thread, again and again until it succeeds; return None when told to stop."""
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, request)
            except (BotoCoreError, ClientError) as error:
                _log.warning("the storage failed a trigger: %s", error)
                if not await self.pause(BACKOFF_SECONDS):
                    return None

    async def _poll(self) -> None:
        while not self._stopping.is_set():
            batch = await self._receive_batch()
            if not batch or self._stopping.is_set():
                continue
            try:
                succeeded = await self._handle(batch)
            except Exception:  # noqa: BLE001 - a message nobody can read must not end the trigger
                _log.exception("a trigger's handler broke; its messages will come back")
                continue
            if succeeded:
                await self.in_thread(lambda batch=batch: self._delete(batch))  # type: ignore[misc]

    async def _receive_batch(self) -> list["MessageTypeDef"]:
        batch = await self._receive(self._polling.batch_size)
        deadline = time.monotonic() + self._polling.batch_cutoff_seconds
        while batch and len(batch) < self._polling.batch_size and not self._stopping.is_set():
            if time.monotonic() >= deadline:
                break
            batch += await self._receive(self._polling.batch_size - len(batch))
        return batch

    async def _receive(self, count: int) -> list["MessageTypeDef"]:
        options: dict[str, Any] = {}
        if self._polling.visibility_timeout_seconds is not None:
            options["VisibilityTimeout"] = self._polling.visibility_timeout_seconds
        answer = await self.in_thread(
            lambda: self._sqs.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=min(count, MAX_RECEIVE),
                WaitTimeSeconds=self._polling.wait_seconds,
                MessageSystemAttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
                **options,
            )
        )
        messages: list[MessageTypeDef] = answer.get("Messages", []) if answer else []
        return messages

    def _delete(self, batch: list["MessageTypeDef"]) -> None:
        for message in batch:
            try:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                _log.warning("a message can't be deleted, nor could it be later: %s", error)
