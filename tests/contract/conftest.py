"""What the contract tests run over: for each port the in-memory twin, and the real adapter on the local cloud.

A contestant is the port's implementation and, beside it, the eyes and hands the port itself does not give. To hold another
implementation to a contract, add a parameter to its fixture.
"""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import count
from threading import Thread
from typing import Any

import boto3
import pytest
from kombu.transport.native_delayed_delivery import MAX_NUMBER_OF_BITS_TO_USE, level_name

from localstack.cloud.storage import StorageServer
from localstack.telegram import TelegramStandIn
from pisar.adapters.celery_queue import (
    CALL_BACK,
    FETCH,
    BrokerPlan,
    CeleryCallbackQueue,
    CeleryJobQueue,
    Role,
    celery_application,
    declare,
)
from pisar.adapters.loop_thread import end_loop
from pisar.adapters.message_queue import SqsCallbackQueue, SqsJobQueue
from pisar.adapters.object_storage import S3ObjectStore
from pisar.adapters.telegram import AiogramChat
from pisar.domain.answer_to import Reply
from pisar.domain.jobs import JobMessage
from pisar.domain.messages import Button, Mark
from tests.support.brokers import RabbitMq, Redis
from tests.support.twins import (
    ManualClock,
    MemoryCallbackQueue,
    MemoryChat,
    MemoryChatFiles,
    MemoryJobQueue,
    MemoryObjectStore,
    SentMessage,
)

REGION = "ru-central1"
PAGE_KEYS = 5
TOKEN = "123456:AbCsecretsecretsecret"
PERSON = 500100
MARKS = {"bold": "bold", "expandable_blockquote": "quote"}
NUMBERS = count()


@pytest.fixture(scope="session")
def run() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Runs a coroutine on a loop that turns in its own thread, as the local cloud's servers want it."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(60)
    end_loop(loop, thread)


@cache
def client(service: str, url: str) -> Any:
    """Return the client of a server, made once: that costs a tenth of a second of CPU."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.session.Session().client(service, endpoint_url=url, region_name=REGION, **keys)


@dataclass(frozen=True)
class Cloud:
    """S3 and SQS on loopback."""

    server: StorageServer

    @property
    def url(self) -> str:
        return self.server.url

    def client(self, service: str) -> Any:
        return client(service, self.url)

    def new_bucket(self) -> str:
        bucket = f"bucket-{next(NUMBERS)}"
        self.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        return bucket

    def new_queue(self) -> str:
        return self.client("sqs").create_queue(QueueName=f"queue-{next(NUMBERS)}", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]


@pytest.fixture(scope="session")
def storage_server(run) -> Iterator[StorageServer]:
    server = StorageServer()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_S3_DEFAULT_MAX_KEYS", str(PAGE_KEYS))
        run(server.start())
    yield server
    run(server.stop())


@pytest.fixture
def cloud(storage_server, monkeypatch) -> Iterator[Cloud]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    yield Cloud(storage_server)
    storage_server.clear_faults()


@pytest.fixture
def s3_store(cloud) -> S3ObjectStore:
    return S3ObjectStore(cloud.new_bucket(), endpoint_url=cloud.url)


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> Any:
    return MemoryObjectStore() if request.param == "memory" else request.getfixturevalue("s3_store")


@dataclass(frozen=True)
class QueueContestant:
    queue: Any
    bodies: Callable[[], list[str]]  # receives all that waits, and leaves it hidden
    wait: Callable[[float], None] = time.sleep  # lets so many seconds pass
    now: Callable[[], float] = time.time  # on the clock that `wait` waits by


BROKERS = ["redis", "rabbitmq", "sqs"]
SECONDS = dict.fromkeys(Role, 900.0)


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    with Redis() as broker:
        yield broker


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMq]:
    with RabbitMq() as broker:
        yield broker


class Workers:
    """Celery's queues over a broker, as its workers see them: what they take stays theirs, and what is not due yet waits with them."""

    def __init__(self, plan: BrokerPlan) -> None:
        self.plan = plan
        self.app = celery_application(plan)
        self._undue: list[tuple[float, str]] = []
        self.connect()
        self._empty()

    def connect(self) -> None:
        """Be a worker that has just come."""
        theirs = celery_application(self.plan, Role.ERRANDS)
        theirs.conf.broker_transport_options |= {"wait_time_seconds": 0}
        self._connection = theirs.connection_for_read()

    def messages(self) -> list[Any]:
        """Return what the messages that wait hold: arguments by place, by name, and what follows."""
        return [json.loads(message.body) for message in self._taken()]

    def _taken(self) -> Iterator[Any]:
        channel = self._connection.default_channel
        return iter(lambda: channel.basic_get(Role.ERRANDS.queue, no_ack=False), None)

    def bodies(self) -> list[str]:
        for message in self._taken():
            eta = message.headers.get("eta")
            self._undue.append((datetime.fromisoformat(eta).timestamp() if eta else 0.0, self._body(message)))
        due = [body for at, body in self._undue if at <= time.time()]
        self._undue = [(at, body) for at, body in self._undue if at > time.time()]
        return due

    def close(self) -> None:
        self._connection.release()
        self.app.close()

    def _empty(self) -> None:
        """Take away what an earlier test has left."""
        if self.plan.scheme == "sqs":  # which lets a queue be purged once a minute
            sqs = boto3.client("sqs", region_name=REGION)
            for url in sqs.list_queues(QueueNamePrefix="pisar-").get("QueueUrls", []):
                sqs.delete_queue(QueueUrl=url)
            declare(self.app, self.plan)
            return
        declare(self.app, self.plan)
        channel = self._connection.default_channel
        delayed = [level_name(level) for level in range(MAX_NUMBER_OF_BITS_TO_USE)] if self.plan.is_rabbitmq else []
        for queue in [*(role.queue for role in Role), *delayed]:
            channel.queue_purge(queue)

    @staticmethod
    def _body(message: Any) -> str:
        """Return what the port was given."""
        _, kwargs, _ = json.loads(message.body)
        if message.headers["task"] == FETCH:
            return JobMessage(**kwargs).encode()
        assert message.headers["task"] == CALL_BACK
        return kwargs["body"]


