"""Recordings that the kernel kills ffmpeg for, and what is no message at all, among good ones, over each broker.

`PISAR_POISON`: how many poisonous jobs among how many good ones, "2/20" by default; `make poison` takes "20/200".
"""

import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import imageio_ffmpeg
import pytest

from localstack.demo import demo_voices
from pisar.adapters.celery_queue import FETCH, Role
from pisar.bot.texts import TEXTS
from pisar.domain.jobs import Job, Outcome, State
from tests.support.answers import Sent, wait_for_answers, wrongly_answered
from tests.support.brokers import BROKERS, Broker
from tests.support.machines import Machines

from .conftest import SETTINGS, eventually, waiting

pytestmark = pytest.mark.slow

POISONOUS, GOOD = map(int, os.environ.get("PISAR_POISON", "2/20").split("/"))
BOUND_SECONDS = 120.0 + 5.0 * (POISONOUS + GOOD)
"""A good one takes some two seconds of two cores; a poisonous one waits two seconds between its tries. Twice that on a busy machine."""

MARK = b"KILL ME"
KILLER = f"""#!/bin/sh
grep -qa '{MARK.decode()}' /dev/stdin && kill -9 $$
exec '{shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()}' "$@"
"""
"""The kernel's killer, played by a wrapper: it gets the file as ffmpeg does, and ends by SIGKILL for some."""

# The work's own times, long enough that nothing comes free under who works on it.
TIMES = {"PISAR_LEASE_SECONDS": "60", "PISAR_INTAKE_LEASE_SECONDS": "60", "PISAR_VISIBILITY_SECONDS": "60"}
QUIET = "its message was lost: queued again"


@pytest.fixture(scope="module", params=BROKERS)
def machines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "bin").mkdir()
    (folder / "bin" / "ffmpeg").write_text(KILLER)
    (folder / "bin" / "ffmpeg").chmod(0o755)
    with ExitStack() as stack:
        broker = stack.enter_context(BROKERS[request.param]())
        settings = SETTINGS | TIMES | {"PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin"}
        machines = stack.enter_context(Machines(broker, folder, settings=settings))
        for service in ("bot", "errands", "worker"):
            machines.start(service)
        machines.ready("bot", "errands", "worker")
        yield machines


def lines(machines: Machines, message: str) -> list[dict[str, Any]]:
    """Return the log lines of the workers that say that."""
    said = [json.loads(line) for name in ("errands", "worker") for line in machines.log(name) if line.startswith("{")]
    return [line for line in said if line["message"] == message]


def records(machines: Machines) -> list[Job]:
    store = machines.store()
    return [Job.decode(store.get(key).body) for key in store.keys("jobs/")]


def emptied(broker: Broker) -> bool:
    return not any(waiting(broker) for _ in range(2))


def test_poisonous_jobs_are_refused_and_the_good_ones_among_them_answered(machines: Machines):
    voices, sent, began = demo_voices(), [], time.monotonic()
    every = (POISONOUS + GOOD) // POISONOUS
    for number in range(POISONOUS + GOOD):
        bad = number % every == 0 and number // every < POISONOUS
        voice = voices[number % len(voices)]
        # ffmpeg passes over what stands behind the last page
        audio = voice.path.read_bytes() + number.to_bytes(2, "big") + MARK * bad
        update = machines.telegram.voice(9000 + number, audio, seconds=2, language_code="en")
        expected = TEXTS["en"]["too_heavy"] if bad else voice.expected or ""
        sent.append(Sent(9000 + number, update["message"]["message_id"], expected, time.monotonic()))
    answered = wait_for_answers(machines, sent, patience_seconds=BOUND_SECONDS)
    assert wrongly_answered(sent, answered) == []
    eventually(lambda: emptied(machines.broker), "empty queues")
    sys.stdout.write(f"{machines.broker.name}: {POISONOUS} among {GOOD} in {time.monotonic() - began:.0f} s\n")
    jobs = records(machines)
    assert Counter(job.outcome for job in jobs) == {Outcome.TRANSCRIBED: GOOD, Outcome.REJECTED: POISONOUS}
    assert {job.state for job in jobs} == {State.FINISHED}
    assert {job.reason for job in jobs if job.outcome is Outcome.REJECTED} == {"too_heavy"}
    assert list(machines.store().keys("audio/")) == []
    # No chain but one for each job: it was fetched once, taken by the engine once, and a poisonous one was tried twice.
    refused = {job.id for job in jobs if job.outcome is Outcome.REJECTED}
    fetched = Counter(line["job_id"] for line in lines(machines, "fetched") if "lane" in line)
    claimed = Counter(line["job_id"] for line in lines(machines, "claimed"))
    assert fetched == claimed == Counter(job.id for job in jobs if job.id not in refused)
    assert Counter(line["job_id"] for line in lines(machines, "not done")) == dict.fromkeys(refused, 1)
    assert lines(machines, QUIET) == []


