"""What is checked at a start is all that is read afterwards, so that a wrong setting is told with all others, not by a caller."""

from importlib import import_module
from unittest.mock import Mock, patch

import pytest

from pisar.adapters.celery_queue import Role
from pisar.wiring import environment, outside, settings, worker

CLOUD = {
    "PISAR_BUCKET": "pisar",
    "PISAR_QUEUE_URL": "https://queue.example/jobs",
    "PISAR_CALLBACK_QUEUE_URL": "https://queue.example/callbacks",
    "TELEGRAM_BOT_TOKEN": "123456:made-up",
    "TELEGRAM_WEBHOOK_SECRET": "made-up",
}
VM = {**CLOUD, "PISAR_BROKER_URL": "redis://127.0.0.1:1/0", "PISAR_QUEUE_URL": "", "PISAR_CALLBACK_QUEUE_URL": ""}
FUNCTIONS = ("authorizer", "callbacks", "dead_letters", "jobs", "uploads", "webhook")
DOORS = [*((name, CLOUD) for name in (*FUNCTIONS, "transcriber", "bot")), *((name, VM) for name in ("serving", "bot"))]


@pytest.fixture
def groups():
    """The groups that are checked and those that are read, each with its name; nothing is loaded nor logged."""
    checked, read = set(), set()

    def check(given, *groups, required=()):
        checked.update(group.__name__ for group in groups)
        environment.check(given, *groups, required=required)

    def reading(given, group):
        read.add(group.__name__)
        return environment.read(given, group)

    with (
        patch.object(outside, "check", check),
        patch.object(settings, "read", reading),
        patch.object(outside.Outside, "engine", Mock()),
        patch.object(outside.logs, "configure"),
    ):
        yield checked, read


@pytest.mark.parametrize(("name", "given"), DOORS, ids=lambda one: one if isinstance(one, str) else "")
def test_a_door_checks_every_group_that_it_reads(groups, name: str, given: dict[str, str]):
    checked, read = groups
    import_module(f"pisar.wiring.{name}").build(given)
    assert read
    assert read - checked == set()


@pytest.mark.parametrize("role", list(Role))
def test_a_worker_checks_every_group_that_its_processes_read(groups, role: Role):
    checked, read = groups
    with patch.object(worker, "declare"), patch.object(worker, "locate_model"):
        built = worker.build(VM, role)
        if role is Role.ERRANDS:
            built.errands()
            built.look(lambda: False)
        else:
            built.engine(lambda: False)
    assert "Telegram" in read
    assert read - checked == set()