def plan_of(request: pytest.FixtureRequest, name: str) -> BrokerPlan:
    """Return the plan for a broker that runs, started if need be."""
    if name != "sqs":
        return BrokerPlan(broker_url=request.getfixturevalue(name).url, limit_seconds=SECONDS)
    cloud, patch = request.getfixturevalue("cloud"), request.getfixturevalue("monkeypatch")
    patch.setenv("AWS_ENDPOINT_URL_SQS", cloud.url)
    return BrokerPlan(broker_url="sqs://", limit_seconds=SECONDS)


@pytest.fixture
def workers(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Workers]]:
    """Makes the workers of a broker, by its name."""
    made: list[Workers] = []

    def make(name: str) -> Workers:
        made.append(Workers(plan_of(request, name)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(params=["memory", "sqs", *(f"celery-{name}" for name in BROKERS)])
def waiting(request: pytest.FixtureRequest) -> QueueContestant:
    if request.param.startswith("celery-"):
        over = request.getfixturevalue("workers")(request.param.removeprefix("celery-"))
        return QueueContestant(CeleryJobQueue(over.app, over.plan), over.bodies)
    if request.param == "memory":
        queue = MemoryJobQueue()
        return QueueContestant(queue, lambda: [message.encode() for _, message in iter(queue.receive, None)])
    cloud = request.getfixturevalue("cloud")
    url = cloud.new_queue()
    return QueueContestant(SqsJobQueue(url, endpoint_url=cloud.url), lambda: received(cloud, url))


@pytest.fixture(params=["memory", "sqs", *(f"celery-{name}" for name in BROKERS)])
def calling(request: pytest.FixtureRequest) -> QueueContestant:
    if request.param.startswith("celery-"):
        over = request.getfixturevalue("workers")(request.param.removeprefix("celery-"))
        return QueueContestant(CeleryCallbackQueue(over.app, over.plan), over.bodies)
    if request.param == "memory":
        clock = ManualClock()
        queue = MemoryCallbackQueue(clock)
        return QueueContestant(queue, lambda: [message.encode() for _, message in iter(queue.receive, None)], clock.advance, clock.now)
    cloud = request.getfixturevalue("cloud")
    url = cloud.new_queue()
    return QueueContestant(SqsCallbackQueue(url, endpoint_url=cloud.url), lambda: received(cloud, url))


def received(cloud: Cloud, url: str) -> list[str]:
    client = cloud.client("sqs")
    batches = iter(lambda: client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", []), [])
    return [message["Body"] for batch in batches for message in batch]


@pytest.fixture
def telegram(run) -> Iterator[TelegramStandIn]:
    """A Telegram; `api_url` is where its Bot API listens."""
    stand_in = TelegramStandIn(TOKEN)
    stand_in.api_url = run(stand_in.start())
    yield stand_in
    run(stand_in.stop())


@pytest.fixture
def aiogram_chat(telegram) -> Iterator[AiogramChat]:
    chat = AiogramChat(TOKEN, api_url=telegram.api_url, timeout_seconds=60)
    yield chat
    chat.close()


@dataclass(frozen=True)
class ChatContestant:
    chat: Any
    reply: Reply  # to a message a person has just sent
    messages: Callable[[], dict[int, SentMessage]]  # what the bot has in the chat
    forget: Callable[[int], None]  # a person deletes a message
    press: Callable[[int, str], str]  # a person presses a button under a message; the press's id
    acknowledged: Callable[[str], list[str]]  # what a press was answered with
    promote: Callable[[int, int], None]  # a group makes a person an administrator; the bot knows both


@pytest.fixture(params=["memory", "aiogram"])
def talk(request: pytest.FixtureRequest) -> ChatContestant:
    if request.param == "memory":
        chat = MemoryChat()
        reply = Reply(chat_id=PERSON, message_id=42)
        return ChatContestant(
            chat,
            reply,
            lambda: chat.messages(PERSON),
            lambda message_id: chat.forget(PERSON, message_id),
            lambda slot, data: f"{slot}-{data}-{next(NUMBERS)}",
            lambda press_id: [text for pressed, text in chat.acknowledged if pressed == press_id],
            lambda chat_id, user: chat.admins.add((chat_id, user)),
        )
    telegram = request.getfixturevalue("telegram")
    source = telegram.voice(PERSON, b"OggS", seconds=1)["message"]["message_id"]

    def messages() -> dict[int, SentMessage]:
        return {
            seen.message_id: SentMessage(
                text=seen.now.text,
                reply_to=seen.reply_to,
                thread_id=seen.thread_id,
                document_name=seen.document_name,
                document=seen.document,
                keyboard=tuple(tuple(Button(label, data) for label, data in row) for row in seen.buttons),
                silent=seen.silent,
                marks=tuple(Mark(MARKS[one["type"]], one["offset"], one["length"]) for one in seen.now.entities if one["type"] in MARKS),
            )
            for seen in telegram.answers(PERSON)
        }

    def promote(chat_id: int, user: int) -> None:
        for chat in (chat_id, chat_id - 1):
            telegram.text(chat, "hi", user=user)
        telegram.text(chat_id, "hi", user=user + 1)
        telegram.promote(chat_id, user)

    return ChatContestant(
        request.getfixturevalue("aiogram_chat"),
        Reply(chat_id=PERSON, message_id=source),
        messages,
        lambda message_id: telegram.delete(PERSON, message_id),
        lambda slot, data: telegram.press(PERSON, slot, data)["callback_query"]["id"],
        lambda press_id: [given["text"] for given in telegram.callback_answers(press_id)],
        promote,
    )


@dataclass(frozen=True)
class FilesContestant:
    files: Any
    add: Callable[[bytes], str]  # a person sends a file; its id


@pytest.fixture(params=["memory", "aiogram"])
def sent(request: pytest.FixtureRequest) -> FilesContestant:
    if request.param == "memory":
        files = MemoryChatFiles()

        def add(content: bytes) -> str:
            files.add("file", content)
            return "file"

        return FilesContestant(files, add)
    telegram = request.getfixturevalue("telegram")
    return FilesContestant(
        request.getfixturevalue("aiogram_chat"),
        lambda content: telegram.voice(PERSON, content, seconds=1)["message"]["voice"]["file_id"],
    )
