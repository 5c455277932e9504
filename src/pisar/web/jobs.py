"""The jobs API over HTTP: what a request asks for, checked, and the answer to it.

Every field is checked by name and type before anything is done; what is not known is refused, so that a misspelt option does not
go unnoticed.
"""

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from pisar.api.client_jobs import ClientJobs, Status
from pisar.domain.clients import Client
from pisar.domain.jobs import Options
from pisar.domain.options import options
from pisar.domain.strict_json import parse_json
from pisar.envelopes import HttpRequest, http_response
from pisar.errors import Misuse, Rejected, Rejection
from pisar.formats import FORMATS
from pisar.formats import jobs as shown
from pisar.web.errors import UNAUTHORIZED, Problem, Refused, problem, unknown_field

MAX_BODY_BYTES = 64 * 1024
"""A prompt of 10,000 characters, in escapes of JSON six bytes long, and a URL of 2,000."""

DEFAULT_PAGE, MAX_PAGE = 20, 100
MAX_IDEMPOTENCY_KEY = 255
POLL_SECONDS = 2
"""What `Retry-After` proposes to who waits for a job whose end is not foreseen."""

_FIELDS = ("language", "task", "prompt", "temperature", "track", "callback_url")
_ID = r"(?P<id>[^/]+)"
_HEXADECIMAL = re.compile(r"[0-9a-f]{32}")
_MARK = re.compile(r"[0-9]{13}-[0-9a-f]{32}")

Response = dict[str, Any]


class JobsApi:
    """Answers requests about jobs. `language` is the default of jobs whose client asks for none."""

    def __init__(self, jobs: ClientJobs, *, language: str) -> None:
        self._jobs = jobs
        self._language = language
        self._routes: tuple[tuple[str, re.Pattern[str], Callable[[HttpRequest, Client, str], Response]], ...] = (
            ("POST", re.compile("/jobs"), self._create),
            ("GET", re.compile("/jobs"), self._list),
            ("GET", re.compile(f"/jobs/{_ID}"), self._show),
            ("DELETE", re.compile(f"/jobs/{_ID}"), self._delete),
            ("GET", re.compile(f"/jobs/{_ID}/transcript"), self._transcript),
            ("DELETE", re.compile(f"/transcripts/{_ID}"), self._forget),
        )

    def answer(self, request: HttpRequest, client: Client | None) -> Response:
        """Return the answer in a function's form, whatever happens; `client` is who asks, None for nobody known."""
        if client is None:
            return refusal(UNAUTHORIZED)
        try:
            for method, pattern, carry_out in self._routes:
                if method == request.method and (match := pattern.fullmatch(request.path.rstrip("/"))):
                    return carry_out(request, client, match.groupdict().get("id", ""))
            return refusal(Problem(404, "not_found", "There is nothing at this address; /openapi.json lists what there is."))
        except Exception as error:  # noqa: BLE001 - the door's last answer
            return refusal(problem(error))

    def _create(self, request: HttpRequest, client: Client, _: str) -> Response:
        fields = _body(request)
        asked, callback_url = self._options(fields), fields.get("callback_url")
        if not isinstance(callback_url, str | None):
            raise _bad("callback_url", "an http or https address")
        key = _idempotency_key(request)
        created = self._jobs.create(client, asked, request=_digest(fields), idempotency_key=key, callback_url=callback_url)
        body = dict(_shown(self._jobs.status(client, created.job.id)))
        if created.form is not None:
            body["upload"] = {"url": created.form.url, "fields": dict(created.form.fields)}
        location = {"Location": f"/jobs/{created.job.id}"}
        return http_response(201 if created.new else 200, body, headers=location)

    def _list(self, request: HttpRequest, client: Client, _: str) -> Response:
        limit, after = request.query.get("limit", str(DEFAULT_PAGE)), request.query.get("after", "")
        if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MAX_PAGE:
            raise _bad("limit", f"a number from 1 to {MAX_PAGE}")
        if after and not _MARK.fullmatch(after):
            raise _bad("after", "the value of `next` in the page before")
        found, following = self._jobs.page(client, limit=int(limit), after=after)
        return http_response(200, {"jobs": [dict(shown.as_json(job, self._jobs.state(job))) for job in found], "next": following})

    def _show(self, _: HttpRequest, client: Client, this: str) -> Response:
        status = self._jobs.status(client, _known(this))
        headers = {"Retry-After": str(retry_after(status.expected_seconds))} if status.state in {shown.QUEUED, shown.WORKING} else None
        return http_response(200, _shown(status), headers=headers)

    def _delete(self, _: HttpRequest, client: Client, this: str) -> Response:
        self._jobs.delete(client, _known(this))
        return http_response(204, "")

    def _transcript(self, request: HttpRequest, client: Client, this: str) -> Response:
        shape = FORMATS.get(request.query.get("format", "json"))
        if shape is None:
            raise _bad("format", f"one of {', '.join(FORMATS)}")
        transcript = self._jobs.transcript(client, _known(this))
        return http_response(200, shape.write(transcript), content_type=shape.media_type)

    def _forget(self, _: HttpRequest, __: Client, this: str) -> Response:
        self._jobs.forget(_known(this, "transcript"))
        return http_response(204, "")

    def _options(self, fields: Mapping[str, Any]) -> Options:
        if unknown := sorted(fields.keys() - set(_FIELDS)):
            raise unknown_field(unknown[0], _FIELDS)
        texts = {}
        for name in ("language", "task", "prompt"):
            value = fields.get(name)
            if not isinstance(value, str | None):
                raise _bad(name, "a text")
            texts[name] = value or ""
        temperature = fields.get("temperature")
        if isinstance(temperature, bool) or not isinstance(temperature, int | float | None):
            raise _bad("temperature", "a number from 0 to 1")
        track = fields.get("track")
        if isinstance(track, bool) or not isinstance(track, int | None):
            raise _bad("track", "the number of an audio track, counted from 1")
        numbers = {"temperature": "" if temperature is None else str(temperature), "track": "" if track is None else str(track)}
        return options(**texts, **numbers, default_language=self._language)


