"""The workers on machines of one's own, put together: errands, and engines for voice messages or lectures."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from socket import gethostname
from uuid import uuid4

from celery import Celery

from pisar import logs
from pisar.adapters.celery_heartbeat import Aside, beat, jobs_in_hand
from pisar.adapters.celery_queue import (
    ANSWER,
    CALL_BACK,
    FETCH,
    GIVE_UP,
    TRANSCRIBE_AUDIO,
    BrokerPlan,
    Role,
    celery_application,
    declare,
)
from pisar.adapters.clock import SystemClock
from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.fence import keep_secrets
from pisar.adapters.heartbeat_file import HeartbeatFile
from pisar.adapters.model_files import locate_model
from pisar.adapters.object_storage import S3ObjectStore
from pisar.adapters.redis_messages import RedisMessages
from pisar.bucket.watch import BucketWatch
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import JobMessage
from pisar.errors import Unavailable
from pisar.speech.charging import Payers
from pisar.state.api_keys import Keys
from pisar.state.expiry import Expiry, seconds_by_age
from pisar.state.job_records import Records
from pisar.state.waiting_jobs import Line
from pisar.state.worker_presence import OwnPresence
from pisar.wiring import callbacks, dead_letters, parts, settings, transcriber, uploads
from pisar.wiring.celery import broker_plan, queues_over
from pisar.wiring.clients import upload_limits
from pisar.wiring.meters import meter, served
from pisar.wiring.paying import till
from pisar.wiring.queues import Queues
from pisar.work.attempt import Holding
from pisar.work.celery_steps import Steps
from pisar.work.lost_messages import Stranded
from pisar.work.parts import Parts

__all__ = ["ANSWER", "CALL_BACK", "FETCH", "GIVE_UP", "TRANSCRIBE_AUDIO", "Errands", "Role", "Worker", "build"]


@dataclass(frozen=True, slots=True)
class Errands:
    """What needs no engine. Each raises Retryable when it should be tried again, and Unreadable for what it can't read."""

    fetch: Callable[[str], str]
    answer: Callable[[str], None]
    call_back: Callable[[str], None]
    give_up: Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker's door needs. `errands`, `engine` and `look` load what they need when they are called, once in each process.

    `name`: its own among all workers. `look_seconds`: how often what `look` returns is to be called; 0: never. `leave`: to be called
    when the worker was told to stop and has. `note_killed` notes that the kernel ended the process that had a job in hand.
    """

    name: str

    app: Celery
    plan: BrokerPlan
    role: Role
    grace_seconds: float
    errands: Callable[[], Errands]
    engine: Callable[[Callable[[], bool]], Callable[[str], None]]
    look_seconds: float
    look: Callable[[Callable[[], bool]], Callable[[], None]]
    note_killed: Callable[[str], None]
    leave: Callable[[], None]


def build(environment: Mapping[str, str], role: Role) -> Worker:
    """Return the worker, queues made and model downloaded if need be; raise Misconfigured for every setting that is missing or wrong."""
    keep_secrets()
    broker, storage, _, limits, recognising, working, intake, looking, health, logging = settings.read(
        environment,
        settings.Broker,
        settings.Storage,
        settings.Telegram,
        settings.Limits,
        settings.Recognising,
        settings.Working,
        settings.Intake,
        settings.Looking,
        settings.Health,
        settings.Logging,
    )
    logs.configure(role.value, logging.level)
    plan = broker_plan(broker)
    app = celery_application(plan, role)
    if health.heartbeat_file:
        beat(app, HeartbeatFile(health.heartbeat_file).beat)
    name = f"{role.value}-{uuid4().hex[:8]}"
    leave = _be_present(app, storage, name, role, health.presence_seconds) if health.presence_seconds else _nothing
    # Who comes first to a new broker makes everybody's queues: Celery binds all of them, and calls one that is not there yet fatal.
    with suppress(Unavailable):
        declare(app, plan, patiently=True)
    queues = queues_over(app, plan, S3ObjectStore(storage.bucket))
    if role is not Role.ERRANDS:
        locate_model(recognising.model, cache=recognising.model_cache, base_url=recognising.model_url, progress=True)

    def errands() -> Errands:
        _serve(environment, storage)
        voice = AudioLimits(max_bytes=upload_limits(limits).max_bytes, max_seconds=60 * broker.voice_minutes)
        steps = _steps(environment, queues, voice, lease_seconds=intake.lease_seconds, max_tries=broker.max_tries)
        return Errands(
            fetch=lambda job_id: steps.fetch(JobMessage.naming(job_id)).value,
            answer=lambda job_id: steps.answer(JobMessage.naming(job_id)),
            call_back=callbacks.build(environment, queues.callbacks),
            give_up=dead_letters.build(environment, queues).bury,
        )

    def engine(stopping: Callable[[], bool]) -> Callable[[str], None]:
        served(environment)
        holding = Holding(lease_seconds=working.lease_seconds, renews=True, max_tries=broker.max_tries, stopping=stopping)
        transcription = transcriber.build_worker(environment, queues, holding)
        return lambda job_id: transcription.transcribe(JobMessage.naming(job_id))

    def look(stopping: Callable[[], bool]) -> Callable[[], None]:
        looks = [BucketWatch(S3ObjectStore(storage.bucket), uploads.build(environment, queues)).look, _expiry(environment, storage).look]
        if plan.is_redis:
            looks.append(_stranded(environment, storage, queues, RedisMessages(plan)).look)

        def once() -> None:
            for each in looks:
                each(stopping)

        return once

    return Worker(
        name=name,
        app=app,
        plan=plan,
        role=role,
        grace_seconds=broker.grace_seconds,
        errands=errands,
        engine=engine,
        look_seconds=looking.seconds if role is Role.ERRANDS else 0.0,
        look=look,
        note_killed=lambda job_id: Records(S3ObjectStore(storage.bucket), SystemClock()).killed(JobMessage.naming(job_id).job_id),
        leave=leave,
    )


def _expiry(environment: Mapping[str, str], storage: settings.Storage) -> Expiry:
    keeping, answering = settings.read(environment, settings.Keeping, settings.Answering)
    store, clock = S3ObjectStore(storage.bucket), SystemClock()
    return Expiry(store, Records(store, clock), clock, ages=seconds_by_age(keep_days=keeping.days, reuse_hours=answering.reuse_hours))


def _stranded(environment: Mapping[str, str], storage: settings.Storage, queues: Queues, messages: RedisMessages) -> Stranded:
    (lengths,) = settings.read(environment, settings.Lengths)
    store, clock = S3ObjectStore(storage.bucket), SystemClock()
    records = Records(store, clock)
    parts = Parts(records=records, store=store, queue=queues.jobs, clock=clock, at_once=lengths.parts_at_once)
    return Stranded(store=store, records=records, parts=parts, queue=queues.jobs, clock=clock, named=messages.job_ids)


def _be_present(app: Celery, storage: settings.Storage, name: str, role: Role, seconds: float) -> Callable[[], None]:
    own = OwnPresence(
        S3ObjectStore(storage.bucket),
        SystemClock(),
        name=name,
        role=role.value,
        host=gethostname(),
        every_seconds=seconds,
        in_hand=jobs_in_hand,
    )
    # Aside, for a store that is slow must not keep the worker's loop from its broker.
    beat(app, Aside(own.beat, name="presence").poke, seconds=seconds)
    return own.leave


def _nothing() -> None:
    pass


def _serve(environment: Mapping[str, str], storage: settings.Storage) -> None:
    """Serve the process's numbers, and those of the line, which all workers share, if a port is set for it."""
    clock, line = SystemClock(), Line(S3ObjectStore(storage.bucket))
    if (told := served(environment)) is not None:
        told.watch_line(line.length, lambda: line.oldest_seconds(now=clock.now()))


def _steps(environment: Mapping[str, str], queues: Queues, voice: AudioLimits, *, lease_seconds: float, max_tries: int) -> Steps:
    storage, telegram, lengths, recognising, answering = settings.read(
        environment, settings.Storage, settings.Telegram, settings.Lengths, settings.Recognising, settings.Answering
    )
    lease_seconds += telegram.patience_seconds
    ending = parts.ending(
        storage,
        telegram,
        queues,
        at_once=lengths.parts_at_once,
        meter=meter(environment),
        patience_seconds=telegram.patience_seconds,
        lease_seconds=lease_seconds,
    )
    # The answer may wait for Telegram as long as its patience lasts, and the lease must outlast that.
    return Steps(
        records=ending.records,
        store=ending.store,
        decoder=FfmpegDecoder(),
        closing=ending.closing,
        queue=queues.jobs,
        till=till(ending.store, recognising, answering),
        payers=Payers(Keys(ending.store), minutes_per_day=telegram.minutes_per_day),
        voice=voice,
        lease_seconds=lease_seconds,
        max_tries=max_tries,
    )
