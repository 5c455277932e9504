"""The HTTP face: which request is for the bot, in what envelope it is answered, and which fault spoils it.

A fault is asked for before a request is carried out and again before it is answered; a spoiled connection is closed
without a byte. The token is in every path, so paths are never logged and faults see only what follows the token.
"""

import asyncio
import hmac
import logging
import mimetypes
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
from aiohttp import web

from localstack.faults import Action, Fault, FaultBook
from localstack.telegram import api, params, refusals
from localstack.telegram.params import Params
from localstack.telegram.refusals import Refusal
from localstack.telegram.views import Call
from localstack.telegram.world import World

_log = logging.getLogger(__name__)
_SECRET = "***"  # noqa: S105 - what stands for a secret in the log of calls
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request came to."""

    status: int
    description: str | None
    result: Any
    response: web.StreamResponse


class Gate:
    """Answers every HTTP request of the stand-in."""

    def __init__(self, world: World, token: str, faults: FaultBook, execute: Callable[[str, Params], Awaitable[Any]]) -> None:
        self._world = world
        self._token = token
        self._faults = faults
        self._execute = execute

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request in Telegram's envelope."""
        started = (time.monotonic(), time.time())
        found = re.fullmatch(r"/(?P<file>file/)?bot(?P<token>[^/]+)/(?P<rest>.+)", request.path)
        if found is None:
            return _refused(refusals.NOT_FOUND).response
        if not hmac.compare_digest(found["token"].encode(), self._token.encode()):
            return _refused(refusals.UNAUTHORIZED).response
        if found["file"]:
            return await self._download(request, found["rest"], started)
        return await self._method(request, found["rest"], started)

    async def _method(self, request: web.Request, name: str, started: tuple[float, float]) -> web.StreamResponse:
        method = api.canonical(name)
        if method is None:
            return _refused(refusals.NO_SUCH_METHOD).response
        try:
            arguments = await params.read(request)
        except web.HTTPRequestEntityTooLarge:
            return _refused(refusals.TOO_LARGE).response
        except Refusal as refusal:
            return _refused(refusal).response
        call = self.begin(method, arguments, started)
        path = f"/{method}" + (f"?{request.query_string}" if request.query_string else "")

        async def carry_out() -> Answered:
            try:
                result = await self._execute(method, arguments)
            except Refusal as refusal:
                return _refused(refusal)
            except Exception:  # noqa: BLE001 - the bot gets an envelope whatever breaks here; the log says what did
                _log.exception("%s could not be carried out", method)
                return _refused(refusals.BROKEN)
            return Answered(200, None, result, web.json_response({"ok": True, "result": result}))

        return await self._answer(request, call, path, carry_out)

    async def _download(self, request: web.Request, file_path: str, started: tuple[float, float]) -> web.StreamResponse:
        call = self.begin("download", Params({"file_path": file_path}), started)

        async def carry_out() -> Answered:
            with self._world.condition:
                file = next((one for one in self._world.files.values() if one.path == file_path), None)
                gone = file_path in self._world.lost_paths or self._world.now() >= self._world.links.get(file_path, 0.0)
            if file is None or gone or file.size > self._world.download_limit_bytes:
                return _refused(refusals.NOT_FOUND)
            response = web.StreamResponse()
            response.content_length = len(file.content)
            response.content_type = mimetypes.guess_type(file.path)[0] or "application/octet-stream"
            return Answered(200, None, file.content, response)

        return await self._answer(request, call, f"/file/{file_path}", carry_out)

    async def _answer(
        self, request: web.Request, call: Call, path: str, carry_out: Callable[[], Awaitable[Answered]]
    ) -> web.StreamResponse:
        spoiled = await self._spoil("before", request, call, path)
        if spoiled is not None:
            return spoiled
        answered = await carry_out()
        with self._world.change():
            call.executed = answered.description is None
        spoiled = await self._spoil("after", request, call, path)
        if spoiled is not None:
            return spoiled
        if isinstance(answered.result, bytes):
            try:
                await _stream(request, answered.response, answered.result)
            except (ConnectionError, aiohttp.ClientConnectionError):
                self.end(call, None, "the bot hung up", None)
                raise
        self.end(call, answered.status, answered.description, None if call.method == "download" else answered.result)
        return answered.response

    async def _spoil(self, when: Literal["before", "after"], request: web.Request, call: Call, path: str) -> web.StreamResponse | None:
        fault = self._faults.strike(when, request.method, path, request.headers.get("User-Agent", ""))
        if fault is None:
            return None
        with self._world.change():
            call.fault = fault.action.value
        if fault.action is Action.STATUS:
            self.end(call, fault.status, None, None)
            return _as_asked(fault)
        if fault.action is Action.HANG:
            await asyncio.sleep(fault.seconds)
        if request.transport is not None:
            request.transport.close()
        self.end(call, None, None, None)
        return web.Response()

    def begin(self, method: str, arguments: Params, started: tuple[float, float], via: str = "http") -> Call:
        """Enter a request in the log of calls."""
        shown = {name: _SECRET if name == "secret_token" else value for name, value in arguments.values.items()}
        sizes = {name: len(upload.content) for name, upload in arguments.files.items()}
        call = Call(method=method, params=shown, files=sizes, via=via, started_at=started[0], started_unix=started[1])
        with self._world.change():
            self._world.calls.append(call)
        return call

    def end(self, call: Call, status: int | None, description: str | None, result: Any) -> None:
        """Note how a request was answered, now."""
        with self._world.change():
            call.status, call.description, call.result = status, description, result
            call.answered_at, call.answered_unix = time.monotonic(), time.time()


def _refused(refusal: Refusal) -> Answered:
    response = web.json_response(refusal.envelope(), status=refusal.code, headers=refusal.headers())
    return Answered(refusal.code, refusal.description, None, response)


def _as_asked(fault: Fault) -> web.Response:
    headers = {"Content-Type": "application/json"} | fault.headers
    return web.Response(status=fault.status, headers=headers, body=fault.body)


async def _stream(request: web.Request, response: web.StreamResponse, content: bytes) -> None:
    """Send a file; return when the last byte has left this process."""
    await response.prepare(request)
    if request.transport is not None:
        request.transport.set_write_buffer_limits(high=0)
    for start in range(0, len(content), _CHUNK_BYTES):
        await response.write(content[start : start + _CHUNK_BYTES])
    await response.write_eof()
