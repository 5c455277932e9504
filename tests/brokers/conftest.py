"""A self-hosted deployment over each broker, with short times, and what must be true of every message in the end."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

import pytest

from tests.faults.conftest import Cloud, eventually
from tests.support.brokers import Broker, Redis
from tests.support.machines import Machines
from tests.support.queued import waiting

CHATS = count(70_001)

# A killed worker's lease and message have to come free while its test waits. Nothing is taken from an earlier test's work.
SETTINGS = {
    "PISAR_LEASE_SECONDS": "10",
    "PISAR_INTAKE_LEASE_SECONDS": "10",
    "PISAR_VISIBILITY_SECONDS": "14",
    "PISAR_REUSE_HOURS": "0",
    "PISAR_GRACE_SECONDS": "30",
    "PISAR_LOOK_SECONDS": "2",
    # On a busy machine a lease as short as this runs out under a worker that lives, and each time is a try.
    "PISAR_MAX_TRIES": "100",
    # A recording of half a minute is a long one.
    "PISAR_WHOLE_MINUTES": "0.5",
    "PISAR_PART_MINUTES": "0.15",
    "TELEGRAM_PATIENCE_SECONDS": "2",
}


@dataclass
class Sender(Cloud):
    """A person, one voice message at a time."""

    stack: Machines  # type: ignore[assignment]
    chat: int = field(default_factory=lambda: next(CHATS))

    def queues_empty(self) -> bool:
        # Twice: what a worker takes up, or hands on, between two looks is in neither queue.
        return not any(waiting(self.stack.broker) for _ in range(2))


@dataclass(frozen=True)
class Deployment:
    """Machines over a broker, and where results of tasks are kept."""

    machines: Machines
    results: Broker


@pytest.fixture(scope="module")
def deployment(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A bot, errands and two engines over the module's broker; the results lie in a Redis of their own."""
    with ExitStack() as stack:
        stack.enter_context(broker)
        results = stack.enter_context(Redis())
        machines = Machines(broker, tmp_path_factory.mktemp(broker.name), settings=SETTINGS, results_url=results.url)
        stack.enter_context(machines)
        for service, name in (("bot", "bot"), ("errands", "errands"), ("worker", "worker"), ("worker", "second")):
            machines.start(service, name)
        machines.ready("bot", "errands", "worker", "second")
        yield Deployment(machines, results)


@pytest.fixture
def sender(deployment: Deployment) -> Iterator[Sender]:
    sender = Sender(deployment.machines)
    yield sender
    sender.clear()


def brought_back(machines: Machines, service: str, name: str) -> None:
    """Start a process again, as its supervisor would."""
    machines.start(service, name)
    machines.ready(name)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


__all__ = ["Deployment", "Sender", "alive", "brought_back", "eventually", "waiting"]
