"""Pisar self-hosted, without Docker: the very processes of compose.yaml over a real broker, all on loopback.

A context manager. Storage and the Telegram stand-in are those of the local cloud. A process that was killed is started again by
`restart`, as its supervisor would.
"""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from localstack.cloud.clients import s3_client
from localstack.cloud.storage import StorageServer
from localstack.failures import CannotStart
from localstack.stack import BUCKET, CREDENTIALS, DEMO_MODEL, DEMO_PIECE_SECONDS
from localstack.telegram import TelegramStandIn
from pisar.adapters.loop_thread import end_loop
from pisar.adapters.object_storage import S3ObjectStore
from pisar.state.api_keys import Keys
from tests.support.brokers import Broker, connects, free_port
from tests.support.composed import DOORS, ROOT, door_commands, without_others_secrets

START_SECONDS = 120.0
STOP_SECONDS = 60.0
LOOK_SECONDS = 0.1

T = TypeVar("T")


class Machines:
    """A running deployment over a broker that is started already. `settings` go to every process."""

    def __init__(self, broker: Broker, folder: Path, *, settings: Mapping[str, str] | None = None, results_url: str = "") -> None:
        self.broker = broker
        self.storage = StorageServer()
        token = f"{secrets.randbelow(10**9) + 1}:{secrets.token_hex(16)}"
        self.telegram = TelegramStandIn(token)
        self.api_url = f"http://127.0.0.1:{free_port()}"
        self.api_key = self.storage_url = ""
        self._token = token
        self._results_url = results_url
        self._folder = folder
        self._settings = dict(settings or {})
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="machines", daemon=True)
        self._store: S3ObjectStore | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.storage_url = self._run(self.storage.start(), START_SECONDS)
            self._telegram_url = self._run(self.telegram.start(), START_SECONDS)
            s3_client(self.storage_url).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ru-central1"})  # type: ignore[typeddict-item]
            self.api_key = Keys(self.store()).create("local", now=time.time()).key
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process; once more is fine."""
        if self._loop.is_closed():
            return
        for name in list(self._processes):
            self.kill(name)
        with suppress(TimeoutError):
            self._run(self.telegram.stop(), 30)
            self._run(self.storage.stop(), 30)
        end_loop(self._loop, self._thread)

    def store(self) -> S3ObjectStore:
        """Return the bucket, as the project's own adapter sees it."""
        if self._store is None:
            for name, value in CREDENTIALS.items():  # boto3 takes its keys from the environment
                os.environ.setdefault(name, value)
            self._store = S3ObjectStore(BUCKET, endpoint_url=self.storage_url)
        return self._store

    def start(self, service: str, name: str = "", **settings: str) -> None:
        """Start a process of a service of compose.yaml, under a name of its own if there are several."""
        name = name or service
        environment = without_others_secrets(service, self.environment()) | self._settings | settings
        environment["PISAR_HEARTBEAT_FILE"] = str(self._folder / f"{name}.beat")
        environment["AWS_SDK_UA_APP_ID"] = name
        Path(environment["PISAR_HEARTBEAT_FILE"]).unlink(missing_ok=True)
        script, *arguments = door_commands()[service]
        with (self._folder / f"{name}.log").open("ab") as output:
            self._processes[name] = subprocess.Popen(
                [sys.executable, str(DOORS / script), *arguments],
                stdout=output,
                stderr=output,
                env=environment,
                cwd=self._folder,
                start_new_session=True,
            )

    def ready(self, *names: str) -> None:
        """Wait until these processes have shown signs of life; raise CannotStart."""
        deadline = time.monotonic() + START_SECONDS
        for name in names:
            while not self._is_ready(name):
                if not self.runs(name) or time.monotonic() > deadline:
                    raise CannotStart("\n  ".join([f"{name} did not start:", *self.log(name)[-8:]]))
                time.sleep(LOOK_SECONDS)

    def runs(self, name: str) -> bool:
        """Say whether the process has not ended."""
        return self._processes[name].poll() is None

    def pid(self, name: str) -> int:
        """Return the process's id."""
        return self._processes[name].pid

    def engine_pid(self, name: str) -> int:
        """Return the process that the engine of worker `name` runs in, 0 while there is none."""
        pid = self.pid(name)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else 0

    def kill(self, name: str) -> None:
        """SIGKILL to the process and its children, as a machine that loses power."""
        self._signal(name, signal.SIGKILL)
        self._processes.pop(name).wait()

    def stop(self, name: str) -> int:
        """SIGTERM to the process, as its supervisor does it; return its exit status."""
        process = self._processes.pop(name)
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        finally:
            self._processes[name] = process
            self._signal(name, signal.SIGKILL)
            self._processes.pop(name)

    def log(self, name: str) -> list[str]:
        """Return what the process has written."""
        return (self._folder / f"{name}.log").read_text(errors="replace").splitlines()

    def environment(self) -> dict[str, str]:
        """Return what every process is told, as .env tells it."""
        return {
            **CREDENTIALS,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT / "src"),
            "AWS_ENDPOINT_URL_S3": self.storage_url,
            **self.broker.environment(),
            "PISAR_BUCKET": BUCKET,
            "PISAR_BROKER_URL": self.broker.url,
            "PISAR_RESULTS_URL": self._results_url,
            "TELEGRAM_BOT_TOKEN": self._token,
            "TELEGRAM_API_URL": self._telegram_url,
            "TELEGRAM_ALLOWED_IDS": "*",
            "PISAR_MODEL": str(DEMO_MODEL),
            "PISAR_PIECE_SECONDS": DEMO_PIECE_SECONDS,
            "PISAR_THREADS": "1",
            "PORT": self.api_url.rpartition(":")[2],
        }

    def _is_ready(self, name: str) -> bool:
        if name.startswith("api"):
            return connects(int(self.api_url.rpartition(":")[2]))
        return (self._folder / f"{name}.beat").exists()

    def _signal(self, name: str, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._processes[name].pid, how)

    def _run(self, work: Coroutine[Any, Any, T], timeout: float) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)
