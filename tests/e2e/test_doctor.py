"""`pisar doctor` over a healthy deployment and over each of many faults: it finds the planted one and nothing else.

The control plane is the SDK's own services over gRPC; the queues, the bucket, the gateway and Telegram are the local cloud's.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from google.protobuf.wrappers_pb2 import BoolValue
from yandex.cloud.lockbox.v1.secret_pb2 import Secret, Version
from yandex.cloud.serverless.apigateway.v1.apigateway_pb2 import ApiGateway
from yandex.cloud.serverless.containers.v1.container_pb2 import Revision
from yandex.cloud.serverless.functions.v1.function_pb2 import Function
from yandex.cloud.serverless.triggers.v1.trigger_pb2 import Trigger

from localstack.cloud.clients import s3_client, sqs_client
from localstack.cloud.storage import StorageServer
from localstack.stack import ROOT, Stack
from pisar.adapters.object_storage import S3ObjectStore
from pisar.domain.jobs import Job, Outcome, State
from pisar.owner.bot_check import Finding
from pisar.wiring.cli import bot_setup, doctor

from .test_real_bot import Telegram
from .yandex_cloud import FOLDER, TOKEN, YandexCloud

QUEUES = ("pisar-jobs", "pisar-jobs-dead-letters", "pisar-callbacks", "pisar-callbacks-dead-letters", "pisar-uploads-dead-letters")
BOT_TOKEN = "123456:AAF-made_up_for_tests"
BUCKET = "pisar-doctor"
"""One of its own: every look reads all records there are, and other tests leave hundreds in the stack's."""


@dataclass
class Ward:
    """What is looked at."""

    cloud: YandexCloud
    stack: Stack
    telegram: Telegram
    queues_url: str
    environment: dict[str, str]
    url: str

    def queue(self, name: str) -> str:
        url: str = sqs_client(self.queues_url).get_queue_url(QueueName=name)["QueueUrl"]
        return url

    def set_queue(self, name: str, **attributes: str) -> None:
        sqs_client(self.queues_url).set_queue_attributes(QueueUrl=self.queue(name), Attributes=attributes)

    def send(self, name: str, body: str) -> None:
        sqs_client(self.queues_url).send_message(QueueUrl=self.queue(name), MessageBody=body)

    def set_webhook(self, url: str) -> None:
        requests.post(f"{self.telegram.url}/bot{BOT_TOKEN}/setWebhook", json={"url": url}, timeout=60).raise_for_status()

    def look(self, *, messages_per_day: int = 100) -> list[Finding]:
        vouching = self.cloud.authority.cert_pem.bytes()
        with doctor(
            self.environment, messages_per_day=messages_per_day, seconds_per_message=20, url=self.url, root_certificates=vouching
        ) as one:
            return [finding for part in one.parts() for finding in one.run(part)]

    def wrong(self, **load: int) -> set[tuple[str, str]]:
        return {(one.about, one.found) for one in self.look(**load) if not one.fine}


@pytest.fixture(scope="module")
def telegram() -> Iterator[Telegram]:
    telegram = Telegram()
    bot = {
        "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_WEBHOOK_SECRET": "made-up",
        "TELEGRAM_OWNER_IDS": "",
    }
    with bot_setup(bot) as setting_up:
        setting_up.run("https://gateway.example/telegram", drop_pending=True)
    yield telegram
    telegram.close()


@pytest.fixture(scope="module")
def queues_url() -> Iterator[str]:
    """Queues of their own: the stack's have the cloud's names."""
    storage = StorageServer()
    with asyncio.Runner() as runner:
        yield runner.run(storage.start())
        runner.run(storage.stop())


@pytest.fixture(scope="module")
def _bucket(stack: Stack) -> None:
    s3_client(stack.storage_url).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ru-central1"})  # type: ignore[typeddict-item]


