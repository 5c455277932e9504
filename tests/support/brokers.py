"""Real message brokers on loopback, each with its own folder, ports and processes: Debian's RabbitMQ and Redis, and moto for SQS.

A context manager each. `kill` is SIGKILL, as a machine that loses power; `start` again brings the broker back with what it had kept.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from localstack.failures import CannotStart

START_SECONDS = 120.0
STOP_SECONDS = 30.0
TRIES = 3
LOOK_SECONDS = 0.1
ROOT = Path(__file__).parents[2]
RABBITMQ_LIB = Path("/usr/lib/rabbitmq")


class Broker:
    """A broker that may be killed and started again at the same address."""

    name = ""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"pisar-{self.name}-"))
        self.port = free_port()
        self._spare = [free_port(), free_port()]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for PISAR_BROKER_URL."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Return what else a program needs to reach the broker."""
        return {}

    def start(self) -> None:
        """Start the broker and wait until it answers; raise CannotStart."""
        command, environment = self._command()
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=self.folder, env={**_base(), **environment}, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "output.log").read_text(errors="replace").splitlines()[-6:]
                raise CannotStart("\n  ".join([f"{self.name} did not start:", *said]))
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Let the broker write down what it has and end; once more is fine."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the broker at once."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        for one in range(TRIES):
            try:
                self.start()
            except CannotStart:
                self.kill()
                if one == TRIES - 1:
                    self.__exit__(None, None, None)
                    raise
                # Somebody else may have taken a port between its choice and its use.
                self.port, *self._spare = (free_port() for _ in range(3))
            except BaseException:
                self.__exit__(None, None, None)
                raise
            else:
                break
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for one in (how, signal.SIGKILL):
            try:
                os.killpg(process.pid, one)
                process.wait(STOP_SECONDS)
            except ProcessLookupError:
                process.wait()
            except subprocess.TimeoutExpired:
                continue
            return

    def _command(self) -> tuple[list[str], Mapping[str, str]]:
        raise NotImplementedError

    def _answers(self) -> bool:
        return connects(self.port)


class Redis(Broker):
    """Redis with a password, that writes each change down before it answers."""

    name = "redis"

    def __init__(self) -> None:
        super().__init__()
        self._password = secrets.token_hex(12)

    @property
    def url(self) -> str:
        """The address for PISAR_BROKER_URL."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def _command(self) -> tuple[list[str], Mapping[str, str]]:
        secret = self.folder / "redis.conf"  # an argument would be read by whoever lists processes
        secret.write_text(f"requirepass {self._password}\n")
        kept = ["--dir", str(self.folder), "--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        return [_program("redis-server"), str(secret), "--bind", "127.0.0.1", "--port", str(self.port), *kept], {}

    def _answers(self) -> bool:
        said = f"AUTH {self._password}\r\nPING\r\n".encode()
        return exchanges(self.port, said, b"+OK\r\n+PONG")  # while it reads what it kept it says -LOADING


class RabbitMq(Broker):
    """RabbitMQ with a user, a host of its own, and no plugin."""

    name = "rabbitmq"

    def __init__(self) -> None:
        super().__init__()
        self._password = secrets.token_urlsafe(12)
        self._cookie = secrets.token_hex(16)

    @property
    def url(self) -> str:
        """The address for PISAR_BROKER_URL."""
        return f"amqp://pisar:{self._password}@127.0.0.1:{self.port}//"

    def _command(self) -> tuple[list[str], Mapping[str, str]]:
        (self.folder / ".erlang.cookie").write_text(self._cookie)
        (self.folder / ".erlang.cookie").chmod(0o400)
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{self.port}",
            "default_user = pisar",
            f"default_pass = {self._password}",
            "log.console = true",
            "log.console.level = warning",
            "log.file = false",
            "vm_memory_high_watermark.absolute = 512MiB",
            "disk_free_limit.absolute = 50MB",
        ]
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self.folder / "enabled_plugins").write_text("[].\n")
        folder = str(self.folder)
        environment = {
            "HOME": folder,
            "RABBITMQ_NODENAME": f"pisar{self.port}@localhost",
            "RABBITMQ_BASE": folder,
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_DIST_PORT": str(self._spare[0]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._spare[1]),
            "RABBITMQ_IO_THREAD_POOL_SIZE": "4",
            "ERL_MAX_PORTS": "4096",
        }
        return [str(_rabbitmq_server())], environment

    def _answers(self) -> bool:
        return exchanges(self.port, b"AMQP\x00\x00\x09\x01", b"\x01\x00\x00")  # it opens a connection: Connection.Start


class Sqs(Broker):
    """Moto's SQS, which speaks the protocol and keeps nothing on disk."""

    name = "sqs"

    @property
    def url(self) -> str:
        """The address for PISAR_BROKER_URL."""
        return "sqs://"

    def environment(self) -> dict[str, str]:
        """Return where the queues are; the keys are anybody's."""
        return {"AWS_ENDPOINT_URL_SQS": f"http://127.0.0.1:{self.port}"}

    def _command(self) -> tuple[list[str], Mapping[str, str]]:
        return [sys.executable, "-m", "localstack.cloud.storage", "--port", str(self.port)], {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}


BROKERS: dict[str, Callable[[], Broker]] = {one.name: one for one in (Redis, RabbitMq, Sqs)}


def free_port() -> int:
    """Return a port that is free now, chosen by the system."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def connects(port: int) -> bool:
    """Say whether something listens on a port of loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def exchanges(port: int, said: bytes, heard: bytes) -> bool:
    """Say whether what listens there answers so to that."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(said)
            return line.recv(64).startswith(heard)
    except OSError:
        return False


def _program(name: str) -> str:
    if found := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"):
        return found
    raise CannotStart(f"{name} is missing. Run: ./setup.sh debian {name}")


def _rabbitmq_server() -> Path:
    # Not /usr/sbin's, which changes to the user rabbitmq and to Debian's own folders.
    server = RABBITMQ_LIB / "bin" / "rabbitmq-server"
    if not server.exists():
        raise CannotStart("rabbitmq-server is missing. Run: ./setup.sh debian rabbitmq-server")
    return server


def _base() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