def message(job: Any = "nobody", **changed: Any) -> dict[str, Any]:
    """Return what Celery sends, its header or kwargs changed."""
    headers = {
        "lang": "py",
        "task": FETCH,
        "id": "an-id",
        "root_id": "an-id",
        "retries": 0,
        "eta": None,
        "argsrepr": "()",
        "kwargsrepr": "{}",
    }
    kwargs = changed.pop("kwargs", {"job_id": job})
    return {"headers": headers | changed, "body": json.dumps([changed.pop("args", []), kwargs, {}])}


def enveloped(sent: dict[str, Any], **about: Any) -> bytes:
    """Return a message as kombu writes it into a list or SQS."""
    import base64  # noqa: PLC0415

    properties = {"delivery_tag": "t", "delivery_info": {"exchange": "pisar", "routing_key": "pisar-errands"}, "body_encoding": "base64"}
    body = base64.b64encode(sent["body"].encode()).decode()
    envelope = {"body": body, "content-type": "application/json", "content-encoding": "utf-8", "headers": sent["headers"]}
    return json.dumps(envelope | {"properties": properties | about}).encode()


TASKS = {
    "an unknown task": message(task="pisar.sing"),
    "a task whose name is a list": message(task=["pisar.fetch"]),
    "no task": {"headers": {}, "body": "[]"},
    "a body that is no JSON": message() | {"body": "{"},
    "a deep body": message() | {"body": "[" * 50_000},
    "a body of another shape": message() | {"body": '{"a": 1}'},
    "arguments of no name": message(kwargs={}),
    "a job that is a number": message(5),
    "a job that is a list": message([1]),
    "a job of 5000 digits": message() | {"body": f'[[], {{"job_id": {"1" * 5000}}}, {{}}]'},
    "a job that is a path": message("../clients/x"),
    "a job of half a pair": message("\ud800"),
    "a job that is not there": message("f" * 32),
    "a time that is none": message(eta="soon"),
    "retries that are no number": message(retries="x"),
}
RAW = {
    "nothing": b"-",
    "no JSON": b"{",
    "deep JSON": b"[" * 50_000,
    "a number": b"5",
    "5000 digits": b"1" * 5000,
    "null": b"null",
    "an empty object": b"{}",
    "an object": b'{"a": 1}',
    "properties that are none": b'{"body": "", "headers": {}, "properties": 5}',
    "a tag that is a list": enveloped(message(), delivery_tag=[]),
    "an encoding nobody knows": enveloped(message(), body_encoding="rot13"),
    "no delivery": enveloped(message(), delivery_info=None),
    "a body that is no base64": enveloped(message()).replace(b'"body": "', b'"body": "!', 1),
}
NO_TEXT = {"no text": b"\xff\xfe\x00"}


def put_into(broker: Broker) -> None:
    """Put garbage of every kind into the errands' queue."""
    queue = Role.ERRANDS.queue
    if broker.name == "redis":
        import redis  # noqa: PLC0415

        with redis.Redis.from_url(broker.url) as client:
            client.lpush(
                queue, *RAW.values(), *NO_TEXT.values(), *(enveloped(one, delivery_tag=str(n)) for n, one in enumerate(TASKS.values()))
            )
        return
    if broker.name == "rabbitmq":
        from kombu import Connection  # noqa: PLC0415

        with Connection(broker.url) as connection, connection.channel() as channel:
            for body in (*RAW.values(), *NO_TEXT.values()):
                channel.basic_publish(channel.prepare_message(body, content_type="application/json"), "", queue)
            for one in TASKS.values():
                told = channel.prepare_message(
                    one["body"], content_type="application/json", content_encoding="utf-8", headers=one["headers"]
                )
                channel.basic_publish(told, "", queue)
        return
    from localstack.cloud.clients import sqs_client  # noqa: PLC0415

    sqs = sqs_client(broker.environment()["AWS_ENDPOINT_URL_SQS"])
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for body in (*RAW.values(), *(enveloped(one) for one in TASKS.values())):
        sqs.send_message(QueueUrl=url, MessageBody=body.decode())


def test_what_is_no_message_is_put_aside_and_holds_nothing_up(machines: Machines):
    pids = {name: machines.pid(name) for name in ("errands", "worker")}
    before = len(machines.log("errands"))
    put_into(machines.broker)
    voice = demo_voices()[0]
    update = machines.telegram.voice(8999, voice.path.read_bytes() + b"after", seconds=2, language_code="en")
    sent = [Sent(8999, update["message"]["message_id"], voice.expected or "", time.monotonic())]
    assert wrongly_answered(sent, wait_for_answers(machines, sent, patience_seconds=90)) == []
    eventually(lambda: emptied(machines.broker), "empty queues")
    assert {name: machines.pid(name) for name in pids} == pids
    assert [name for name in pids if not machines.runs(name)] == []
    errors = [line for line in machines.log("errands")[before:] if '"level": "ERROR"' in line or '"level": "FATAL"' in line]
    assert 0 < len(errors) <= 2 * (len(RAW) + len(NO_TEXT) + len(TASKS)), "once or twice for each, and not again and again"