@pytest.fixture
def ward(stack: Stack, _bucket: None, telegram: Telegram, queues_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    local = stack.local_environment() | {"AWS_ENDPOINT_URL_SQS": queues_url, "PISAR_BUCKET": BUCKET}
    for name, value in local.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    cloud = YandexCloud(BUCKET)
    ours = {"YC_FOLDER_ID": FOLDER, "YC_TOKEN": TOKEN, "YC_ENDPOINT": cloud.endpoint}
    bot = {"TELEGRAM_BOT_TOKEN": BOT_TOKEN, "TELEGRAM_API_URL": telegram.url, "TELEGRAM_OWNER_IDS": ""}
    ward = Ward(cloud, stack, telegram, queues_url, local | ours | bot, stack.api_url)
    sqs = sqs_client(queues_url)
    for name in QUEUES:
        sqs.create_queue(QueueName=name)
        ward.set_queue(name, VisibilityTimeout="660" if "jobs" in name else "60")
    for name in ("pisar-jobs", "pisar-callbacks"):
        arn = f"arn:aws:sqs:ru-central1:123456789012:{name}-dead-letters"
        ward.set_queue(name, RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5}))
    ward.set_webhook(f"{stack.api_url}/telegram")
    yield ward
    cloud.close()
    for name in QUEUES:
        sqs.delete_queue(QueueUrl=ward.queue(name))


@pytest.fixture
def answering() -> Iterator[Callable[..., str]]:
    """Start an HTTP server that answers everything with one status, and by a clock of its own."""
    servers = []

    def start(status: int, *, ahead_seconds: float = 0.0) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                self.do_GET()

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string((timestamp or time.time()) + ahead_seconds)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_healthy_deployment_is_well(ward: Ward):
    found = ward.look()
    assert [one for one in found if not one.fine] == []
    abouts = {one.about for one in found}
    assert abouts >= {"pisar-transcriber", "pisar-webhook", "trigger pisar-transcriber", "queue pisar-jobs", "bucket", "authorizer"}
    assert abouts >= {"account pisar-triggers", "secret pisar-bot-token", "webhook", "clock", "quotas", "cost this month"}


def without_revision(ward: Ward) -> None:
    ward.cloud.revisions["ct-transcriber"] = []


def revision_not_active(ward: Ward) -> None:
    for revision in ward.cloud.revisions["ct-transcriber"]:
        revision.status = Revision.CREATING if revision.status == Revision.ACTIVE else revision.status


def function_in_error(ward: Ward) -> None:
    (jobs,) = (one for one in ward.cloud.functions if one.name == "pisar-jobs")
    jobs.status = Function.ERROR


def function_gone(ward: Ward) -> None:
    ward.cloud.functions = [one for one in ward.cloud.functions if one.name != "pisar-callbacks"]


def function_never_made(ward: Ward) -> None:
    ward.cloud.versions["fn-pisar-webhook"] = []


def trigger_paused(ward: Ward) -> None:
    ward.cloud.triggers[0].status = Trigger.PAUSED


def trigger_astray(ward: Ward) -> None:
    ward.cloud.triggers[0].rule.message_queue.invoke_container.container_id = "ct-other"


def trigger_gone(ward: Ward) -> None:
    del ward.cloud.triggers[-1]


def caller_refused(ward: Ward) -> None:
    ward.cloud.unbind("ct-transcriber", "serverless-containers.containerInvoker", "pisar-triggers")
    ward.cloud.bind("ct-transcriber", "serverless-containers.viewer", "pisar-triggers")


def role_missing(ward: Ward) -> None:
    ward.cloud.unbind(FOLDER, "ymq.reader", "pisar-triggers")


def role_too_broad(ward: Ward) -> None:
    ward.cloud.bind(FOLDER, "editor", "pisar-webhook")


def account_gone(ward: Ward) -> None:
    ward.cloud.accounts = [one for one in ward.cloud.accounts if one.name != "pisar-owner"]


def visibility_too_short(ward: Ward) -> None:
    ward.set_queue("pisar-jobs", VisibilityTimeout="30")


def no_redrive(ward: Ward) -> None:
    ward.set_queue("pisar-callbacks", RedrivePolicy="")


def dead_letter(ward: Ward) -> None:
    ward.send("pisar-callbacks-dead-letters", "a callback")


def bucket_public(ward: Ward) -> None:
    ward.cloud.bucket.anonymous_access_flags.list.CopyFrom(BoolValue(value=True))


def bucket_untidy(ward: Ward) -> None:
    ward.cloud.bucket.lifecycle_rules[0].enabled = False


def bucket_in_the_clear(ward: Ward) -> None:
    ward.cloud.bucket.ClearField("encryption")


