"""Entry point of the transcriber's container: the queue trigger's calls, `POST /transcribe`, OpenAI's face of it, and a health check.

Self-hosted, where no gateway stands before it, it is the door of the whole API.

A non-2xx answer to the trigger makes the queue deliver the message again later; after the last delivery it goes to the dead-letter
queue.
"""

import asyncio
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from pisar import cloud_events, logs
from pisar.errors import Misconfigured, PisarError, Rejection, Unreadable
from pisar.formats import FORMATS, jobs, openai
from pisar.web import http
from pisar.web import openai as face
from pisar.web.cors import Cors
from pisar.web.counting import Counting
from pisar.web.credentials import TwoKeysError, api_key
from pisar.web.errors import NOT_FOUND, TWO_KEYS, UNAUTHORIZED, Problem, Refused, not_allowed, problem
from pisar.web.fields import check_names, one, seconds
from pisar.web.forms import OVERHEAD_BYTES, BodyLimit, Form, WithoutSlashes, read_form
from pisar.web.jobs import MAX_BODY_BYTES, retry_after
from pisar.web.works import CLIENT_CLOSED_REQUEST, CallerGoneError, Hold, LateError, keep, run_apart, while_wanted
from pisar.wiring.listening import serve
from pisar.wiring.serving import OPTIONS, Deferred, Serving, Transcriber, build

