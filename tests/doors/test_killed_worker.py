"""A worker's process that the kernel ends: a real one, under Celery over a real Redis, which ends itself by SIGKILL."""

import json
import subprocess
import sys

from localstack.stack import ROOT
from tests.support.brokers import Redis

WORKER = """
import importlib.util, json, os, signal, sys
from pisar.adapters.celery_queue import TRANSCRIBE_AUDIO, BrokerPlan, Role, celery_application
from pisar.wiring.worker import Worker

spec = importlib.util.spec_from_file_location("worker", sys.argv.pop(1))
door = importlib.util.module_from_spec(spec)
spec.loader.exec_module(door)
plan = BrokerPlan(broker_url=sys.argv.pop(1), limit_seconds=dict.fromkeys(Role, 900.0))
app = celery_application(plan, Role.VOICE)

def transcribe(job_id):
    print(json.dumps([job_id, os.getpid()]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

def noted(job_id, pid):
    print(json.dumps([job_id, pid]), flush=True)

nothing = lambda *_: None
worker = Worker(
    name="x", app=app, plan=plan, role=Role.VOICE, grace_seconds=0, errands=nothing, engine=lambda _: transcribe,
    look_seconds=0, look=nothing, note_killed=noted, leave=nothing,
)
door.build = lambda *_: worker
app.signature(TRANSCRIBE_AUDIO, args=("voice",), kwargs={"job_id": "j1"}).apply_async()
door.main(["voice"])
"""


def test_that_it_was_killed_is_noted_on_the_job_it_had_in_hand():
    command = [sys.executable, "-c", WORKER, str(ROOT / "containers" / "transcriber" / "worker.py")]
    with Redis() as broker, subprocess.Popen([*command, broker.url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            began, *others = (json.loads(process.stdout.readline()) for _ in range(4))  # it begins again and again
        finally:
            process.kill()
    assert began[0] == "j1"
    assert began in others
