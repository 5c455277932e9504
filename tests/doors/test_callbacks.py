"""The callbacks function, given recorded events, calling a receiver on this machine."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

import pytest

from localstack.cloud.clients import sqs_client
from localstack.cloud.exchange import CallFailed
from pisar.domain.answer_to import Order
from pisar.domain.callbacks import CallbackMessage, headers
from pisar.domain.clients import Client
from pisar.domain.jobs import Options, Outcome
from pisar.state.api_keys import Keys
from pisar.state.job_records import Held

from .conftest import Surroundings, recorded

IDS = (f"{number:032x}" for number in count(2_000_000))


@dataclass
class Receiver:
    status: int = 200
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            receiver.got.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(receiver.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"http://localhost:{server.server_port}/hook?token=hush"
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def client(surroundings: Surroundings) -> Client:
    return Keys(surroundings.store()).create("caller", now=0).client


def accepted(surroundings: Surroundings, client: Client, url: str) -> Held:
    order = Order(client=client.key_hash, callback_url=url)
    held = surroundings.records().accept(next(IDS), lease_seconds=60, options=Options(), answer_to=order)
    assert held is not None
    return held


def finished(surroundings: Surroundings, client: Client, url: str) -> str:
    """Make a job that its client wants to be told of, and end it; return its id."""
    return surroundings.records().finish(accepted(surroundings, client, url), Outcome.TRANSCRIBED).job.id


def event_of(*bodies: str):
    """Return the trigger's recorded event with these messages."""
    event = recorded("queue_trigger")
    text = json.dumps(event["messages"][0])
    event["messages"] = [json.loads(text) for _ in bodies]
    for one, body in zip(event["messages"], bodies, strict=True):
        one["details"]["message"]["body"] = body
    return event


def queued(surroundings: Surroundings) -> int:
    """Return how many callbacks wait for their time."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    counted = sqs_client(surroundings.storage.url).get_queue_attributes(QueueUrl=surroundings.callback_queue_url, AttributeNames=names)
    return sum(map(int, counted["Attributes"].values()))


def test_every_message_of_a_batch_becomes_a_signed_call(surroundings: Surroundings, callbacks, client: Client, receiver: Receiver):
    jobs = [finished(surroundings, client, receiver.url) for _ in range(2)]
    before = queued(surroundings)
    assert callbacks(event_of(*(CallbackMessage(job).encode() for job in jobs))) is None
    assert queued(surroundings) == before
    assert [json.loads(body)["id"] for _, _, body in receiver.got] == jobs
    for (path, shown, body), job in zip(receiver.got, jobs, strict=True):
        told = json.loads(body)
        assert (path, told) == ("/hook?token=hush", {"id": job, "state": "done", "finished_at": told["finished_at"]})
        signed = headers(client.callback_secret, job, int(shown["X-Pisar-Timestamp"]), body)
        assert {name: shown.get(name) for name in signed} == signed


def test_a_call_that_fails_is_queued_again_and_the_message_done(surroundings: Surroundings, callbacks, client: Client, receiver: Receiver):
    receiver.status = 503
    job = finished(surroundings, client, receiver.url)
    before = queued(surroundings)
    assert callbacks(event_of(CallbackMessage(job).encode())) is None
    assert (len(receiver.got), queued(surroundings)) == (1, before + 1)
    (line,) = surroundings.logs.wait_for(lambda: surroundings.logs.lines(message="callback failed", job_id=job))
    assert (line["host"], line["again_in_seconds"], line["why"]) == ("localhost", 10, "it was answered 503")
    assert "hush" not in str(line)


def test_an_address_nobody_named_is_not_called(surroundings: Surroundings, callbacks, client: Client, receiver: Receiver):
    job = finished(surroundings, client, receiver.url.replace("localhost", "127.0.0.1"))
    assert callbacks(event_of(CallbackMessage(job).encode())) is None
    assert receiver.got == []


def test_an_unfinished_job_brings_the_message_back(surroundings: Surroundings, callbacks, client: Client, receiver: Receiver):
    held = accepted(surroundings, client, receiver.url)
    with pytest.raises(CallFailed):
        callbacks(event_of(CallbackMessage(held.job.id).encode()))
    assert receiver.got == []


@pytest.mark.parametrize("body", ["не JSON", "{}", '{"job_id": "a"}'])
def test_a_message_nobody_can_read_brings_it_back(callbacks, body: str):
    with pytest.raises(CallFailed):
        callbacks(event_of(body))