log = logging.getLogger("transcriber")

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""The methods whose requests have a body that is read."""

FIELDS = (*OPTIONS, "response_format", "wait")


class Doors:
    """The endpoints over what is served."""

    def __init__(self, serving: Serving) -> None:
        self._transcriber: Transcriber = serving.transcriber
        self._api = serving.api

    async def queue(self, request: Request) -> Response:
        """Work on the messages of one trigger call; batches are of one message, more are worked on in order."""
        try:
            messages = cloud_events.queue_messages(cloud_events.posted(await request.body()))
        except Unreadable as error:
            return _unreadable(error)
        for message in messages:
            if refusal := await run_apart(partial(self._work, message.body)):
                return refusal
        return JSONResponse({"done": len(messages)})

    def _work(self, body: str) -> Response | None:
        # What goes wrong is logged in the thread that did the work: there, the line gets the job's id.
        logs.begin_call()
        try:
            self._transcriber.work(body)
        except Unreadable as error:
            return _unreadable(error)
        except PisarError as error:
            log.warning("not done", extra={"why": str(error) or type(error).__name__})
            return _answer(Problem(503, "try_again", "Not done yet; deliver the message again."))
        except Exception as error:  # noqa: BLE001 - the door's last answer, with the job's id on its line
            return _answer(problem(error))
        return None

    async def transcribe(self, request: Request) -> Response:
        """Transcribe the file of a multipart form while the caller waits, or make a job of it."""
        try:
            client = await self._client(request, UNAUTHORIZED)
            form = await read_form(request)
            check_names(form.fields, FIELDS)
            shape = FORMATS[face.response_format(one(form.fields, "response_format"), FORMATS)]
            longest = self._transcriber.wait_seconds
            wait = min(longest, seconds(one(form.fields, "wait"), "wait", default=longest))
            options = self._transcriber.options({name: one(form.fields, name) for name in OPTIONS})
            got = await self._transcript_or_job(request, client, form.audio, options, wait)
        except HTTPException:
            raise
        except CallerGoneError:
            return Response(status_code=CLIENT_CLOSED_REQUEST)
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return _answer(problem(error))
        if not isinstance(got, Deferred):
            kept = await self._kept(client, form, options)
            return Response(shape.write(got), headers={"Content-Type": shape.media_type, **kept})
        headers = {"Location": f"/jobs/{got.job.id}", "Retry-After": str(retry_after(got.expected_seconds))}
        return JSONResponse(jobs.as_json(got.job, jobs.QUEUED, expected_seconds=got.expected_seconds), 202, headers)

    async def _transcript_or_job(self, request: Request, client: Any, audio: bytes, options: Any, wait: float) -> Any:
        transcriber = self._transcriber

        def work(hold: Hold) -> Any:
            return transcriber.transcribe_or_defer(client, audio, options, wait, hold)

        try:
            # Once it is answered, an instance of the cloud's is put to sleep with all that goes on in it.
            return await while_wanted(request, work, kept=transcriber.keeps, wait_seconds=wait, ends_late=transcriber.server.behind_gateway)
        except LateError:
            return await run_in_threadpool(transcriber.defer, client, audio, options)

    async def transcriptions(self, request: Request) -> Response:
        """Transcribe as OpenAI's `POST /v1/audio/transcriptions` does."""
        return await self._as_openai(request, "transcribe")

    async def translations(self, request: Request) -> Response:
        """Translate into English as OpenAI's `POST /v1/audio/translations` does."""
        return await self._as_openai(request, "translate")

    async def _as_openai(self, request: Request, task: str) -> Response:
        try:
            client = await self._client(request, face.WRONG_KEY)
            form = await read_form(request)
            asked = face.asked(form.fields)
            options = asked.refine(self._transcriber.options({**asked.options, "task": task}))
            if asked.stream:
                answer = await self._stream(
                    request, lambda hold, tell: self._transcriber.transcribe(client, form.audio, options, hold, tell)
                )
                answer.headers.update(await self._kept(client, form, options))
                return answer
            transcript = await while_wanted(
                request, lambda hold: self._transcriber.transcribe(client, form.audio, options, hold), kept=self._transcriber.keeps
            )
        except HTTPException as error:
            return _answer_openai(_as_problem(error))
        except CallerGoneError:
            return Response(status_code=CLIENT_CLOSED_REQUEST)
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return _answer_openai(problem(error), face.param_of(error))
        shape, kept = openai.FORMATS[asked.response_format], await self._kept(client, form, options)
        return Response(shape.write(transcript, asked.granularities), headers={"Content-Type": shape.media_type, **kept})

    async def _stream(self, request: Request, transcribe: Callable[[Hold, Callable[[Any], None]], Any]) -> Response:
        """Answer with server-sent events: as they come where the answer may be sent in parts, else all of them at the end.

        What goes wrong before the first event comes out as an exception.
        """
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[str | None] = asyncio.Queue()
        told = False

        def tell(segments: Any) -> None:
            nonlocal told
            loop.call_soon_threadsafe(events.put_nowait, openai.text_delta(segments, first=not told))
            told = True

        # Starlette looks for the caller's end too while it sends parts, but only once there are some; both may hear of it.
        work = asyncio.create_task(while_wanted(request, lambda hold: transcribe(hold, tell), kept=self._transcriber.keeps))
        keep(work)
        work.add_done_callback(lambda _: events.put_nowait(None))

        async def following() -> AsyncIterator[str]:
            while (event := await events.get()) is not None:
                yield event
            try:
                yield openai.text_done(work.result())
            except Exception as error:  # noqa: BLE001 - the status is sent already: clients raise what the event says
                yield openai.event(face.error_body(problem(error)))

        if not self._transcriber.streams:
            await work
            return Response("".join([event async for event in following()]), headers={"Content-Type": openai.EVENTS_MEDIA_TYPE})
        first = await events.get()
        if first is None:
            return Response(openai.text_done(await work), headers={"Content-Type": openai.EVENTS_MEDIA_TYPE})
        return StreamingResponse(_after(first, following()), headers={"Content-Type": openai.EVENTS_MEDIA_TYPE})

    async def rest(self, request: Request) -> Response:
        """Answer all that needs no engine, as the function behind the gateway does, the key looked at here."""
        if self._api is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        route = self._api.route(request.method, request.scope["path"])
        logs.begin_call()
        try:
            client = await self._find(request) if route.holder else None
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return _answer(problem(error))
        # Nobody's body is read, and none where none is looked at.
        reads = client is not None and request.method in WITH_BODY
        asked = http.Request(
            method=request.method,
            path=request.scope["path"],
            headers=request.headers,
            query=dict(request.query_params),
            body=await request.body() if reads else b"",
        )
        found = await run_in_threadpool(route.answer, asked, lambda: client)
        return Response(found.body, found.status, found.headers)

    async def healthz(self, _: Request) -> Response:
        """Say that this instance listens, its model loaded."""
        return JSONResponse({"status": "ok"})

    async def _client(self, request: Request, refusal: Problem) -> Any:
        client = await self._find(request)
        if client is None:
            raise Refused(refusal)
        return client

    async def _kept(self, client: Any, form: Form, options: Any) -> dict[str, str]:
        """Return the header by which the caller may have the text erased that is kept for the same audio."""
        return {"X-Transcript-Id": await run_in_threadpool(self._transcriber.transcript_id, client, form.audio, options)}

    async def _find(self, request: Request) -> Any:
        """Return who calls, None if that is nobody. By the headers alone: a caller's body is read once the caller is known."""
        logs.begin_call()
        try:
            key = api_key(request.headers)
        except TwoKeysError:
            raise Refused(TWO_KEYS) from None
        return await run_in_threadpool(self._transcriber.find_client, key, request.headers.get(cloud_events.AUTHORIZER_CONTEXT_HEADER))


