"""Routes every address of the API that needs no engine to its handler.

HEAD is answered as GET, and what carries the response leaves the body out. An address that is there for other methods is a 405 that names
them in `Allow`, or the answer to a plain OPTIONS. Nobody needs a key to be told that there is nothing at an address: /openapi.json says
what there is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pisar.domain.clients import Client
from pisar.formats import openai
from pisar.web import docs, models
from pisar.web.errors import NOT_FOUND, UNAUTHORIZED, Problem, check_query, not_allowed, problem, refusal
from pisar.web.http import Request, Response, in_json
from pisar.web.jobs import JobsApi
from pisar.web.me import MeApi
from pisar.web.page import FILES, INDEX, Page
from pisar.web.texts import TextsApi

OPENAI_FACE = "/v1/"

SHARED = "/shared"
"""Where a shared text is: the token in the header is the key to it."""

ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "/transcribe": ("POST",),
    "/v1/audio/transcriptions": ("POST",),
    "/v1/audio/translations": ("POST",),
    "/healthz": ("GET", "HEAD"),
}
"""The addresses that are answered elsewhere, by the container or the gateway, and the methods that they take there."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

_ID, _REST = "[^/]+", "(?s:.*)"


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the routing table. `path`: a regular expression. `anybody` answers callers without a valid key, `holder` API clients.

    A row without `holder` needs no key. `query`: the parameters that a client may give in the address, and any other is refused by its
    name; None where the handler looks at them.
    """

    method: str
    path: str
    anybody: Callable[[Request], Response]
    holder: Callable[[Request, Client], Response] | None = None
    query: tuple[str, ...] | None = ()

    def answer(self, request: Request, find: Callable[[], Client | None]) -> Response:
        """Return the response, an error's too. `find` looks up the client of the request's key; it is called only where a key is needed."""
        found = self._found(request, find)
        # What is a client's alone must stay in no cache on the way, nor on a disk that others read.
        return (
            found if self.holder is None and self.path != SHARED else replace(found, headers={"Cache-Control": "no-store", **found.headers})
        )

    def _found(self, request: Request, find: Callable[[], Client | None]) -> Response:
        try:
            if self.holder is not None and (client := find()) is not None:
                if self.query is not None:
                    check_query(request, self.query)
                return self.holder(request, client)
            return self.anybody(request)
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return refusal(problem(error))


class Router:
    """The routing table; the first row that matches an address and a method answers it."""

    def __init__(self, jobs: JobsApi, texts: TextsApi, me: MeApi, page: Page) -> None:
        self.routes = (
            Route("GET", INDEX, page.index),
            Route("GET", f"{FILES}/{_ID}/{_REST}", page.file),
            Route("GET", docs.DOCUMENT, docs.document),
            Route("GET", docs.PAGE, docs.page),
            Route("GET", f"{docs.PAGE}/{_REST}", docs.asset),
            Route("GET", "/me", _no_key, me.show),
            Route("GET", "/healthz", _healthy),
            Route("GET", "/v1/models", models.wrong_key, models.answer, query=None),
            Route("GET", f"/v1/models/{_REST}", models.wrong_key, models.answer, query=None),
            Route("POST", "/jobs", _no_key, jobs.create),
            Route("GET", "/jobs", _no_key, jobs.list, query=("limit", "after")),
            Route("GET", f"/jobs/{_ID}", _no_key, jobs.show),
            Route("DELETE", f"/jobs/{_ID}", _no_key, jobs.delete),
            Route("GET", f"/jobs/{_ID}/upload", _no_key, jobs.upload),
            Route("POST", f"/jobs/{_ID}/upload", _no_key, jobs.complete_upload),
            Route("GET", f"/jobs/{_ID}/transcript", _no_key, texts.transcript, query=("format", "partial", "version")),
            Route("PATCH", f"/jobs/{_ID}/transcript", _no_key, texts.correct),
            Route("POST", f"/jobs/{_ID}/share", _no_key, texts.share),
            Route("GET", f"/jobs/{_ID}/share", _no_key, texts.shared_until),
            Route("DELETE", f"/jobs/{_ID}/share", _no_key, texts.unshare),
            Route("GET", SHARED, texts.shared),
            Route("DELETE", f"/transcripts/{_ID}", _no_key, jobs.forget),
        )

    def route(self, method: str, path: str) -> Route:
        """Return the row of an address, which may end in slashes; for no such address or method, a row that says so."""
        rows = [row for row in self.routes if re.fullmatch(f"{row.path}/*", path)]
        wanted = "GET" if method == "HEAD" else method
        if (row := next((row for row in rows if row.method == wanted), None)) is not None:
            return row
        taken = {row.method for row in rows} | set(ELSEWHERE.get(path.rstrip("/"), ()))
        if not taken:
            return Route(method, path, _not_here)
        if "GET" in taken:
            taken.add("HEAD")
        allowed = ", ".join(one for one in METHODS if one in taken)
        if method == "OPTIONS":
            return Route(method, path, lambda _: Response(204, {"Content-Type": "text/plain; charset=utf-8", "Allow": allowed}, ""))
        return Route(method, path, lambda _: _refused(path, not_allowed(allowed)))


def _healthy(_: Request) -> Response:
    return in_json(200, {"status": "ok"})


def _not_here(request: Request) -> Response:
    return _refused(request.path, NOT_FOUND)


def _refused(path: str, found: Problem) -> Response:
    """Return the error, under /v1 in OpenAI's shape."""
    if not path.startswith(OPENAI_FACE):
        return refusal(found)
    code = "unknown_url" if found is NOT_FOUND else found.code
    return in_json(found.status, openai.error(found.message, "invalid_request_error", code=code), found.headers)


def _no_key(_: Request) -> Response:
    return refusal(UNAUTHORIZED)
