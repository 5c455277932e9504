"""Deployments to be soaked: the local cloud, and machines over each broker. What a killed part held comes free within half a minute."""

import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from localstack.cloud.storage import StorageServer
from localstack.stack import Stack, StackConfig
from localstack.telegram import TelegramStandIn
from pisar.adapters.object_storage import S3ObjectStore
from tests.support.brokers import BROKERS, Broker
from tests.support.machines import Machines
from tests.support.queued import waiting, waiting_in_sqs

CLOUD = "cloud"
NAMES = (CLOUD, *BROKERS)

TIMES = {
    # Nothing is taken from an earlier message's work; what a killed part held comes free within half a minute.
    "PISAR_REUSE_HOURS": "0",
    "PISAR_THREADS": "1",
    "PISAR_LEASE_SECONDS": "20",
    "PISAR_INTAKE_LEASE_SECONDS": "20",
    "PISAR_VISIBILITY_SECONDS": "30",
    "PISAR_LOOK_SECONDS": "5",
    "PISAR_INTAKE_PATIENCE_SECONDS": "1",
    "PISAR_MAX_TRIES": "1000",  # who is killed for the test's sake has not failed
    "TELEGRAM_TIMEOUT_SECONDS": "10",
    "TELEGRAM_PATIENCE_SECONDS": "5",
}


class Deployed(Protocol):
    """What is soaked: parts that are killed by their name, and what is left in the end."""

    telegram: TelegramStandIn
    storage: StorageServer

    def store(self) -> S3ObjectStore:
        """Return the bucket."""

    def parts(self) -> Mapping[str, list[int]]:
        """Return the living processes of each part."""

    def kill(self, part: str, pid: int) -> None:
        """SIGKILL a process, and see to it that it is started again."""

    def waiting(self) -> int:
        """Return how many messages wait in the queues."""


class CloudSoaked:
    """The local cloud, which starts an instance anew when one is gone."""

    def __init__(self, stack: Stack) -> None:
        self.telegram = stack.telegram
        self.storage = stack.storage
        self.store = stack.store
        self._stack = stack

    def parts(self) -> Mapping[str, list[int]]:
        """Return the living processes of each function and of the container."""
        pools: dict[str, Any] = {**self._stack.functions, "transcriber": self._stack.transcriber}
        return {name: pool.pids() for name, pool in pools.items()}

    def kill(self, part: str, pid: int) -> None:  # noqa: ARG002 - the protocol has it
        """SIGKILL an instance."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def waiting(self) -> int:
        """Return how many messages wait in the queue and its dead letters."""
        return waiting_in_sqs(self._stack.storage_url, self._stack.queue_url, self._stack.dead_letters_url)


class MachinesSoaked:
    """A self-hosted deployment over a broker; a supervisor's part is played here."""

    SERVICES: Mapping[str, str] = {"bot": "bot", "worker": "worker", "second": "worker", "errands": "errands"}

    def __init__(self, machines: Machines, broker: Broker) -> None:
        self.telegram = machines.telegram
        self.storage = machines.storage
        self.store = machines.store
        self._machines = machines
        self._broker = broker
        for name, service in self.SERVICES.items():
            machines.start(service, name)
        machines.ready(*self.SERVICES)

    def parts(self) -> Mapping[str, list[int]]:
        """Return the process of each service."""
        return {name: [self._machines.pid(name)] for name in self.SERVICES}

    def kill(self, part: str, pid: int) -> None:  # noqa: ARG002 - the protocol has it
        """SIGKILL a service with its children, and start it again."""
        self._machines.kill(part)
        self._machines.start(self.SERVICES[part], part)

    def waiting(self) -> int:
        """Return how many messages wait in the broker's queues."""
        return waiting(self._broker)


@contextmanager
def soaked(name: str) -> Iterator[Deployed]:
    """Run a deployment: the local cloud, or machines over the broker of that name."""
    with ExitStack() as running:
        if name == CLOUD:
            config = StackConfig(
                transcribers=2,
                function_timeout=40.0,
                container_timeout=60.0,
                lease=20.0,
                intake_lease=20.0,
                visibility_timeout=30,
                max_deliveries=1000,
                poll_seconds=5,
                settings=TIMES,
            )
            stack = running.enter_context(Stack(config))
            stack.warm_up()
            yield CloudSoaked(stack)
        else:
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            broker = running.enter_context(BROKERS[name]())
            yield MachinesSoaked(running.enter_context(Machines(broker, folder, settings=TIMES)), broker)
