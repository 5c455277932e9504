"""The transcriber's HTTP door: the queue trigger's calls, `POST /transcribe`, and a health check.

A non-2xx answer makes the queue deliver the message again later; after the last delivery it goes to the dead-letter queue.
"""

import logging
import os
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisar import envelopes
from pisar.bootstrap.transcriber import Transcriber, build
from pisar.errors import Misconfigured, PisarError, Rejected, Rejection, Retryable, Unreadable
from pisar.formats import FORMATS, refusals

log = logging.getLogger("transcriber")

MULTIPART_OVERHEAD_BYTES = 64 * 1024
STATUS = {Rejection.TOO_BIG: 413, Rejection.TOO_LONG: 413}


class Doors:
    """The endpoints over a transcriber."""

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber

    async def queue(self, request: Request) -> Response:
        """Work on the messages of one trigger call; batches are of one message, more are worked on in order."""
        try:
            messages = envelopes.queue_messages(await request.json())
        except (Unreadable, ValueError) as error:
            return _unreadable(error)
        for message in messages:
            if refusal := await run_in_threadpool(self._work, message.body):
                return refusal
        return JSONResponse({"done": len(messages)})

    def _work(self, body: str) -> Response | None:
        # What goes wrong is logged in the thread that did the work: there, the line gets the job's id.
        try:
            self._transcriber.work(body)
        except Unreadable as error:
            return _unreadable(error)
        except PisarError as error:
            log.warning("not done", extra={"why": str(error) or type(error).__name__})
            return _error(503, "try_again", "Not done yet; deliver the message again.")
        except Exception as error:  # noqa: BLE001 - the door's last answer, with the job's id on its line
            return _internal(error)
        return None

    async def transcribe(self, request: Request) -> Response:
        """Transcribe the file of a multipart form while the caller waits."""
        try:
            client = await run_in_threadpool(self._transcriber.find_client, request.headers.get("X-API-Key"))
        except Retryable as error:
            return _later(error)
        if client is None:
            return _error(401, "unauthorized", "Send your API key in the X-API-Key header.")
        async with request.form(max_files=1, max_fields=10, max_part_size=MULTIPART_OVERHEAD_BYTES) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                return _error(400, "no_file", "Send the audio as the file field `file` of a multipart/form-data body.")
            audio = await file.read()
            asked = {name: value for name, value in form.items() if isinstance(value, str)}
        shape = FORMATS.get(asked.get("response_format") or "json")
        if shape is None:
            return _error(400, Rejection.BAD_OPTION.value, f"The option response_format is wrong: expected one of {', '.join(FORMATS)}.")
        try:
            transcript = await run_in_threadpool(self._transcriber.recognise, audio, self._transcriber.options(asked))
        except Retryable as error:
            return _later(error)
        except Rejected as rejection:
            return _error(STATUS.get(rejection.code, 400), rejection.code.value, refusals.sentence(rejection))
        return Response(shape.write(transcript), headers={"Content-Type": shape.media_type})

    async def healthz(self, _: Request) -> Response:
        """Say that this instance listens, its model loaded."""
        return JSONResponse({"status": "ok"})


def application(transcriber: Transcriber) -> Starlette:
    """Return the ASGI application over a transcriber."""
    doors = Doors(transcriber)
    routes = [
        Route("/queue", doors.queue, methods=["POST"]),
        Route("/transcribe", doors.transcribe, methods=["POST"]),
        Route("/healthz", doors.healthz, methods=["GET"]),
    ]
    limit = Middleware(BodyLimit, max_bytes=transcriber.limits.max_bytes + MULTIPART_OVERHEAD_BYTES)
    return Starlette(routes=routes, middleware=[limit], exception_handlers={HTTPException: _http_error, Exception: _unforeseen})


class BodyLimit:
    """Refuses a request body as soon as it grows over `max_bytes`, whatever length it declares or none."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise HTTPException(413, f"The request is larger than {self._max_bytes} bytes.")
            return message

        await self._app(scope, count, send)


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _error(status, HTTPStatus(status).name.lower(), str(getattr(error, "detail", "")) or HTTPStatus(status).phrase)


async def _unforeseen(_: Request, error: Exception) -> Response:
    return _internal(error)


def _internal(error: Exception) -> JSONResponse:
    log.error("unforeseen", exc_info=error)
    return _error(500, "internal", "Something went wrong here; the log has the details.")


def _unreadable(error: Exception) -> JSONResponse:
    log.error("unreadable queue message", extra={"why": str(error) if isinstance(error, Unreadable) else type(error).__name__})
    return _error(500, "unreadable", "The queue message can't be read; it is left to the dead-letter queue.")


def _later(error: Exception) -> JSONResponse:
    log.warning("not done", extra={"why": str(error)})
    return _error(503, "try_again", "Not possible right now; try again in a while.")


def main() -> None:
    """Load the model and serve until SIGTERM, which lets the running job end."""
    try:
        transcriber = build(os.environ)
    except Misconfigured as error:
        raise SystemExit(str(error)) from None
    log.info("listening", extra={"port": transcriber.port})
    uvicorn.run(application(transcriber), host=transcriber.host, port=transcriber.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
