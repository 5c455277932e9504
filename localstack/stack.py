"""Pisar on the local cloud: what Terraform deploys, deployed here, with every address on loopback.

One thread runs the loop of the gateway, the triggers and the Telegram stand-in; storage, each function and each container
are processes of their own. Every deployable sees only the settings it would see in the cloud.
"""

import asyncio
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from localstack.cloud.containers import Container
from localstack.cloud.functions import Function
from localstack.cloud.gateway import Gateway
from localstack.cloud.instances import Limits
from localstack.cloud.logbook import LogBook
from localstack.cloud.polling import Polling
from localstack.cloud.storage import StorageServer
from localstack.cloud.triggers import ObjectStorageTrigger, QueueTrigger
from localstack.failures import CannotStart
from localstack.long_polling import LongPolling
from localstack.resources import MakeResources, allow_pages_to_upload, make_resources
from localstack.telegram import TelegramStandIn
from pisar.adapters.loop_thread import end_loop
from pisar.adapters.object_storage import S3ObjectStore
from pisar.domain.bots import WANTED_UPDATES
from pisar.domain.bucket import INCOMING, UPLOADS
from pisar.state.api_keys import Keys
from pisar.wiring.environment import origins

ROOT = Path(__file__).parent.parent
DEMO_MODEL = ROOT / "demo" / "model" / "ggml-pisar-demo.bin"
DEMO_PIECE_SECONDS = "6"  # it loses words in longer stretches: see demo/README.md
BUCKET = "pisar"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "ru-central1"}  # moto takes any
CALLBACK_VISIBILITY_SECONDS = 60  # above a function's timeout
START_TIMEOUT_SECONDS = 120.0
LAST_WORDS = 6  # lines of a part that does not work, shown in the error
TOOK_TOO_LONG = 504
LAST_WORDS_LOOKS, LAST_WORDS_LOOK_SECONDS = 50, 0.1

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTelegram:
    """The owner's own bot, served by long polling."""

    token: str = field(repr=False)
    api_url: str = "https://api.telegram.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """How the stack runs. Times in seconds; `settings` go to every deployable; `log_folder` None keeps logs in memory only.

    `model` is a file: the demo model, quick and of 146 words, for tests and measurements; `make demo` and `make up` give a published one.
    """

    model: str = str(DEMO_MODEL)
    settings: Mapping[str, str] = field(default_factory=dict)
    transcribers: int = 1
    function_instances: int = 4
    function_timeout: float = 55.0
    container_timeout: float = 540.0
    lease: float = 600.0
    intake_lease: float = 60.0
    visibility_timeout: int = 660
    max_deliveries: int = 5
    poll_seconds: int = 10  # a trigger's long poll: what an idle cloud costs is each one's beginning
    api_port: int = 0
    real_telegram: RealTelegram | None = None
    webhook_timeout: float = 60.0
    webhook_first_retry: float = 1.0
    log_folder: Path | None = None
    make_resources: MakeResources = make_resources


class Stack:
    """A running local cloud; a context manager. Its methods may be called from any thread. `gateway` is there once it runs."""

    def __init__(self, config: StackConfig | None = None) -> None:
        self.config = config or StackConfig()
        self.logs = LogBook(self.config.log_folder)
        self.storage = StorageServer()
        made_up_token = f"{secrets.randbelow(10**9) + 1}:{secrets.token_hex(16)}"
        self.bot_token = self.config.real_telegram.token if self.config.real_telegram else made_up_token
        self.webhook_secret = secrets.token_urlsafe(24)
        self.telegram = TelegramStandIn(
            made_up_token,
            webhook_timeout_seconds=self.config.webhook_timeout,
            webhook_first_retry_seconds=self.config.webhook_first_retry,
        )
        self.storage_url = self.telegram_url = self.api_url = self.api_key = self.callback_secret = ""
        self.queue_url = self.dead_letters_url = self.callback_queue_url = ""
        self.functions: dict[str, Function] = {}
        self.transcriber: Container
        self.gateway: Gateway
        self._triggers: list[QueueTrigger | ObjectStorageTrigger] = []
        self._event_queue_urls: Mapping[str, str] = {}
        self._polling: LongPolling | None = None
        self._store: S3ObjectStore | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="local-cloud", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._run(self._start(), START_TIMEOUT_SECONDS)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop every part; once more is fine, and so is one that was not started."""
        if self._loop.is_closed():
            return
        if self._thread.is_alive():
            with suppress(TimeoutError):
                self._run(self._stop(), 30)
            end_loop(self._loop, self._thread)
        self._loop.close()
        self.logs.close()

    def store(self) -> S3ObjectStore:
        """Return the bucket, as the project's own adapter sees it."""
        if self._store is None:
            for name, value in CREDENTIALS.items():  # boto3 signs for moto too, and takes its keys from the environment
                os.environ.setdefault(name, value)
            self._store = S3ObjectStore(BUCKET, endpoint_url=self.storage_url)
        return self._store

    def warm_up(self, timeout: float = 120.0) -> None:
        """Start an instance of the webhook, the authorizer, the jobs function and the transcriber, so that nobody is first to pay.

        Raises CannotStart when one of them does not answer as it should.
        """
        try:
            self._run(self._warm_up(), timeout)
        except TimeoutError:
            raise CannotStart(f"the functions and the transcriber did not answer within {timeout:.0f} s") from None

    def local_environment(self) -> dict[str, str]:
        """Return what another program needs to join."""
        return CREDENTIALS | {
            "PISAR_API_URL": self.api_url,
            "PISAR_API_KEY": self.api_key,
            "PISAR_CALLBACK_SECRET": self.callback_secret,
            "PISAR_PAGE_URL": f"{self.api_url}/#key={self.api_key}",
            "TELEGRAM_API_URL": self.telegram_url,
            "TELEGRAM_BOT_TOKEN": self.bot_token,
            "TELEGRAM_WEBHOOK_SECRET": self.webhook_secret,
            "AWS_ENDPOINT_URL_S3": self.storage_url,
            "AWS_ENDPOINT_URL_SQS": self.storage_url,
            "PISAR_BUCKET": BUCKET,
            "PISAR_QUEUE_URL": self.queue_url,
        }

    async def _start(self) -> None:
        config = self.config
        self.storage_url = await self.storage.start()
        await asyncio.to_thread(self._make_resources)
        new = await asyncio.to_thread(lambda: Keys(self.store()).create("local", now=time.time()))
        self.api_key, self.callback_secret = new.key, new.client.callback_secret
        self.telegram_url = config.real_telegram.api_url if config.real_telegram else await self.telegram.start()
        self._make_functions()
        document = (ROOT / "terraform" / "openapi.yaml").read_text(encoding="utf-8")
        variables = {
            "cors_origin": _cors_origin(config.settings.get("PISAR_CORS_ORIGINS", "")),
            "gateway_service_account_id": "gateway",
            "webhook_function_id": "webhook",
            "authorizer_function_id": "authorizer",
            "jobs_function_id": "jobs",
            "transcriber_container_id": "transcriber",
        }
        targets: dict[str, Function | Container] = {**self.functions, "transcriber": self.transcriber}
        self.gateway = Gateway(document, variables, targets)
        self.api_url = await self.gateway.start(config.api_port)
        polling = Polling(wait_seconds=config.poll_seconds)
        self._triggers = [
            QueueTrigger(self.storage_url, self.queue_url, self.transcriber, "/queue", replace(polling, parallel=config.transcribers)),
            QueueTrigger(self.storage_url, self.dead_letters_url, self.functions["dead_letters"], polling=polling),
            QueueTrigger(self.storage_url, self.callback_queue_url, self.functions["callbacks"], polling=polling),
            *(
                ObjectStorageTrigger(
                    self.storage_url,
                    BUCKET,
                    self.functions["uploads"],
                    prefix=prefix,
                    retry_attempts=5,
                    retry_interval_seconds=10.0,
                    events_queue_url=self._event_queue_urls.get(prefix),
                    wait_seconds=config.poll_seconds,
                )
                for prefix in (UPLOADS, INCOMING)
            ),
        ]
        for trigger in self._triggers:
            await trigger.start()
        await self._join_telegram()

    def _make_resources(self) -> None:
        made = self.config.make_resources(
            self.storage_url,
            name=BUCKET,
            visibility_timeout=self.config.visibility_timeout,
            callback_visibility_timeout=CALLBACK_VISIBILITY_SECONDS,
            max_deliveries=self.config.max_deliveries,
        )
        allow_pages_to_upload(self.storage_url, BUCKET)
        self.queue_url, self.dead_letters_url, self.callback_queue_url = made.queue_url, made.dead_letters_url, made.callback_queue_url
        self._event_queue_urls = made.event_queue_urls

    def _make_functions(self) -> None:
        config = self.config
        storage = CREDENTIALS | {"AWS_ENDPOINT_URL_S3": self.storage_url, "AWS_ENDPOINT_URL_SQS": self.storage_url, "PISAR_BUCKET": BUCKET}
        telegram = {"TELEGRAM_BOT_TOKEN": self.bot_token, "TELEGRAM_API_URL": self.telegram_url}
        working = {"PISAR_LEASE_SECONDS": str(config.lease), "PISAR_MODEL": config.model, "PISAR_BEHIND_GATEWAY": "yes"}
        intake = {"PISAR_QUEUE_URL": self.queue_url, "PISAR_INTAKE_LEASE_SECONDS": str(config.intake_lease)}
        webhook = intake | {"TELEGRAM_WEBHOOK_SECRET": self.webhook_secret, "TELEGRAM_ALLOWED_IDS": "*"}
        announcing = {"PISAR_CALLBACK_QUEUE_URL": self.callback_queue_url}
        calling = announcing | {"PISAR_CALLBACK_HOSTS": "localhost"}  # a receiver on this machine is what one tries first
        wants = {"PISAR_PIECE_SECONDS": DEMO_PIECE_SECONDS} if config.model == str(DEMO_MODEL) else {}
        environments = {
            "webhook": storage | telegram | webhook,
            "authorizer": storage,
            "uploads": storage | intake | announcing,
            "jobs": storage | intake | calling,
            "callbacks": storage | calling,
            "dead_letters": storage | telegram | intake | announcing,
        }
        # At its limit of instances a function's calls queue; nothing documents how many may.
        limits = Limits(max_instances=config.function_instances, max_waiting=1000, execution_timeout_seconds=config.function_timeout)
        self.functions = {
            name: Function(
                name,
                ROOT / "functions" / name,
                "main.handler",
                _environment(name, environment, config.settings),
                limits=limits,
                memory_mb=512,
                on_line=self.logs.add,
            )
            for name, environment in environments.items()
        }
        self.transcriber = Container(
            "transcriber",
            (sys.executable, str(ROOT / "containers" / "transcriber" / "app.py")),
            _environment("transcriber", storage | telegram | intake | working | announcing | wants, config.settings),
            limits=Limits(max_instances=config.transcribers, execution_timeout_seconds=config.container_timeout),
            on_line=self.logs.add,
        )

    async def _join_telegram(self) -> None:
        if self.config.real_telegram:
            self._polling = LongPolling(self.telegram_url, self.bot_token, f"{self.api_url}/telegram", self.webhook_secret, self.logs.add)
            await asyncio.to_thread(self._polling.start)
            return
        webhook = {"url": f"{self.api_url}/telegram", "secret_token": self.webhook_secret, "allowed_updates": list(WANTED_UPDATES)}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.telegram_url}/bot{self.bot_token}/setWebhook", json=webhook) as answer,
        ):
            answer.raise_for_status()

    async def _warm_up(self) -> None:
        # Each request gets as far as its last part, and is then found to be about nothing.
        secret, key = {"X-Telegram-Bot-Api-Secret-Token": self.webhook_secret}, {"X-API-Key": self.api_key}
        async with aiohttp.ClientSession(self.api_url) as session:
            jobs = asyncio.create_task(self.expect(session, ("authorizer", "jobs"), 200, "GET", "/jobs", headers=key))

            async def transcriber() -> None:
                await asyncio.wait({jobs})  # the gateway keeps the authorizer's answer: two questions at once would start two of it
                await self.expect(session, ("authorizer", "transcriber"), 415, "POST", "/transcribe", headers=key)

            outcomes = await asyncio.gather(
                self.expect(session, ("webhook",), 200, "POST", "/telegram", headers=secret, json={"update_id": 0}),
                transcriber(),
                jobs,
                return_exceptions=True,
            )
        # Of several parts that do not work the first in this order is named, not the quickest to fail.
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def expect(self, session: aiohttp.ClientSession, parts: tuple[str, ...], status: int, method: str, path: str, **how: Any) -> None:
        """Make a call that is answered by these parts; raise CannotStart with their last words unless it gets this status."""
        answered = TOOK_TOO_LONG
        while answered == TOOK_TOO_LONG:  # a first start on a busy machine may outlast a short timeout; `warm_up` ends this
            async with session.request(method, path, **how) as answer:
                answered = answer.status
        if answered == status:
            return
        lines: list[str] = []
        for _ in range(LAST_WORDS_LOOKS):  # on a busy machine the answer may be here before the last words of who died
            lines = [f"{line['process']}: {line['message']}" for line in self.logs.lines() if line["process"] in parts]
            if lines:
                break
            await asyncio.sleep(LAST_WORDS_LOOK_SECONDS)
        said = "".join(f"\n  {line}" for line in lines[-LAST_WORDS:])
        raise CannotStart(f"the {' or the '.join(parts)} does not work: {method} {path} was answered {answered}, not {status}.{said}")

    async def _stop(self) -> None:
        if self._polling is not None:
            await asyncio.to_thread(self._polling.stop)
        await asyncio.gather(*(trigger.stop(at_once=True) for trigger in self._triggers))
        if self.api_url:
            await self.gateway.stop()
        for function in self.functions.values():
            await function.stop()
        if self.functions:
            await self.transcriber.stop()
        if self.telegram_url and not self.config.real_telegram:
            await self.telegram.stop()
        await self.storage.stop()

    def _run(self, work: Coroutine[Any, Any, T], timeout: float) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)


def _environment(deployable: str, own: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    # boto3 puts AWS_SDK_UA_APP_ID into its User-Agent: faults and access logs can tell the deployables apart.
    return {**own, **extra, "AWS_SDK_UA_APP_ID": deployable}


def _cors_origin(text: str) -> str:
    """Return what the gateway's document has in place of the variable `cors_origin`, as Terraform writes it; raise CannotStart."""
    try:
        found = sorted(origins(text))
    except ValueError as error:
        raise CannotStart(f"PISAR_CORS_ORIGINS is wrong: {error}") from None
    return json.dumps("*" if "*" in found else found or False)
