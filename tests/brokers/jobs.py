"""What must hold over every broker. Each module of this folder runs these over one."""

import os
import time
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import pytest
import requests

from localstack.faults import Action
from pisar.adapters.clock import SystemClock
from pisar.domain.jobs import Lease, Outcome, State
from pisar.state.job_records import Records
from tests.support.recordings import lecture

from .conftest import Deployment, Sender, brought_back, eventually

TRANSCRIPT, RECORD = "/texts/", "/jobs/"
ENGINES = ("worker", "second")
FOR_EVER = 600.0
HELD_SECONDS = 20.0
"""Longer than the first four tries of a task wait for one another."""


def hang_at_the_transcript(sender: Sender, seconds: float = FOR_EVER) -> None:
    """Let whichever engine gets the next job come as far as storing its transcript, and no farther."""
    sender.spoil_storage(Action.HANG, method="PUT", path=TRANSCRIPT, caller="app/(worker|second)", seconds=seconds)


def who_works(sender: Sender) -> str:
    """Return the engine that has the job."""
    eventually(sender.stack.storage.fired, "a job that is worked on")
    return eventually(lambda: next((one for one in ENGINES if sender.job_id in "".join(sender.stack.log(one))), None), "its engine")


def test_a_voice_message_is_answered_once(sender: Sender):
    sender.send()
    sender.assert_answered_once()


@pytest.mark.slow
def test_twenty_voice_messages_are_answered_once_each(deployment: Deployment):
    senders = [Sender(deployment.machines) for _ in range(20)]
    for sender in senders:
        sender.send()
    for sender in senders:
        sender.assert_answered_once()


def test_an_engine_killed_mid_job(sender: Sender, deployment: Deployment):
    hang_at_the_transcript(sender)
    sender.send()
    name = who_works(sender)
    deployment.machines.kill(name)
    sender.clear()
    sender.assert_answered_once()
    brought_back(deployment.machines, "worker", name)


@pytest.mark.slow
def test_errands_killed_at_the_answer(sender: Sender, deployment: Deployment):
    sender.spoil_telegram(Action.HANG, when="after", path="/editMessageText", seconds=FOR_EVER)
    sender.send()
    eventually(lambda: sender.stack.telegram.faults.fired, "an answer under way")
    deployment.machines.kill("errands")
    sender.clear()
    brought_back(deployment.machines, "errands", "errands")
    sender.assert_answered_once()


def test_results_that_can_not_be_kept(sender: Sender, deployment: Deployment):
    deployment.results.kill()
    try:
        sender.send()
        sender.assert_answered_once()
    finally:
        deployment.results.start()


@pytest.mark.slow
def test_a_task_that_outlasts_the_visibility_timeout(sender: Sender):
    hang_at_the_transcript(sender, seconds=15)  # visible again after 6 s, its lease over after 4
    sender.send()
    sender.assert_answered_once()


@pytest.mark.slow
def test_a_job_that_somebody_holds_for_long_is_tried_until_it_is_free(sender: Sender):
    hang_at_the_transcript(sender, seconds=2)
    sender.send()
    who_works(sender)
    records = Records(sender.stack.store(), SystemClock())
    held = records.find(sender.job_id)
    records.write(held, replace(held.job, lease=Lease(owner="somebody", until=time.time() + HELD_SECONDS)))
    sender.clear()
    sender.assert_answered_once()
    tries = [line for name in ENGINES for line in sender.stack.log(name) if sender.job_id in line and "is being worked on" in line]
    assert 4 <= len(tries) <= 10, "tried again and again, and not without a pause"


def test_an_engine_told_to_stop_finishes_its_job(sender: Sender, deployment: Deployment):
    hang_at_the_transcript(sender, seconds=3)
    sender.send()
    name = who_works(sender)
    assert deployment.machines.stop(name) == 0
    assert any('"kept"' in line and sender.job_id in line for line in deployment.machines.log(name))
    sender.assert_answered_once()
    brought_back(deployment.machines, "worker", name)


@pytest.mark.slow
def test_a_long_recording_is_cut_and_a_worker_of_its_parts_killed(sender: Sender, deployment: Deployment, tmp_path: Path):
    machines = deployment.machines
    machines.start("lectures")
    machines.ready("lectures")
    # Its engine's process begins after the first sign of life.
    eventually(lambda: os.sched_getscheduler(machines.engine_pid("lectures")) == os.SCHED_IDLE, "a lecture that leaves the cores to others")
    assert os.sched_getscheduler(machines.engine_pid("worker")) == os.SCHED_OTHER
    talk = lecture(40, tmp_path)
    sender.spoil_storage(Action.HANG, method="PUT", path=TRANSCRIPT, caller="app/lectures", skip=1, seconds=FOR_EVER)
    sender.send_document("talk.ogg", "audio/ogg", talk.audio)
    eventually(sender.stack.storage.fired, "a part that is worked on")
    machines.kill("lectures")
    sender.clear()
    brought_back(machines, "lectures", "lectures")
    job = sender.settle()
    assert (job.outcome, job.parts and job.parts >= 4) == (Outcome.TRANSCRIBED, True)
    assert len(sender.answers()) == 1
    said = sender.answers()[0].now.text
    assert SequenceMatcher(None, said.split(), talk.text.split()).ratio() > 0.9, said
    machines.stop("lectures")


def test_a_broken_recording_is_refused(sender: Sender):
    sender.send_document("talk.mp3", "audio/mpeg", b"no sound at all" * 100)
    job = sender.settle()
    assert (job.state, job.reason) == (State.FINISHED, "cannot_decode")
    assert len(sender.answers()) == 1


def test_the_api_makes_a_job_that_the_workers_do(deployment: Deployment):
    machines = deployment.machines
    machines.start("api")
    try:
        machines.ready("api")
        keyed = {"X-API-Key": machines.api_key}
        made = requests.post(f"{machines.api_url}/jobs", headers=keyed, json={"language": "ru"}, timeout=30).json()
        assert requests.get(f"{machines.api_url}/jobs/{made['id']}", timeout=30).status_code == 401
        seen = requests.get(f"{machines.api_url}/jobs/{made['id']}", headers=keyed, timeout=30).json()
        assert seen["state"] == "awaiting_upload"
        # The cloud's trigger has no door here, where anybody could call it.
        assert requests.post(f"{machines.api_url}/queue", json={}, timeout=30).status_code == 404
    finally:
        machines.stop("api")
