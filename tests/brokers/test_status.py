"""`pisar status` and the workers that it shows: real processes over Redis."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from localstack.faults import Action
from tests.support.brokers import Redis
from tests.support.machines import Machines

from .conftest import SETTINGS, Sender, eventually
from .jobs import FOR_EVER

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with ExitStack() as stack:
        broker = stack.enter_context(Redis())
        # A message that a worker holds must stay held while a test looks.
        settings = SETTINGS | {"PISAR_PRESENCE_SECONDS": "1", "PISAR_LEASE_SECONDS": "25", "PISAR_VISIBILITY_SECONDS": "30"}
        machines = stack.enter_context(Machines(broker, tmp_path_factory.mktemp("status"), settings=settings))
        for service in ("bot", "errands", "worker"):
            machines.start(service)
        machines.ready("bot", "errands", "worker")
        yield machines


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pisar.cli", "status", *arguments]


def status(machines: Machines) -> dict[str, Any]:
    done = subprocess.run(command("--json"), capture_output=True, text=True, check=False, timeout=120, env=machines.environment())
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def workers(machines: Machines, role: str) -> list[dict[str, Any]]:
    return [one for one in status(machines)["workers"] if one["role"] == role]


def shows(machines: Machines, role: str, gone: list[bool]) -> bool:
    return [one["gone"] for one in workers(machines, role)] == gone


def test_a_worker_is_seen_at_its_job_and_gone_once_it_is_killed(machines: Machines):
    sender = Sender(machines)
    eventually(lambda: shows(machines, "voice", [False]), "a worker that is there")
    eventually(lambda: shows(machines, "errands", [False]), "errands that are there")
    sender.spoil_storage(Action.HANG, method="PUT", path="/texts/", caller="app/worker", seconds=FOR_EVER)
    sender.send()
    (name,) = [one["name"] for one in workers(machines, "voice")]

    def at_work() -> dict[str, Any] | None:  # its worker says that it has the job in hand before the job's record does
        found = status(machines)
        jobs = [(one["id"], one["state"], one["workers"]) for one in found["jobs"]]
        return found if jobs == [(sender.job_id, "working", [name])] else None

    found = eventually(at_work, "a worker that has the job in hand")
    assert {one["name"]: (one["waiting"], one["held"]) for one in found["queues"]}["pisar-voice"] == (0, 1)

    machines.kill("worker")
    eventually(lambda: shows(machines, "voice", [True]), "a worker that is gone")
    assert [(one["id"], one["workers"]) for one in status(machines)["jobs"]] == [(sender.job_id, [])]
    sender.clear()
    machines.start("worker")
    machines.ready("worker")
    # Its presence stays for a day, beside that of the one that took its place.
    eventually(lambda: sorted(one["gone"] for one in workers(machines, "voice")) == [False, True], "another worker")
    sender.assert_answered_once()


def test_a_worker_that_is_told_to_stop_takes_its_presence_away(machines: Machines):
    for service in ("lectures", "errands"):
        name = f"stopped-{service}"
        role = service
        others = len(workers(machines, role))
        machines.start(service, name)
        machines.ready(name)
        eventually(lambda role=role, others=others: len(workers(machines, role)) == others + 1, "one more worker")
        assert machines.stop(name) == 0
        assert len(workers(machines, role)) == others


def test_a_terminal_shows_it_again_and_again_until_ctrl_c(machines: Machines):
    controller, terminal = pty.openpty()
    environment = machines.environment() | {"TERM": "xterm", "COLUMNS": "150", "LINES": "60"}
    process = subprocess.Popen(command("--every", "0.5"), stdin=terminal, stdout=terminal, stderr=terminal, env=environment)
    os.close(terminal)
    said = ""

    def looks() -> list[str]:
        nonlocal said
        while select.select([controller], [], [], 0.1)[0]:
            try:
                said += os.read(controller, 65_536).decode(errors="replace")
            except OSError:  # its only writer has ended
                break
        return re.findall(r"Pisar at (\S+ \S+?)\W*\s", said)

    try:
        eventually(lambda: len(set(looks())) >= 3, "three looks")
        assert "pisar-errands" in said
        process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            looks()  # a terminal that nobody reads holds its writer up
        assert process.poll() == 0
        assert "Traceback" not in said
    finally:
        process.kill()
        process.wait()
        os.close(controller)


def test_a_broker_that_is_gone_is_told_in_words(machines: Machines):
    environment = machines.environment() | {"PISAR_BROKER_URL": "redis://127.0.0.1:9/0"}
    done = subprocess.run(command(), capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == 1
    assert "✗ queues: the broker does not answer" in done.stdout
    assert (done.stderr, "errands" in done.stdout) == ("", True)
