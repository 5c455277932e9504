"""Routes every address of the API that needs no engine to its handler."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pisar.domain.clients import Client
from pisar.web import docs, models
from pisar.web.errors import UNAUTHORIZED, Problem, problem, refusal
from pisar.web.http import Request, Response
from pisar.web.jobs import JobsApi
from pisar.web.me import MeApi
from pisar.web.page import FILES, INDEX, Page

NOT_FOUND = Problem(404, "not_found", "There is nothing at this address; /openapi.json lists what there is.")

EACH = ""
"""The method of a route that takes every method."""

_ID, _REST = "[^/]+", "(?s:.*)"


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the routing table. `path`: a regular expression. `anybody` answers callers without a valid key, `holder` API clients.

    A row without `holder` needs no key.
    """

    method: str
    path: str
    anybody: Callable[[Request], Response]
    holder: Callable[[Request, Client], Response] | None = None

    def answer(self, request: Request, find: Callable[[], Client | None]) -> Response:
        """Return the response, an error's too. `find` looks up the client of the request's key; it is called only where a key is needed."""
        found = self._found(request, find)
        # What is a client's alone must stay in no cache on the way, nor on a disk that others read.
        return found if self.holder is None else replace(found, headers={"Cache-Control": "no-store", **found.headers})

    def _found(self, request: Request, find: Callable[[], Client | None]) -> Response:
        try:
            if self.holder is not None and (client := find()) is not None:
                return self.holder(request, client)
            return self.anybody(request)
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return refusal(problem(error))


class Router:
    """The routing table; the first row that matches an address answers it."""

    def __init__(self, jobs: JobsApi, me: MeApi, page: Page) -> None:
        self.routes = (
            Route("GET", INDEX, page.index),
            Route("GET", f"{FILES}/{_ID}/{_REST}", page.file),
            Route("GET", docs.DOCUMENT, docs.document),
            Route("GET", docs.PAGE, docs.page),
            Route("GET", f"{docs.PAGE}/{_REST}", docs.asset),
            Route(EACH, f"/v1/{_REST}", models.wrong_key, models.answer),
            Route("GET", "/me", _no_key, me.show),
            Route("POST", "/jobs", _no_key, jobs.create),
            Route("GET", "/jobs", _no_key, jobs.list),
            Route("GET", f"/jobs/{_ID}", _no_key, jobs.show),
            Route("DELETE", f"/jobs/{_ID}", _no_key, jobs.delete),
            Route("GET", f"/jobs/{_ID}/transcript", _no_key, jobs.transcript),
            Route("DELETE", f"/transcripts/{_ID}", _no_key, jobs.forget),
            Route(EACH, _REST, _no_key, lambda _, __: refusal(NOT_FOUND)),
        )

    def route(self, method: str, path: str) -> Route:
        """Return the row of an address, which may end in slashes. An unknown address needs a key too: others learn nothing of it."""
        return next(row for row in self.routes if row.method in {EACH, method} and re.fullmatch(f"{row.path}/*", path))


def _no_key(_: Request) -> Response:
    return refusal(UNAUTHORIZED)
