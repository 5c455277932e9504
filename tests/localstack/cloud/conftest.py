"""The local cloud's parts in a loop of their own thread, as the stack runs them, and tests outside it."""

import asyncio
import json
import os
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, TypeVar

import pytest

from localstack.cloud.clients import s3_client, sqs_client
from localstack.cloud.containers import Container
from localstack.cloud.functions import Function
from localstack.cloud.gateway import Gateway
from localstack.cloud.storage import StorageServer
from localstack.cloud.triggers import ObjectStorageTrigger, QueueTrigger
from pisar.adapters.loop_thread import end_loop

T = TypeVar("T")
DEADLINE_SECONDS = 60.0

# Answers what it was asked, unless the path says otherwise.
ECHO = """
import base64, json, os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Echo(BaseHTTPRequestHandler):
    wbufsize = -1
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        word, _, value = self.path.strip("/").partition("/")
        print(self.command, self.path, flush=True)
        if word == "die":
            os._exit(1)
        if word == "wait":
            open("/" + value).close()
        status = int(value) if word == "status" else 200
        seen = {"method": self.command, "path": self.path, "headers": self.headers.items(), "body": base64.b64encode(body).decode()}
        answer = b"x" * int(value) if word == "big" else json.dumps(seen).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Request-Id", "the container's own")
        self.send_header("X-Kept", "yes")
        if word == "via":
            self.send_header("Via", "1.1 somebody")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    do_GET = do_POST = do_PUT = do_DELETE = answer
    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Echo).serve_forever()
"""


class Loop:
    """An event loop in a thread; calling it runs a coroutine there and returns its result."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def __call__(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.submit(coroutine).result(DEADLINE_SECONDS)

    def submit(self, coroutine: Coroutine[Any, Any, T]):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def close(self) -> None:
        end_loop(self.loop, self._thread)


class Lines:
    """The lines that instances printed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lines: list[tuple[str, str]] = []

    def add(self, source: str, line: str) -> None:
        with self._changed:
            self._lines.append((source, line))
            self._changed.notify_all()

    @property
    def texts(self) -> list[str]:
        with self._changed:
            return [line for _, line in self._lines]

    def wait_for(self, text: str, times: int = 1) -> None:
        with self._changed:
            found = self._changed.wait_for(lambda: sum(text in line for _, line in self._lines) >= times, DEADLINE_SECONDS)
            assert found, f"{text!r} was not printed {times} times; printed was {self._lines}"


def wait_until(condition: Callable[[], T]) -> T:
    """Return the condition's first true value; look again every 20 ms until the deadline."""
    tick = threading.Event()
    for _ in range(int(DEADLINE_SECONDS / 0.02)):
        if value := condition():
            return value
        tick.wait(0.02)
    pytest.fail("the condition never held")


@pytest.fixture(name="until")
def _until():
    return wait_until


@pytest.fixture(scope="session")
def run() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def storage_process(run: Loop) -> Iterator[StorageServer]:
    server = StorageServer()
    run(server.start())
    yield server
    run(server.stop())


@pytest.fixture
def storage(storage_process: StorageServer) -> Iterator[StorageServer]:
    yield storage_process
    storage_process.clear_faults()


@pytest.fixture
def s3(storage: StorageServer):
    return s3_client(storage.url)


@pytest.fixture
def bucket(s3) -> str:
    name = f"bucket-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ru-central1"})
    return name


@pytest.fixture
def kept_port() -> Iterator[int]:
    """A port that nobody else is given, whether or not a server of the test listens on it: it stays bound, and is listened on by none.

    Linux lets a server bind it all the same when both sockets set SO_REUSEADDR, as Python's servers do.
    """
    with socket.socket() as reservation:
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind(("127.0.0.1", 0))
        yield reservation.getsockname()[1]


