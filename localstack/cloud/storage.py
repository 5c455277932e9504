"""S3 and SQS over HTTP by moto, in a process of its own, with faults on request.

Every request is carried out under one lock: the real services write atomically, while moto under threads checks first and
writes later. Bodies are read before the lock is taken, and a long poll holds it only for each look into the queue.
Any credentials do. Nothing is kept on disk.
"""

import argparse
import asyncio
import json
import os
import sys
import time
import urllib.request
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from localstack.cloud.storage_faults import CONTROL_PATH, SQS_ACTION, FaultyApplication, fault_from_json, fault_to_json
from localstack.cloud.storage_forms import KeepsFormPolicies
from localstack.cloud.storage_parts import KeepsSignedAddresses
from localstack.cloud.storage_versions import WithoutVersions
from localstack.faults import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOK_SECONDS = 0.1  # a long poll looks into the queue this often for messages whose visibility timeout ran out
START_SECONDS = 120.0


class StorageServer:
    """The storage process, on a free port unless told which. `add_fault`, `clear_faults` and `fired` are safe for threads."""

    def __init__(self, port: int = 0) -> None:
        self.url = ""
        self._port = port
        self._process: Process | None = None

    async def start(self) -> str:
        """Start the process, wait until it listens and return its URL: the endpoint of S3 and of SQS alike."""
        # The pipe to its stdin is how it learns that we are gone, even when we were killed.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "localstack.cloud.storage", "--port", str(self._port), "--with-parent",
            stdin=PIPE, stdout=PIPE, cwd=Path(__file__).parents[2], start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None  # noqa: S101 - for mypy: it was asked for two lines above
        async with asyncio.timeout(START_SECONDS):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the storage server ended at its start; its last words are on stderr")
        self.url = line.decode().strip()
        return self.url

    def add_fault(self, fault: Fault) -> None:
        """Spoil a request to come."""
        self._control("POST", fault_to_json(fault))

    def clear_faults(self) -> None:
        """Forget every fault, also those that happened; requests that hang are let go."""
        self._control("DELETE")

    def fired(self) -> list[Fault]:
        """Return the faults that happened, in order."""
        return [fault_from_json(fault) for fault in self._control("GET")]

    async def stop(self) -> None:
        """End the process; all it stored is lost."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def _control(self, method: str, data: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.url + CONTROL_PATH, body, method=method)  # noqa: S310 - our own http:// URL
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
            fired: list[dict[str, Any]] = json.load(answer)
        return fired


def _serve(port: int) -> None:
    # moto reads its settings from the environment when it is imported.
    os.environ["MOTO_ALLOW_NONEXISTENT_REGION"] = "true"  # ru-central1 is none of Amazon's regions
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app  # noqa: PLC0415
    from moto.s3.exceptions import NoSuchUpload  # noqa: PLC0415
    from moto.s3.models import S3Backend  # noqa: PLC0415
    from moto.sqs.models import SQSBackend  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415 - only the server's process has use for it

    class Handler(MotoRequestHandler):
        disable_nagle_algorithm = True  # head and body are written apart; together with delayed ACKs that costs 40 ms

        def log(self, *_: object) -> None:
            """Log no requests: their paths name people's files."""

    lock = RLock()
    SQSBackend.receive_message = atomic_receive(SQSBackend.receive_message, lock)  # type: ignore[method-assign]
    for name in ("upload_part", "complete_multipart_upload"):
        setattr(S3Backend, name, of_known_uploads(getattr(S3Backend, name), NoSuchUpload))
    application = FaultyApplication(
        Serialised(KeepsSignedAddresses(KeepsFormPolicies(WithoutVersions(DomainDispatcherApplication(create_backend_app)))), lock)
    )
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Handler)
    print(f"http://127.0.0.1:{server.port}", flush=True)  # noqa: T201 - how the parent learns the port
    server.serve_forever()


class Serialised:
    """The application, one request at a time, but for ReceiveMessage, which takes the lock itself for each look."""

    def __init__(self, application: "WSGIApplication", lock: RLock) -> None:
        self._application = application
        self._lock = lock

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, in its turn."""
        if environ[SQS_ACTION] == "ReceiveMessage":
            return self._application(environ, start_response)
        with self._lock:
            return self._application(environ, start_response)


def atomic_receive(look: Callable[..., list[Any]], lock: RLock) -> Callable[..., list[Any]]:
    """Return moto's `receive_message` made to hold the lock for each look into the queue, not while it waits.

    Without it two receivers may be given one message, and two that move a message to the dead-letter queue fail.
    """

    def receive_message(self: Any, queue_name: str, count: int, wait_seconds_timeout: int, *rest: Any, **named: Any) -> list[Any]:
        deadline = time.monotonic() + wait_seconds_timeout
        while True:
            with lock:
                messages = look(self, queue_name, count, 0, *rest, **named)
                queue = self.get_queue(queue_name)
            left = deadline - time.monotonic()
            if messages or left <= 0:
                return messages
            with queue._messages_lock:  # noqa: SLF001 - moto's own wait sleeps through a message that comes and is to be seen later
                if not queue.messages:  # of an empty queue there is nothing to see before somebody adds to it
                    queue._messages_lock.wait(min(LOOK_SECONDS, left) if queue._messages else left)  # noqa: SLF001 - see above

    return receive_message


def of_known_uploads(call: Callable[..., Any], unknown: Callable[..., Exception]) -> Callable[..., Any]:
    """Return moto's method made to refuse an upload in parts that is over, as S3 does; moto fails on one."""

    def checked(self: Any, bucket_name: str, multipart_id: str, *rest: Any, **named: Any) -> Any:
        if multipart_id not in self.get_bucket(bucket_name).multiparts:
            raise unknown(upload_id=multipart_id)
        return call(self, bucket_name, multipart_id, *rest, **named)

    return checked


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Serve on 127.0.0.1 until killed. Prints the URL once it listens."""
    parser = argparse.ArgumentParser(prog="python -m localstack.cloud.storage", description=main.__doc__)
    parser.add_argument("--port", type=int, default=4566, help="0 for any free one")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin is closed")
    arguments = parser.parse_args()
    if arguments.with_parent:
        Thread(target=_end_with_parent, daemon=True).start()
    _serve(arguments.port)


if __name__ == "__main__":
    main()
