"""Cloud functions as processes: a call in, the handler's result out.

An instance is one process and serves one call at a time. A function behind the gateway gets HTTP events, one behind a
trigger the bare event, and its `statusCode` is then not looked at.
"""

import json
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localstack.cloud.events import encode_event, error_response, function_event, function_response
from localstack.cloud.exchange import CallFailed, Request, Response, Route, json_response
from localstack.cloud.instances import InstancePool, Limits, OnLine

INSTANCE = Path(__file__).with_name("function_instance.py")


class FunctionFailed(CallFailed):
    """The handler raised: `error` is what the cloud answers (errorMessage, errorType, stackTrace)."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(502, f"the function raised {error.get('errorType')}")
        self.error = error


class Function:
    """A function made of a folder; `entrypoint` is "file.handler" as Terraform writes it.

    `token` is the IAM token of its service account, None if it has none. The instances' environment is `environment` and
    nothing of ours; `python` is their interpreter, another one when the function brings packages of its own.
    """

    def __init__(
        self,
        function_id: str,
        folder: Path,
        entrypoint: str,
        environment: Mapping[str, str],
        *,
        limits: Limits | None = None,
        memory_mb: int = 128,
        token: dict[str, Any] | None = None,
        python: str = sys.executable,
        on_line: OnLine,
    ) -> None:
        file, _, handler = entrypoint.partition(".")
        # -P: the instance must not find our folder on its path, only the function's.
        command = (python, "-P", str(INSTANCE), str(folder / f"{file}.py"), handler)
        self.environment = environment
        self._id = function_id
        self._memory_mb = memory_mb
        self._token = token
        self._pool = InstancePool(function_id, command, environment, limits=limits or Limits(), folder=folder, on_line=on_line)

    def pids(self) -> list[int]:
        """Return the process ids of live instances; safe for threads."""
        return self._pool.pids()

    async def invoke(self, event: Any) -> Any:
        """Call the handler with the event and return its result; raise FunctionFailed or CallFailed (see InstancePool.call)."""
        return await self._invoke(event, str(uuid.uuid4()))

    async def deliver(self, event: Any, _path: str = "/") -> None:
        """Hand over a trigger's event; raise CallFailed unless the handler returns."""
        await self.invoke(event)

    async def call_http(self, request: Request, route: Route | None = None) -> Response:
        """Answer an HTTP request as the cloud does: whatever fails becomes a response."""
        request_id = request.header("X-Request-Id") or str(uuid.uuid4())
        try:
            return function_response(await self._invoke(function_event(request, route, request_id), request_id))
        except FunctionFailed as failure:
            return json_response(502, failure.error, (("X-Function-Error", "true"),))
        except CallFailed as failure:
            return error_response(failure.status, failure.reason, "InvocationError")

    async def stop(self) -> None:
        """End every instance."""
        await self._pool.stop()

    async def _invoke(self, event: Any, request_id: str) -> Any:
        deadline = time.time() + self._pool.limits.execution_timeout_seconds
        context = {
            "request_id": request_id,
            "function_name": self._id,
            "function_version": f"{self._id}-version",
            "memory_limit_in_mb": self._memory_mb,
            "deadline_ms": int(deadline * 1000),
            "log_group_name": f"{self._id}-logs",
            "token": self._token,
        }
        call = b'{"context": %b, "event": %b}' % (json.dumps(context).encode(), encode_event(event))
        response = await self._pool.call(Request("POST", "/", (("Content-Type", "application/json"),), call))
        result = json.loads(response.body)
        if any(name.lower() == "x-function-error" for name, _ in response.headers):
            raise FunctionFailed(result)
        return result
