"""Processes that serve one HTTP request at a time each, started when needed, as the cloud runs functions and containers.

A request takes an idle instance, else starts one, else waits its turn. One whose caller gives up runs on to its end, and
time spent waiting for a turn does not count in its execution timeout, while start-up does.
"""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from localstack.cloud.exchange import MAX_PAYLOAD_BYTES, CallFailed, Request, Response

LISTEN_CHECK_SECONDS = 0.02
DRAIN_SECONDS = 5.0  # how long the last lines of a dead process may take to arrive

OnLine = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many instances, and for how long.

    The cloud sends SIGKILL 50 ms after SIGTERM to an idle instance; `grace_seconds` is that time.
    """

    max_instances: int = 1
    max_waiting: int = 100  # more than these are answered 429
    execution_timeout_seconds: float = 600.0
    start_timeout_seconds: float = 60.0
    grace_seconds: float = 0.05


class InstancePool:
    """The instances of one function or container. All methods belong to the loop's thread, but for `pids`.

    The processes see the given environment and PATH, PORT, LANG and PYTHONUNBUFFERED, nothing else of ours.
    `on_line` gets the pool's name and each line of stdout and stderr, in the loop's thread.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, limits: Limits, folder: Path | None, on_line: OnLine
    ) -> None:
        self.name = name
        self.limits = limits
        self._command = command
        self._environment = environment
        self._folder = folder
        self._on_line = on_line
        self._turns = asyncio.Semaphore(limits.max_instances)
        self._waiting = 0
        self._instances: list[_Instance] = []
        self._idle: list[_Instance] = []
        self._calls: set[asyncio.Task[Response]] = set()

    def pids(self) -> list[int]:
        """Return the process ids of live instances, oldest first; safe for threads."""
        return [instance.pid for instance in list(self._instances) if instance.alive]

    async def call(self, request: Request) -> Response:
        """Have an instance answer the request.

        Raises CallFailed: 429 when too many wait, 502 when the process does not start, does not listen or dies,
        504 when it took too long (and is killed), 413 when its answer is over the limit.
        """
        if self._turns.locked() and self._waiting >= self.limits.max_waiting:
            raise CallFailed(429, "too many requests wait for an instance")
        self._waiting += 1
        call = asyncio.create_task(self._call_in_turn(request))
        self._calls.add(call)
        call.add_done_callback(self._forget)
        return await asyncio.shield(call)

    async def stop(self) -> None:
        """End every instance: SIGTERM, then SIGKILL after the grace. Calls in progress fail with 502."""
        calls = list(self._calls)
        await asyncio.gather(*(instance.terminate(self.limits.grace_seconds) for instance in list(self._instances)))
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.gather(*(instance.kill() for instance in list(self._instances)))  # started while we stopped
        self._instances.clear()
        self._idle.clear()

    def _forget(self, call: "asyncio.Task[Response]") -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()  # its caller may have given up; asyncio complains of errors nobody looked at

    async def _call_in_turn(self, request: Request) -> Response:
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            async with asyncio.timeout(self.limits.execution_timeout_seconds):
                return await self._exchange(request)
        except TimeoutError:
            raise CallFailed(504, f"no answer within {self.limits.execution_timeout_seconds:g} s") from None
        finally:
            self._turns.release()

    async def _exchange(self, request: Request) -> Response:
        while True:
            reused = bool(self._idle)
            instance = self._idle.pop() if reused else self._new_instance()
            try:
                if not reused:
                    await instance.start(self.limits.start_timeout_seconds)
                response = await instance.exchange(request)
            except aiohttp.ClientConnectorError:
                await self._discard(instance)
                if not reused:
                    raise CallFailed(502, "the instance stopped listening") from None
                continue  # it died while idle and has seen nothing of this request
            except aiohttp.ClientError:
                await self._discard(instance)
                raise CallFailed(502, "the instance died or did not answer in HTTP") from None
            except BaseException:
                await self._discard(instance)
                raise
            self._idle.append(instance)
            return response

    def _new_instance(self) -> "_Instance":
        instance = _Instance(self._command, self._environment, self._folder, lambda line: self._on_line(self.name, line))
        self._instances.append(instance)
        return instance

    async def _discard(self, instance: "_Instance") -> None:
        await instance.kill()
        if instance in self._instances:
            self._instances.remove(instance)


class _Instance:
    """One process. It leads a process group of its own, so that what it started ends with it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path | None, on_line: Callable[[str], None]) -> None:
        self._command = command
        self._environment = environment
        self._folder = folder
        self._on_line = on_line
        self._port, self._reservation = _reserve_port()
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, timeout_seconds: float) -> None:
        """Start the process and wait until it listens; raise CallFailed(502)."""
        environment = {
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **self._environment,
            "PATH": os.environ.get("PATH", os.defpath),
            "PORT": str(self._port),
        }
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=environment, cwd=self._folder, start_new_session=True
            )
        except OSError as error:
            raise CallFailed(502, f"the instance can't be started: {error.strerror}") from None
        assert self._process.stdout is not None  # noqa: S101 - for mypy: it was asked for above
        self._reader = asyncio.create_task(_read_lines(self._process.stdout, self._on_line))
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await self._listens():
                    if not self.alive:
                        raise CallFailed(502, f"the instance ended at its start with code {self._process.returncode}")
                    await asyncio.sleep(LISTEN_CHECK_SECONDS)
        except TimeoutError:
            raise CallFailed(502, f"the instance did not listen within {timeout_seconds:g} s") from None

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        return True

    async def exchange(self, request: Request) -> Response:
        """Send the request over a connection of its own and return the response as it came."""
        url = URL(f"http://127.0.0.1:{self._port}{request.target}", encoded=True)
        skip = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
        headers = [(name, value) for name, value in request.headers if name.lower() != "content-length"]
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=skip, timeout=timeout) as session,
            session.request(request.method, url, headers=headers, data=request.body, allow_redirects=False) as response,
        ):
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_PAYLOAD_BYTES:
                    raise CallFailed(413, "the response is over the limit of 3.5 MB")
            return Response(response.status, tuple(response.headers.items()), bytes(body))

    async def terminate(self, grace_seconds: float) -> None:
        """Ask the process to end, and kill what is left of its group after the grace."""
        if self.alive and self._process is not None:
            self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace_seconds)
        await self.kill()

    async def kill(self) -> None:
        """Kill the process group, take in its last lines and give up its port."""
        self._reservation.close()
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):  # the whole group is gone; macOS says it the second way
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._reader is not None:
            await asyncio.wait({self._reader}, timeout=DRAIN_SECONDS)
            self._reader.cancel()


async def _read_lines(stream: asyncio.StreamReader, on_line: Callable[[str], None]) -> None:
    """Hand on every line, however long; `StreamReader.readline` gives up on those over its limit."""
    rest = b""
    while chunk := await stream.read(1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            on_line(line.decode(errors="replace").rstrip("\r"))
    if rest:
        on_line(rest.decode(errors="replace"))


def _reserve_port() -> tuple[int, socket.socket]:
    """Bind a free port without listening on it, so that nobody else is given it before the instance listens there.

    Linux lets a second socket bind it when both set SO_REUSEADDR, as Python's servers do; other systems do not, and there
    it only most likely stays free.
    """
    reservation = socket.socket()
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reservation.bind(("127.0.0.1", 0))
    port: int = reservation.getsockname()[1]
    if sys.platform != "linux":
        reservation.close()
    return port, reservation