def secret_destroyed(ward: Ward) -> None:
    ward.cloud.secrets[0].current_version.status = Version.DESTROYED


def secret_inactive(ward: Ward) -> None:
    ward.cloud.secrets[1].status = Secret.INACTIVE


def gateway_stopped(ward: Ward) -> None:
    ward.cloud.gateways[0].status = ApiGateway.STOPPED


def webhook_elsewhere(ward: Ward) -> None:
    ward.set_webhook("https://elsewhere.example/telegram")


def webhook_not_set(ward: Ward) -> None:
    ward.set_webhook("")


def quota_too_small(ward: Ward) -> None:
    ward.cloud.quotas["serverless.containersCpu.count"] = 1


PLANTED = {
    without_revision: {("pisar-transcriber", "nothing was ever made to run: the cloud refused it")},
    revision_not_active: {("pisar-transcriber", "the newest version is creating")},
    function_in_error: {("pisar-jobs", "error")},
    function_gone: {("pisar-callbacks", "there is none")},
    function_never_made: {("pisar-webhook", "nothing was ever made to run: the cloud refused it")},
    trigger_paused: {("trigger pisar-transcriber", "paused")},
    trigger_astray: {("trigger pisar-transcriber", "calls ct-other, not ct-transcriber")},
    trigger_gone: {("trigger pisar-incoming", "there is none")},
    caller_refused: {("pisar-transcriber", "pisar-triggers may not call it")},
    role_missing: {("account pisar-triggers", "lacks ymq.reader")},
    role_too_broad: {("account pisar-webhook", "holds editor on the whole folder, which is more than it needs")},
    account_gone: {("account pisar-owner", "there is none")},
    visibility_too_short: {("queue pisar-jobs", "a message shows again after 30 s, while its worker may take 540 s")},
    no_redrive: {("queue pisar-callbacks", "its dead letters go to nowhere, not to pisar-callbacks-dead-letters")},
    dead_letter: {("queue pisar-callbacks-dead-letters, dead letters", "1 waiting")},
    bucket_public: {("bucket", "strangers may look into it")},
    bucket_untidy: {("bucket", "nothing tidies up audio/")},
    bucket_in_the_clear: {("bucket", "what it holds is not encrypted by a key of yours")},
    secret_destroyed: {("secret pisar-bot-token", "its version is destroyed")},
    secret_inactive: {("secret pisar-webhook-secret", "inactive")},
    gateway_stopped: {("gateway", "stopped")},
    webhook_elsewhere: {("webhook", "Telegram sends the updates elsewhere")},
    webhook_not_set: {("webhook", "none is set")},
    quota_too_small: {("quotas", "1 transcriber at once in the busiest hour; 0 fit in a zone")},
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found_and_nothing_else(ward: Ward, plant: Callable[[Ward], None]):
    plant(ward)
    assert ward.wrong() == PLANTED[plant]


def test_two_faults_are_two_findings(ward: Ward):
    trigger_paused(ward)
    bucket_public(ward)
    assert ward.wrong() == PLANTED[trigger_paused] | PLANTED[bucket_public]


def test_a_queue_that_is_not_there_is_named(ward: Ward):
    sqs = sqs_client(ward.queues_url)
    sqs.delete_queue(QueueUrl=ward.queue("pisar-uploads-dead-letters"))
    assert ward.wrong() == {("queue pisar-uploads-dead-letters", "there is none")}
    sqs.create_queue(QueueName="pisar-uploads-dead-letters")


def test_the_quota_is_held_against_the_expected_load(ward: Ward):
    # A fifth of them in one hour is 5.6 a second; ten cores carry five transcribers of two cores each.
    found = {one.about: one for one in ward.look(messages_per_day=100_000)}["quotas"]
    assert (found.fine, found.found.endswith("5 fit in a zone"), "containersCpu" in found.advice) == (False, True, True)


def test_a_gateway_that_does_not_work_is_found(ward: Ward, answering: Callable[..., str]):
    ward.url = answering(502)
    ward.set_webhook(f"{ward.url}/telegram")
    assert ward.wrong() == {
        ("gateway", "GET /openapi.json: 502, not 200"),
        ("authorizer", "GET /jobs without a key: 502, not 401 or 403"),
        ("webhook's door", "POST /telegram without the secret: 502, not 403"),
    }


def test_an_api_that_lets_strangers_in_is_found(ward: Ward, answering: Callable[..., str]):
    ward.url = answering(200)
    ward.set_webhook(f"{ward.url}/telegram")
    assert ward.wrong() == {
        ("authorizer", "GET /jobs without a key: 200, not 401 or 403"),
        ("webhook's door", "POST /telegram without the secret: 200, not 403"),
    }


def test_nobody_at_the_address_is_said_so(ward: Ward):
    ward.url = "http://127.0.0.1:9"
    ward.set_webhook("http://127.0.0.1:9/telegram")
    assert ward.wrong() == {("gateway", "can't be looked at: no answer: nobody could be reached at the address")}


@pytest.mark.parametrize(("ahead", "said"), [(-300, "fast"), (300, "slow")])
def test_a_wrong_clock_is_found(ward: Ward, answering: Callable[..., str], ahead: int, said: str):
    ward.url = answering(200, ahead_seconds=ahead)
    (found,) = (text for about, text in ward.wrong() if about == "clock")
    assert found.startswith("this machine's is ")
    assert found.endswith(f" s {said}")


def test_without_the_bots_token_the_way_to_it_is_told(ward: Ward):
    del ward.environment["TELEGRAM_BOT_TOKEN"]
    (found,) = (one for one in ward.look() if not one.fine)
    assert found.advice == 'export TELEGRAM_BOT_TOKEN="$(yc lockbox payload get --id sec-pisar-bot-token --key bot_token)"'


def test_a_wrong_token_is_said_so_and_never_shown(ward: Ward):
    ward.environment["YC_TOKEN"] = "t1.another_token"
    found = [one for one in ward.look() if not one.fine]
    assert {one.found for one in found if one.about in ("accounts", "functions", "container", "triggers", "bucket")} == {
        "can't be looked at"
    }
    assert all("YC_TOKEN" in one.advice for one in found if one.about == "functions")
    assert "another_token" not in str(found)


def test_what_may_not_be_looked_at_is_said_so(ward: Ward):
    ward.environment["YC_FOLDER_ID"] = "b1gother"
    assert ("functions", "can't be looked at") in ward.wrong()


def test_a_cloud_that_does_not_answer_is_said_so(ward: Ward):
    ward.environment["YC_ENDPOINT"] = "localhost:9"
    assert ("functions", "can't be looked at: Yandex Cloud answered UNAVAILABLE") in ward.wrong()


def test_the_month_so_far_is_reckoned_from_the_records(ward: Ward):
    store = S3ObjectStore(BUCKET, endpoint_url=ward.stack.storage_url)
    now = time.time()
    for number in range(3):
        job = Job(
            id=f"doctor-{number}", state=State.FINISHED, created_at=now, audio_seconds=1200.0, finished_at=now, outcome=Outcome.TRANSCRIBED
        )
        store.put(f"jobs/doctor-{number}", job.encode())
    old = Job(id="doctor-old", state=State.FINISHED, created_at=now - 40 * 86400, audio_seconds=1e6)
    store.put("jobs/doctor-old", old.encode())
    found = {one.about: one for one in ward.look()}["cost this month"]
    for number in (*range(3), "old"):
        store.delete(f"jobs/doctor-{number}")
    hours = float(found.found.split("(")[1].split(" h)")[0])
    assert 1.0 <= hours < 2.0
    assert " roubles for " in found.found


def test_the_command_prints_a_table_and_counts(ward: Ward, tmp_path: Path):
    vouching = tmp_path / "authority.pem"
    ward.cloud.authority.cert_pem.write_to_path(str(vouching))
    trigger_paused(ward)
    environment = ward.environment | {
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(vouching),
        "PYTHONPATH": str(ROOT / "src"),
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "pisar.cli", "doctor", "--url", ward.url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    (line,) = (one for one in done.stdout.splitlines() if "✗" in one)
    assert line.split() == ["✗", "trigger", "pisar-transcriber", "paused", "yc", "serverless", "trigger", "resume", "tr-pisar-transcriber"]
    assert " need mending." in done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_the_command_names_what_it_lacks():
    command = [sys.executable, "-m", "pisar.cli", "doctor"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("YC_FOLDER_ID", "YC_TOKEN", "PISAR_BUCKET"))
