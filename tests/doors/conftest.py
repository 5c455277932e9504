"""What stands around a door: storage, queue and Telegram; each door runs as the cloud runs it, in a process of its own."""

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from localstack.cloud.clients import queue_with_dead_letters, s3_client, sqs_client
from localstack.cloud.containers import Container
from localstack.cloud.exchange import Request, Response
from localstack.cloud.functions import Function
from localstack.cloud.logbook import LogBook
from localstack.cloud.storage import StorageServer
from localstack.stack import BUCKET, CREDENTIALS, DEMO_MODEL, ROOT
from localstack.telegram import TelegramStandIn
from localstack.telegram.world import StoredFile
from pisar.adapters.clock import SystemClock
from pisar.adapters.loop_thread import end_loop
from pisar.adapters.object_storage import S3ObjectStore
from pisar.state.job_records import Records

EVENTS = ROOT / "tests" / "data" / "events"
VOICE = (ROOT / "demo" / "voices" / "ru-1.ogg").read_bytes()
TOKEN = "123456:AAF-made_up_for_doors"
SECRET = "hush"
SECONDS = 60.0

T = TypeVar("T")


def recorded(name: str) -> Any:
    """Return a recorded event."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def file_ids(value: Any) -> set[str]:
    """Return every file that an update names."""
    if isinstance(value, dict):
        own = {value["file_id"]} if "file_id" in value else set()
        return own.union(*map(file_ids, value.values()))
    return set().union(*map(file_ids, value)) if isinstance(value, list) else set()


@dataclass
class Surroundings:
    """Everything a door talks to. `settings` is what each deployable is given."""

    storage: StorageServer = field(default_factory=StorageServer)
    telegram: TelegramStandIn = field(default_factory=lambda: TelegramStandIn(TOKEN, private_topics=True))
    logs: LogBook = field(default_factory=LogBook)
    queue_url: str = ""
    callback_queue_url: str = ""
    settings: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        storage_url = self.run(self.storage.start())
        telegram_url = self.run(self.telegram.start())
        s3_client(storage_url).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ru-central1"})  # type: ignore[typeddict-item]
        self.queue_url, _ = queue_with_dead_letters(sqs_client(storage_url), "jobs", visibility_timeout=60, max_deliveries=5)
        self.callback_queue_url, _ = queue_with_dead_letters(sqs_client(storage_url), "callbacks", visibility_timeout=60, max_deliveries=5)
        storage = CREDENTIALS | {"AWS_ENDPOINT_URL_S3": storage_url, "AWS_ENDPOINT_URL_SQS": storage_url, "PISAR_BUCKET": BUCKET}
        telegram = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram_url}
        webhook = {"PISAR_QUEUE_URL": self.queue_url, "TELEGRAM_WEBHOOK_SECRET": SECRET, "TELEGRAM_ALLOWED_IDS": "*"}
        self.settings = {
            "webhook": storage | telegram | webhook,
            "authorizer": storage,
            "callbacks": storage | {"PISAR_CALLBACK_QUEUE_URL": self.callback_queue_url, "PISAR_CALLBACK_HOSTS": "localhost"},
            "dead_letters": storage | telegram | {"PISAR_QUEUE_URL": self.queue_url},
            "transcriber": storage | telegram | {"PISAR_QUEUE_URL": self.queue_url, "PISAR_MODEL": str(DEMO_MODEL), "PISAR_THREADS": "1"},
        }

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    def close(self) -> None:
        self.run(self.telegram.stop())
        self.run(self.storage.stop())
        end_loop(self._loop, self._thread)

    def function(self, name: str, environment: Mapping[str, str] | None = None) -> Function:
        given = self.settings[name] if environment is None else environment
        return Function(name, ROOT / "functions" / name, "main.handler", given, memory_mb=512, on_line=self.logs.add)

    def container(self, environment: Mapping[str, str] | None = None) -> Container:
        given = self.settings["transcriber"] if environment is None else environment
        command = (sys.executable, str(ROOT / "containers" / "transcriber" / "app.py"))
        return Container("transcriber", command, given, on_line=self.logs.add)

    def store(self) -> S3ObjectStore:
        return S3ObjectStore(BUCKET, endpoint_url=self.storage.url)

    def records(self) -> Records:
        return Records(self.store(), SystemClock())

    def know(self, update: Any) -> None:
        """Let Telegram have the update's chat, and every file it names; each holds the same voice."""
        message = update["message"]
        topic = {"thread": message["message_thread_id"]} if message.get("is_topic_message") else {}
        if number := message.get("direct_messages_topic", {}).get("topic_id"):
            topic = {"direct_topic": number}
        self.telegram.text(message["chat"]["id"], "/start", held=True, **topic)
        for file_id in file_ids(update):
            described = {"file_id": file_id, "file_unique_id": "u", "file_size": len(VOICE)}
            file = StoredFile(f"voice/{file_id}.oga", VOICE, len(VOICE), "voice", described)
            self.telegram.world.files[file_id] = file

    def taken_jobs(self) -> list[str]:
        """Return the bodies of the messages on the queue, and take them off it."""
        sqs, bodies = sqs_client(self.storage.url), []
        while found := sqs.receive_message(QueueUrl=self.queue_url).get("Messages"):
            for message in found:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return bodies


@pytest.fixture(scope="session")
def surroundings() -> Iterator[Surroundings]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        surroundings = Surroundings()
        yield surroundings
        surroundings.close()


def _door(surroundings: Surroundings, name: str) -> Iterator[Callable[[Any], Any]]:
    function = surroundings.function(name)
    yield lambda event: surroundings.run(function.invoke(event))
    surroundings.run(function.stop())


@pytest.fixture(scope="session")
def webhook(surroundings: Surroundings) -> Iterator[Callable[[Any], Any]]:
    yield from _door(surroundings, "webhook")


@pytest.fixture(scope="session")
def authorizer(surroundings: Surroundings) -> Iterator[Callable[[Any], Any]]:
    yield from _door(surroundings, "authorizer")


@pytest.fixture(scope="session")
def callbacks(surroundings: Surroundings) -> Iterator[Callable[[Any], Any]]:
    yield from _door(surroundings, "callbacks")


@pytest.fixture(scope="session")
def dead_letters(surroundings: Surroundings) -> Iterator[Callable[[Any], Any]]:
    yield from _door(surroundings, "dead_letters")


@pytest.fixture(scope="session")
def transcriber(surroundings: Surroundings) -> Iterator[Callable[[str, bytes], Response]]:
    container = surroundings.container()

    def post(path: str, body: bytes) -> Response:
        request = Request("POST", path, (("Content-Type", "application/json"),), body)
        return surroundings.run(container.call_http(request))

    yield post
    surroundings.run(container.stop())


def renamed(value: Any, old: int, new: int) -> Any:
    """Return a recorded update with one id in the place of another."""
    if isinstance(value, dict):
        return {name: renamed(one, old, new) for name, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, old, new) for one in value]
    return new if value == old else value