def application(serving: Serving) -> ASGIApp:
    """Return the ASGI application over what is served. Behind a gateway, pages of other origins are the gateway's to let in."""
    doors = Doors(serving)
    uploads = [
        Route("/transcribe", doors.transcribe, methods=["POST"]),
        Route("/v1/audio/transcriptions", doors.transcriptions, methods=["POST"]),
        Route("/v1/audio/translations", doors.translations, methods=["POST"]),
    ]
    routes = [
        *uploads,
        Route("/healthz", doors.healthz, methods=["GET"]),
        # Only the cloud's trigger calls the one, and only without a gateway is the other for anybody.
        Route("/queue", doors.queue, methods=["POST"])
        if serving.api is None
        else Route("/{path:path}", doors.rest, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    ]
    counted = [] if serving.told is None else [Middleware(Counting, told=serving.told)]
    audio = dict.fromkeys((route.path for route in uploads), serving.transcriber.max_bytes + OVERHEAD_BYTES)
    limit = Middleware(BodyLimit, max_bytes=MAX_BODY_BYTES, uploads=audio)
    trim = Middleware(WithoutSlashes, paths=frozenset(audio))
    handlers: Mapping[Any, Any] = {HTTPException: _http_error, Exception: _unforeseen}
    app = Starlette(routes=routes, middleware=[*counted, trim, limit], exception_handlers=handlers)
    server = serving.transcriber.server
    return app if server.behind_gateway or not server.cors_origins else Cors(app, server.cors_origins)


async def _after(first: str, following: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for event in following:
        yield event


def _answer(found: Problem) -> Response:
    return JSONResponse(found.as_json(), found.status, found.headers)


def _answer_openai(found: Problem, param: str | None = None) -> Response:
    body: Mapping[str, Any] = face.error_body(found, param=param)
    return Response(json.dumps(body), found.status, face.error_headers(found), "application/json")


async def _http_error(_: Request, error: Exception) -> Response:
    return _answer(_as_problem(error))


def _as_problem(error: Exception) -> Problem:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND:
        return NOT_FOUND
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return not_allowed(error.headers["Allow"] if error.headers else "")
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = Rejection.TOO_BIG.value if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else HTTPStatus(status).name.lower()
    return Problem(status, code, str(getattr(error, "detail", "")) or HTTPStatus(status).phrase)


async def _unforeseen(_: Request, error: Exception) -> Response:
    return _answer(problem(error))


def _unreadable(error: Exception) -> Response:
    log.error("unreadable queue message", extra={"why": str(error) if isinstance(error, Unreadable) else type(error).__name__})
    return _answer(Problem(500, "unreadable", "The queue message can't be read; it is left to the dead-letter queue."))


def main() -> None:
    """Load the model and serve until SIGTERM, which lets the running job end."""
    try:
        serving = build(os.environ)
    except Misconfigured as error:
        raise SystemExit(str(error)) from None
    transcriber = serving.transcriber
    # uvicorn handles it by itself and, once it has ended, raises it again: then it is not to look like a death.
    signal.signal(signal.SIGTERM, lambda *_: None)
    log.info("listening", extra={"port": transcriber.server.port})
    serve(application(serving), transcriber.server)


if __name__ == "__main__":
    main()
