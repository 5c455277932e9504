"""One instance of a cloud function: imports the entry file and serves calls on PORT, one at a time.

Run as `python -P function_instance.py <path of main.py> <name of the handler>`. Standard library only, so that a function
finds here exactly what it brings. A call is POST / with {"event", "context"}; the answer is the handler's result as JSON,
or, with X-Function-Error: true, the error of an uncaught exception.
"""

import asyncio
import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from inspect import iscoroutine
from pathlib import Path
from socketserver import TCPServer
from typing import Any


class Context:
    """What the cloud tells a handler about its call."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.request_id: str = values["request_id"]
        self.aws_request_id: str = values["request_id"]
        self.function_name: str = values["function_name"]  # the function's id
        self.function_version: str = values["function_version"]
        self.memory_limit_in_mb: int = values["memory_limit_in_mb"]
        self.deadline_ms: int = values["deadline_ms"]
        self.log_group_name: str = values["log_group_name"]
        self.token: dict[str, Any] | None = values["token"]  # None for a function without a service account

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds are left of the execution timeout."""
        return max(0, self.deadline_ms - time.time_ns() // 1_000_000)


def answer(handler: Callable[[Any, Context], Any], call: dict[str, Any]) -> tuple[bytes, bool]:
    """Call the handler; return the answer's JSON and whether it is an error."""
    try:
        result = handler(call["event"], Context(call["context"]))
        if iscoroutine(result):
            # Undocumented: whether the cloud keeps one loop. A loop per call is the harder case for a handler.
            result = asyncio.run(result)
        return json.dumps(result, ensure_ascii=False).encode(), False
    except Exception as error:  # noqa: BLE001 - whatever the function raises is its answer
        traceback.print_exc()
        trace = [line.rstrip() for line in traceback.format_tb(error.__traceback__)]
        return json.dumps({"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}).encode(), True


def serve(handler: Callable[[Any, Context], Any], port: int) -> None:
    """Serve calls for ever."""

    class Calls(BaseHTTPRequestHandler):
        wbufsize = -1  # head and body in one packet

        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body, failed = answer(handler, call)
            self.send_response(502 if failed else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if failed:
                self.send_header("X-Function-Error", "true")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log no calls: the output belongs to the function."""

    class Server(TCPServer):
        allow_reuse_address = True  # the pool holds the port until we listen on it

    Server(("127.0.0.1", port), Calls).serve_forever()


def main() -> None:
    """Import the entry file as the cloud does, from its folder, and serve its handler on PORT."""
    entry, name = Path(sys.argv[1]).resolve(), sys.argv[2]
    logging.basicConfig(stream=sys.stdout, level=logging.WARNING)  # the cloud's root logger has its handler already
    sys.argv = [str(entry)]
    sys.path.insert(0, str(entry.parent))
    handler = getattr(importlib.import_module(entry.stem), name)
    serve(handler, int(os.environ["PORT"]))


if __name__ == "__main__":
    main()