def refusal(answer: Problem) -> Response:
    """Return an error in a function's form."""
    return http_response(answer.status, answer.as_json(), headers=answer.headers)


def retry_after(expected_seconds: float | None) -> int:
    """Return in how many seconds it is worth asking again."""
    return POLL_SECONDS if expected_seconds is None else max(1, min(60, round(expected_seconds)))


def _shown(status: Status) -> Mapping[str, Any]:
    return shown.as_json(status.job, status.state, position=status.position, expected_seconds=status.expected_seconds)


def _body(request: HttpRequest) -> Mapping[str, Any]:
    if not request.body:
        return {}
    if len(request.body) > MAX_BODY_BYTES:
        raise Refused(Problem(413, "too_big", f"The body is over {MAX_BODY_BYTES} bytes; the audio goes through the form you get."))
    if (request.header("Content-Type") or "").partition(";")[0].strip().lower() != "application/json":
        sentence = "Send the options as application/json; the audio goes through the form you get."
        raise Refused(Problem(415, "unsupported_media_type", sentence))
    try:
        fields = parse_json(request.body)
    except ValueError as error:
        raise Refused(
            Problem(400, "bad_request", f'The body is no JSON that is taken: {error}. Send an object such as {{"language": "ru"}}.')
        ) from None
    if not isinstance(fields, dict):
        raise Refused(Problem(400, "bad_request", 'The body is not a JSON object such as {"language": "ru"}.'))
    return fields


def _digest(fields: Mapping[str, Any]) -> str:
    return sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _idempotency_key(request: HttpRequest) -> str | None:
    key = request.header("Idempotency-Key")
    if key is not None and not (0 < len(key) <= MAX_IDEMPOTENCY_KEY and key.isascii() and key.isprintable()):
        raise _bad("Idempotency-Key", f"1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters")
    return key


def _known(this: str, what: str = "job") -> str:
    if not _HEXADECIMAL.fullmatch(this):
        raise Rejected(Misuse.NOT_FOUND, {"what": what})
    return this


def _bad(option: str, expected: str) -> Rejected:
    return Rejected(Rejection.BAD_OPTION, {"option": option, "expected": expected})
