"""The texts of jobs over HTTP: whole, or as far as they are heard."""

import math

from pisar.api.client_texts import ClientTexts, Text
from pisar.domain.clients import Client
from pisar.errors import Rejected, Rejection
from pisar.formats import FORMATS, Format
from pisar.web.fields import yes
from pisar.web.http import Request, Response
from pisar.web.jobs import asked_for, named

POLL_SECONDS = 3
"""Retry-After of a text that is still growing: workers write no oftener what they have heard."""

PARTS_A_SECOND = 10
"""How many parts of a long recording are read for each second of Retry-After, so that whoever watches one costs no more for it."""


class TextsApi:
    """Answers requests about the texts of jobs."""

    def __init__(self, texts: ClientTexts) -> None:
        self._texts = texts

    def transcript(self, request: Request, client: Client) -> Response:
        """Return a job's transcript; with `partial=true` as much of it as is heard."""
        shape, this = _shape(request), named(request)
        if not yes(asked_for(request, "partial"), "partial"):
            return _written(shape, Text(self._texts.transcript(client, this)))
        text = self._texts.so_far(client, this)
        answer = _written(shape, text)
        headers = {**answer.headers, "X-Complete": "true" if text.complete else "false"}
        if not text.complete:
            headers["Retry-After"] = str(max(POLL_SECONDS, math.ceil((text.parts or 0) / PARTS_A_SECOND)))
        return Response(answer.status, headers, answer.body)


def _shape(request: Request) -> Format:
    shape = FORMATS.get(asked_for(request, "format").lower() or "json")
    if shape is None:
        raise Rejected(Rejection.BAD_OPTION, {"option": "format", "expected": f"one of {', '.join(FORMATS)}"})
    return shape


def _written(shape: Format, text: Text) -> Response:
    return Response(200, {"Content-Type": shape.media_type}, shape.write(text.transcript))
