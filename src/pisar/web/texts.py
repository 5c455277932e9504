"""The texts of jobs over HTTP: whole or as far as they are heard, and what their clients correct."""

import math
from typing import Any

from pisar.api.client_texts import ClientTexts, Text
from pisar.domain.clients import Client
from pisar.domain.corrections import Place, spoken
from pisar.domain.options import unknown_option
from pisar.errors import Rejected, Rejection
from pisar.formats import FORMATS, Format
from pisar.formats.jobs import iso_time
from pisar.web.errors import check_query
from pisar.web.fields import wrong, yes
from pisar.web.http import Request, Response, header, in_json
from pisar.web.jobs import asked_for, body_of, named

POLL_SECONDS = 3
"""Retry-After of a text that is still growing: workers write no oftener what they have heard."""

PARTS_A_SECOND = 10
"""How many parts of a long recording are read for each second of Retry-After, so that whoever watches one costs no more for it."""

CORRECTED, ORIGINAL = "corrected", "original"
"""The versions of a text: a client's own, and what was heard."""

FIELDS = ("segment", "word", "text")

TOKEN_HEADER = "X-Share-Token"  # noqa: S105 - a header's name
DEFAULT_DAYS, MAX_DAYS = 7, 30
DAY_SECONDS = 86_400


class TextsApi:
    """Answers requests about the texts of jobs."""

    def __init__(self, texts: ClientTexts) -> None:
        self._texts = texts

    def transcript(self, request: Request, client: Client) -> Response:
        """Return a job's transcript; with `partial=true` as much of it as is heard."""
        shape, this, original = _shape(request), named(request), _original(request)
        if not yes(asked_for(request, "partial"), "partial"):
            return _written(shape, Text(self._texts.transcript(client, this, original=original)))
        text = self._texts.so_far(client, this, original=original)
        answer = _written(shape, text)
        headers = {**answer.headers, "X-Complete": "true" if text.complete else "false"}
        if not text.complete:
            headers["Retry-After"] = str(max(POLL_SECONDS, math.ceil((text.parts or 0) / PARTS_A_SECOND)))
        return Response(answer.status, headers, answer.body)

    def correct(self, request: Request, client: Client) -> Response:
        """Correct words of a transcript, and return all corrections."""
        this, asked = named(request), [_correction(one) for one in _corrections(request)]
        kept = self._texts.correct(client, this, asked)
        listed = [
            {"segment": segment, **({} if word is None else {"word": word}), "text": text} for (segment, word), text in kept.texts.items()
        ]
        return in_json(200, {"corrections": listed})

    def share(self, request: Request, client: Client) -> Response:
        """Share a job's text and return the token, which is shown once."""
        fields = body_of(request)
        if unknown := sorted(fields.keys() - {"days"}):
            raise unknown_option(unknown[0], ("days",))
        days = fields.get("days", DEFAULT_DAYS)
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
            raise wrong("days", f"a whole number from 1 to {MAX_DAYS}")
        token, expires_at = self._texts.share(client, named(request), seconds=days * DAY_SECONDS)
        return in_json(201, {"token": token, "expires_at": iso_time(expires_at)})

    def shared_until(self, request: Request, client: Client) -> Response:
        """Return until when a job's text is shared."""
        return in_json(200, {"expires_at": iso_time(self._texts.shared_until(client, named(request)))})

    def unshare(self, request: Request, client: Client) -> Response:
        """Share a job's text no longer."""
        self._texts.unshare(client, named(request))
        return Response(204, {"Content-Type": "text/plain; charset=utf-8"}, "")

    def shared(self, request: Request) -> Response:
        """Return a shared text to whoever has its token. The token comes in a header, since addresses are written into logs."""
        check_query(request, ("format",))
        shape = _shape(request)
        return _written(shape, Text(self._texts.shared(header(request.headers, TOKEN_HEADER) or "")))


def _shape(request: Request) -> Format:
    shape = FORMATS.get(asked_for(request, "format").lower() or "json")
    if shape is None:
        raise Rejected(Rejection.BAD_OPTION, {"option": "format", "expected": f"one of {', '.join(FORMATS)}"})
    return shape


def _written(shape: Format, text: Text) -> Response:
    transcript = text.transcript if shape.shows_places else spoken(text.transcript)
    return Response(200, {"Content-Type": shape.media_type}, shape.write(transcript))


def _original(request: Request) -> bool:
    version = asked_for(request, "version").lower() or CORRECTED
    if version not in {CORRECTED, ORIGINAL}:
        raise wrong("version", f"{CORRECTED} or {ORIGINAL}")
    return version == ORIGINAL


def _corrections(request: Request) -> list[Any]:
    fields = body_of(request)
    if unknown := sorted(fields.keys() - {"corrections"}):
        raise unknown_option(unknown[0], ("corrections",))
    asked = fields.get("corrections")
    if not isinstance(asked, list) or not asked:
        raise wrong("corrections", f"a list of objects with {', '.join(FIELDS)}")
    return asked


def _correction(one: Any) -> tuple[Place, str | None]:
    if not isinstance(one, dict):
        raise wrong("corrections", f"a list of objects with {', '.join(FIELDS)}")
    if unknown := sorted(one.keys() - set(FIELDS)):
        raise unknown_option(unknown[0], FIELDS)
    segment, word, text = one.get("segment"), one.get("word"), one.get("text", 0)
    if isinstance(segment, bool) or not isinstance(segment, int):
        raise wrong("segment", "the number of a segment, from 0")
    if isinstance(word, bool) or not isinstance(word, int | None):
        raise wrong("word", "the number of a word in the segment, from 0")
    if not isinstance(text, str | None):
        raise wrong("text", "a text, or null to take a correction back")
    return (segment, word), text
