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
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pisar import envelopes
from pisar.bootstrap.transcriber import Transcriber, build
from pisar.errors import Misconfigured, PisarError, Rejected, Rejection, Unreadable

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
            for message in messages:
                await run_in_threadpool(self._transcriber.work, message.body)
        except (Unreadable, ValueError) as error:
            log.error("unreadable queue message", extra={"why": str(error)})  # noqa: TRY400 - known, no traceback
            return _error(500, "unreadable", "The queue message can't be read; it is left to the dead-letter queue.")
        except PisarError as error:
            log.warning("not done", extra={"why": str(error) or type(error).__name__})
            return _error(503, "try_again", "Not done yet; deliver the message again.")
        return JSONResponse({"done": len(messages)})

    async def transcribe(self, request: Request) -> Response:
        """Transcribe the file of a multipart form while the caller waits."""
        if await run_in_threadpool(self._transcriber.find_client, request.headers.get("X-API-Key")) is None:
            return _error(401, "unauthorized", "Send your API key in the X-API-Key header.")
        limit = self._transcriber.limits.max_bytes
        declared = request.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > limit + MULTIPART_OVERHEAD_BYTES:
            return _too_big(limit)
        async with request.form(max_files=1, max_fields=10, max_part_size=MULTIPART_OVERHEAD_BYTES) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                return _error(400, "no_file", "Send the audio as the file field `file` of a multipart/form-data body.")
            audio = await file.read(limit + 1)
            language = str(form.get("language") or "") or None
        if len(audio) > limit:
            return _too_big(limit)
        try:
            transcript = await run_in_threadpool(self._transcriber.recognise, audio, language)
        except Rejected as rejection:
            return _error(STATUS.get(rejection.code, 400), rejection.code.value, _sentence(rejection))
        segments = [{"start": one.start, "end": one.end, "text": one.text} for one in transcript.segments]
        return JSONResponse(
            {
                "transcription": transcript.text,
                "language": transcript.language,
                "duration": round(transcript.duration, 3),
                "segments": segments,
            }
        )

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
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error, Exception: _unforeseen})


def _sentence(rejection: Rejected) -> str:
    sentences = {
        Rejection.TOO_LONG: "The recording is longer than {limit_minutes} minutes.",
        Rejection.NO_AUDIO_TRACK: "The file has no audio track.",
        Rejection.CANNOT_DECODE: "The file can't be read as audio or video.",
    }
    return sentences.get(rejection.code, "The audio can't be taken.").format(**rejection.details)


def _too_big(limit_bytes: int) -> JSONResponse:
    return _error(413, Rejection.TOO_BIG.value, f"The file is larger than {limit_bytes} bytes.")


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _error(status, HTTPStatus(status).name.lower(), str(getattr(error, "detail", "")) or HTTPStatus(status).phrase)


async def _unforeseen(_: Request, error: Exception) -> Response:
    log.error("unforeseen", exc_info=error)
    return _error(500, "internal", "Something went wrong here; the log has the details.")


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
