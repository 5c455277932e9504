"""Events of queues and storage, and messages of brokers, thrown at the doors: `python -m tests.fuzz events`."""

from random import Random
from typing import Any

from pisar import cloud_events
from pisar.answers.callbacks import Callbacks
from pisar.bucket.drops import Drops
from pisar.domain.answer_to import Order
from pisar.domain.audio import AudioLimits
from pisar.domain.bucket import INCOMING
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage, Options
from pisar.errors import Retryable, Unreadable
from pisar.work.queueing import Queueing
from tests.fuzz.inputs import TEXTS, in_words, mutated, written
from tests.fuzz.running import Kind, noted
from tests.fuzz.worlds import look_over, new_world
from tests.support.twins import MemoryCallbackSender
from tests.unit.api.test_client_jobs import Api
from tests.unit.world import LEASE, LIMITS, MAX_WAITING

FOREIGN_KEYS = ("uploads/", "uploads/a.ogg", "uploads/x/pisar.json", "incoming/", "transcripts/a.txt", "clients/a.json", *TEXTS)
OPTIONS = {"language": "ru", "formats": ["text", "srt"], "prompt": "Марина", "temperature": 0.2, "track": 1, "task": "translate"}


def _event(chance: Random, details: dict[str, Any], kind: str) -> Any:
    metadata = {"event_type": f"yandex.cloud.events.{kind}", "event_id": "e", "created_at": "2026-09-24T00:54:28.980441Z"}
    return noted(in_words(chance, mutated(chance, {"messages": [{"event_metadata": metadata, "details": details}]})))


def _message(chance: Random, body: Any) -> Any:
    text = written(chance, mutated(chance, body)).decode(errors="surrogateescape")
    message = {"message_id": chance.choice(["m1", "0123-abc", *TEXTS]), "body": text, "attributes": {}}
    return _event(chance, {"queue_id": "q", "message": message}, "messagequeue.QueueMessage")


def _some_job(chance: Random, world: Api) -> str:
    this = f"{len(world.stored('jobs/')):032x}"  # a job of its own, for each record stays
    match chance.randrange(3):
        case 0:
            return this
        case 1:
            held = world.records.accept(this, lease_seconds=0, options=Options(), answer_to=Order(client=world.boris.key_hash))
            assert held is not None
            world.store.put(held.job.audio_key, b"hello there")
            world.queue.put(JobMessage(this))  # it is worked off, whatever became of the message that is thrown
            return this
        case _:
            created = world.create(world.boris)
            world.jobs.delete(world.boris, created.job.id)
            return created.job.id


def _buried(chance: Random, world: Api) -> None:
    for message in cloud_events.queue_messages(_message(chance, {"job_id": _some_job(chance, world)})):
        world.dead_letters.bury(message.message_id, message.body)


def _called_back(chance: Random, world: Api) -> None:
    flow = Callbacks(records=world.records, keys=world.keys, queue=world.callbacks, sender=MemoryCallbackSender(), clock=world.clock)
    body = {"job_id": _some_job(chance, world), "attempt": chance.choice([1, 31, 32, 0])}
    for message in cloud_events.queue_messages(_message(chance, body)):
        flow.deliver(CallbackMessage.decode(message.body))


def _worked_on(chance: Random, world: Api) -> None:
    for message in cloud_events.queue_messages(_message(chance, {"job_id": _some_job(chance, world)})):
        world.transcription.work(JobMessage.decode(message.body))


def _uploaded(chance: Random, world: Api) -> None:
    key = chance.choice(FOREIGN_KEYS)
    match chance.randrange(3):
        case 0:
            key = f"{INCOMING}{_some_job(chance, world)}"
        case 1:
            folder = f"uploads/{len(world.stored('jobs/'))}"
            key = f"{folder}/a.ogg"
            attached = {
                f"pisar-{name}": chance.choice(["ru", "srt", "=?utf-8?b?0L8=?=", *TEXTS])[:500] for name in chance.sample(list(OPTIONS), 2)
            }
            world.store.drop(key, b"hello there", attached if chance.random() < 0.5 else {})
            world.store.put(f"{folder}/pisar.json", written(chance, mutated(chance, OPTIONS)))
    event = _event(chance, {"bucket_id": "pisar", "object_id": key}, "storage.ObjectCreate")
    drops = Drops(
        records=world.records,
        store=world.store,
        cache=world.cache,
        queueing=Queueing(records=world.records, store=world.store, queue=world.queue, max_waiting=MAX_WAITING),
        limits=AudioLimits(max_bytes=LIMITS.max_bytes, max_seconds=60),
        options=Options(),
        lease_seconds=LEASE,
        comes_again=False,
    )
    for stored in cloud_events.stored_objects(event):
        if stored.event_type == "ObjectCreate":
            (world.jobs.uploaded if stored.key.startswith(INCOMING) else drops.receive)(stored.key)
    world.work_off()


DOORS = {"dead_letters": _buried, "callbacks": _called_back, "queue": _worked_on, "uploads": _uploaded}


def attempt(chance: Random, world: Api) -> str:
    """Throw one event at one door; return which, and whether it was refused as a door may."""
    name = chance.choice(list(DOORS))
    try:
        DOORS[name](chance, world)
    except Unreadable:
        return f"{name} unreadable"
    except Retryable:
        return f"{name} later"
    return f"{name} done"


KIND = Kind(attempt, new_world, look_over)