class Queues:
    """Queues of the local cloud, as a program sees them."""

    def __init__(self, sqs) -> None:
        self.sqs = sqs

    def new(self, **attributes: str) -> str:
        return self.sqs.create_queue(QueueName=f"queue-{uuid.uuid4()}", Attributes=attributes)["QueueUrl"]

    def new_with_dead_letters(self, max_receive_count: int, **attributes: str) -> tuple[str, str]:
        dead = self.new()
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": max_receive_count})
        return self.new(RedrivePolicy=redrive, **attributes), dead

    def send(self, queue: str, body: str, **options: Any) -> dict[str, Any]:
        return self.sqs.send_message(QueueUrl=queue, MessageBody=body, **options)

    def receive(self, queue: str) -> list[dict[str, Any]]:
        return self.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])

    def length(self, queue: str) -> int:
        """Return how many messages the queue holds, those in flight included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(int(value) for value in self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values())

    def wait_for_length(self, queue: str, length: int) -> None:
        """Wait until the queue is that long, twice: a message that becomes visible between the two counts is in neither."""
        wait_until(lambda: [self.length(queue), self.length(queue)] == [length, length])


@pytest.fixture
def queues(storage: StorageServer) -> Queues:
    return Queues(sqs_client(storage.url))


@pytest.fixture
def start(run: Loop, stopped: list[Any]) -> Callable[[Any], Any]:
    def start(part: Any) -> Any:
        stopped.append(part)
        run(part.start())
        return part

    return start


@pytest.fixture
def watch_queue(storage: StorageServer, start: Callable[[Any], Any]) -> Callable[..., QueueTrigger]:
    return lambda queue, target, *how, **options: start(QueueTrigger(storage.url, queue, target, *how, **options))


class Bucket:
    """A bucket of the local cloud and its triggers."""

    def __init__(self, url: str, start: Callable[[Any], Any]) -> None:
        self.name = f"bucket-{uuid.uuid4()}"
        self._url = url
        self._start = start
        self._s3 = s3_client(url)
        self._s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": "ru-central1"})

    def watch(self, target: Any, **options: Any) -> ObjectStorageTrigger:
        return self._start(ObjectStorageTrigger(self._url, self.name, target, **options))

    def events_queue(self) -> str:
        """Return the URL of the queue that the bucket's one trigger has subscribed to it."""
        (subscribed,) = self._s3.get_bucket_notification_configuration(Bucket=self.name)["QueueConfigurations"]
        return sqs_client(self._url).get_queue_url(QueueName=subscribed["QueueArn"].rpartition(":")[2])["QueueUrl"]

    def put(self, key: str) -> None:
        self._s3.put_object(Bucket=self.name, Key=key, Body=b"x")

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=self.name, Key=key)


@pytest.fixture
def drops(storage: StorageServer, start: Callable[[Any], Any]) -> Bucket:
    return Bucket(storage.url, start)


class Gate:
    """A pipe: who opens it for reading waits until the test opens it, and finds it empty."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: int | None = None
        os.mkfifo(path)

    def open(self) -> None:
        """Let through who waits and who comes later; fail when nobody comes."""
        self._writer = wait_until(self._try)

    def close(self) -> None:
        if self._writer is not None:
            os.close(self._writer)

    def _try(self) -> int | None:
        try:
            return os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads
            return None


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.close()


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def stopped(run: Loop) -> Iterator[list[Any]]:
    """What is appended here is stopped after the test, the last first."""
    parts: list[Any] = []
    yield parts
    for part in reversed(parts):
        run(part.stop())


@pytest.fixture
def new_function(tmp_path: Path, lines: Lines, stopped: list[Any]) -> Callable[..., Function]:
    def new(source: str, environment: dict[str, str] | None = None, *, function_id: str = "fn", **options: Any) -> Function:
        folder = tmp_path / function_id
        folder.mkdir()
        (folder / "main.py").write_text(dedent(source))
        function = Function(function_id, folder, "main.handler", environment or {}, on_line=lines.add, **options)
        stopped.append(function)
        return function

    return new


@pytest.fixture
def new_container(tmp_path: Path, lines: Lines, stopped: list[Any]) -> Callable[..., Container]:
    def new(source: str = ECHO, environment: dict[str, str] | None = None, *, container_id: str = "box", **options: Any) -> Container:
        app = tmp_path / f"{container_id}.py"
        app.write_text(dedent(source))
        container = Container(container_id, [sys.executable, str(app)], environment or {}, on_line=lines.add, **options)
        stopped.append(container)
        return container

    return new


@pytest.fixture
def new_gateway(run: Loop, stopped: list[Any]) -> Callable[..., str]:
    def new(document: str, targets: dict[str, Any] | None = None, variables: dict[str, str] | None = None, **options: Any) -> str:
        gateway = Gateway(dedent(document), variables or {}, targets or {}, **options)
        stopped.append(gateway)
        return run(gateway.start())

    return new
