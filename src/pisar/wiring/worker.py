"""Builds the self-hosted workers: one for errands without an engine, and engines for voice messages or lectures."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from socket import gethostname
from typing import Self
from uuid import uuid4

from celery import Celery

from pisar.adapters.celery_dead_letters import DeadMessages
from pisar.adapters.celery_heartbeat import Aside, beat, jobs_in_hand
from pisar.adapters.celery_queue import ANSWER, CALL_BACK, FETCH, GIVE_UP, TRANSCRIBE_AUDIO, BrokerPlan, Role, declare
from pisar.adapters.fence import keep_secrets
from pisar.adapters.model_files import locate_model
from pisar.adapters.redis_messages import RedisMessages
from pisar.bucket.watch import BucketWatch
from pisar.domain.callbacks import CallbackMessage
from pisar.domain.jobs import JobMessage
from pisar.errors import Unavailable
from pisar.state.expiry import Expiry, seconds_by_age
from pisar.state.waiting_jobs import Line
from pisar.state.worker_presence import OwnPresence
from pisar.wiring import settings
from pisar.wiring.celery import CeleryBroker
from pisar.wiring.clients import GROUPS, Clients
from pisar.wiring.work import Work
from pisar.work.attempt import Holding
from pisar.work.lost_messages import Stranded

__all__ = ["ANSWER", "CALL_BACK", "FETCH", "GIVE_UP", "TRANSCRIBE_AUDIO", "Errands", "Role", "Worker", "build"]


@dataclass(frozen=True, slots=True)
class Errands:
    """The tasks that need no engine. Each raises Retryable when it should be tried again, and Unreadable for an unreadable message."""

    fetch: Callable[[str], str]
    answer: Callable[[str], None]
    call_back: Callable[[str], None]
    give_up: Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker's process needs. `errands`, `engine` and `look` load their parts when called, once in each process.

    `name`: unique among all workers. `look_seconds`: how often to call the function that `look` returns; 0: never. `leave`: to be called
    once the worker was told to stop and has stopped. `note_killed`: notes that the kernel ended the process of this number, which had a job
    in hand.
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
    note_killed: Callable[[str, int], None]
    leave: Callable[[], None]


class WorkerProcess(Work, Clients):
    """The parts of one process of a worker. The processes of a worker share its broker, but no connections."""

    def __init__(self, environment: Mapping[str, str], role: Role) -> None:
        super().__init__(environment)
        self.role = role
        self.stopping: Callable[[], bool] = lambda: False

    def in_process(self, stopping: Callable[[], bool] = lambda: False) -> Self:
        """Return the parts of another process of this worker; `stopping` says whether that process was told to stop."""
        other = type(self)(self.environment, self.role)
        other.broker, other.stopping = self.broker, stopping
        return other

    @cached_property
    def broker(self) -> CeleryBroker:
        """Celery's broker, with an application that takes the tasks of this role."""
        return CeleryBroker(self.settings.broker, self.role)

    @cached_property
    def lease_seconds(self) -> float:
        """How many seconds one try holds a job: an answer may wait for Telegram as long as its patience lasts."""
        if self.role is Role.ERRANDS:
            return self.settings.intake.lease_seconds + self.patience_seconds
        return self.settings.working.lease_seconds

    @cached_property
    def patience_seconds(self) -> float:
        """How many seconds a worker waits for Telegram."""
        return self.settings.telegram.patience_seconds

    @cached_property
    def holding(self) -> Holding:
        """How a worker holds the job that it transcribes."""
        lease_seconds, max_tries = self.settings.working.lease_seconds, self.settings.broker.max_tries
        return Holding(lease_seconds=lease_seconds, renews=True, max_tries=max_tries, stopping=self.stopping)

    def serve_numbers(self) -> None:
        """Serve the process's metrics if a port is set; a worker of errands adds the waiting list's, which all workers share."""
        super().serve_numbers()
        if self.prometheus is not None and self.role is Role.ERRANDS:
            line, clock = Line(self.store), self.clock
            self.prometheus.watch_line(line.length, lambda: line.oldest_seconds(now=clock.now()))

    def be_present(self, name: str) -> Callable[[], None]:
        """Start writing this worker's heartbeat into the bucket; return the function that erases it."""
        seconds = self.settings.health.presence_seconds
        if not seconds:
            return lambda: None
        own = OwnPresence(
            self.store,
            self.clock,
            name=name,
            role=self.role.value,
            host=gethostname(),
            every_seconds=seconds,
            in_hand=jobs_in_hand,
        )
        # Aside, for a store that is slow must not keep the worker's loop from its broker.
        beat(self.broker.app, Aside(own.beat, name="presence").poke, seconds=seconds)
        return own.leave


def build(environment: Mapping[str, str], role: Role) -> Worker:
    """Return the worker, its queues made and its model downloaded if need be; raise Misconfigured that names every wrong setting."""
    keep_secrets()
    groups = (
        settings.Broker,
        settings.Telegram,
        settings.Lengths,
        settings.Links,
        settings.Keeping,
        settings.Working,
        settings.Looking,
        settings.Health,
    )
    Work.start(role.value, environment, *GROUPS, *groups)
    this = WorkerProcess(environment, role)
    told, broker = this.settings, this.broker
    if told.health.heartbeat_file:
        beat(broker.app, this.beat)
    name = f"{role.value}-{uuid4().hex[:8]}"
    leave = this.be_present(name)
    # Who comes first to a new broker makes everybody's queues: Celery binds all of them, and calls one that is not there yet fatal.
    with suppress(Unavailable):
        declare(broker.app, broker.plan, patiently=True)
    if role is not Role.ERRANDS:
        model = told.recognising
        locate_model(model.model, cache=model.model_cache, base_url=model.model_url, progress=True)

    def errands() -> Errands:
        process = this.in_process()
        process.serve_numbers()
        steps, calls = process.steps, process.client_calls
        return Errands(
            fetch=lambda job_id: steps.fetch(JobMessage.naming(job_id)).value,
            answer=lambda job_id: steps.answer(JobMessage.naming(job_id)),
            call_back=lambda body: calls.deliver(CallbackMessage.decode(body)),
            give_up=process.dead_letters.bury,
        )

    def engine(stopping: Callable[[], bool]) -> Callable[[str], None]:
        process = this.in_process(stopping)
        process.serve_numbers()
        transcription = process.transcription
        return lambda job_id: transcription.transcribe(JobMessage.naming(job_id))

    def look(stopping: Callable[[], bool]) -> Callable[[], None]:
        process = this.in_process()
        store, records, clock = process.store, process.records, process.clock
        ages = seconds_by_age(keep_days=told.keeping.days, reuse_hours=told.answering.reuse_hours)
        looks = [BucketWatch(store, process.receive).look, Expiry(store, process.part_uploads, records, clock, ages=ages).look]
        if broker.plan.is_rabbitmq:
            looks.append(DeadMessages(broker.app, broker.plan).hand_over)
        if broker.plan.is_redis:
            named = RedisMessages(broker.plan).job_ids
            looks.append(Stranded(store=store, records=records, parts=process.parts, queue=process.queue, clock=clock, named=named).look)

        def once() -> None:
            for each in looks:
                each(stopping)

        return once

    return Worker(
        name=name,
        app=broker.app,
        plan=broker.plan,
        role=role,
        grace_seconds=told.broker.grace_seconds,
        errands=errands,
        engine=engine,
        look_seconds=told.looking.seconds if role is Role.ERRANDS else 0.0,
        look=look,
        note_killed=lambda job_id, pid: this.records.killed(JobMessage.naming(job_id).job_id, pid=pid),
        leave=leave,
    )
