"""Signs of life of a worker."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging

from pisar.adapters import celery_heartbeat
from pisar.adapters.heartbeat_file import HeartbeatFile


@pytest.fixture
def own_logs() -> Iterator[None]:
    """Celery would set up this process's logs, and the tests after this one look at them."""

    def nothing(**_: object) -> None:
        pass

    setup_logging.connect(nothing)
    yield
    setup_logging.disconnect(nothing)


@pytest.mark.usefixtures("own_logs")
def test_a_worker_beats_while_it_takes_tasks_and_no_longer(monkeypatch):
    monkeypatch.setattr(celery_heartbeat, "BEAT_SECONDS", 0.05)
    beats: list[float] = []
    app = Celery("beating", broker="memory://", set_as_current=False)
    celery_heartbeat.beat(app, lambda: beats.append(time.monotonic()))
    with start_worker(app, perform_ping_check=False, shutdown_timeout=60):
        deadline = time.monotonic() + 60
        while len(beats) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    heard = len(beats)
    assert heard >= 3
    time.sleep(0.2)
    assert len(beats) == heard


def test_a_beat_makes_the_file_and_makes_it_new(tmp_path: Path):
    file = tmp_path / "alive"
    HeartbeatFile(file).beat()
    first = file.stat().st_mtime_ns
    time.sleep(0.02)
    HeartbeatFile(file).beat()
    assert file.stat().st_mtime_ns > first


def test_a_file_that_can_not_be_touched_ends_no_work(tmp_path: Path):
    HeartbeatFile(tmp_path / "no folder" / "alive").beat()
