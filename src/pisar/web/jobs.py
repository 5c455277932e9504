"""The jobs API over HTTP: checks each request and answers it.

Every field is checked by name and type before anything is done. An unknown field is refused, so that a misspelt option does not go
unnoticed.
"""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from types import UnionType
from typing import Any

from pisar.api.client_jobs import ClientJobs, Status
from pisar.api.uploads import Offer
from pisar.domain.clients import Client
from pisar.domain.jobs import Options
from pisar.domain.options import options
from pisar.domain.strict_json import parse_json
from pisar.domain.wording import is_one_line
from pisar.errors import Misuse, Rejected, Rejection
from pisar.formats import jobs as shown
from pisar.ports.storage import UploadForm
from pisar.web.errors import Problem, Refused
from pisar.web.fields import check_names
from pisar.web.http import Request, Response, header, in_json

MAX_BODY_BYTES = 64 * 1024
"""The largest body: the longest prompt that is kept is an eighth of it even in JSON's six-byte escapes."""

BODY_TOO_BIG = (
    f"The body is larger than {MAX_BODY_BYTES // 1024} KB. Of a long prompt send the end, which is all that is read; the audio goes "
    "through the form you get."
)

DEFAULT_PAGE, MAX_PAGE = 20, 100
MAX_IDEMPOTENCY_KEY = 255
MAX_NAME = 200
"""The longest name of a recording, in characters: file systems take names of 255 bytes."""

POLL_SECONDS = 2
"""Retry-After for a job whose end is not foreseen."""

_OPTIONS: Mapping[str, tuple[type | UnionType, str]] = {
    **dict.fromkeys(("language", "task", "prompt"), (str, "a text")),
    "temperature": (int | float | str, "a number from 0 to 1"),
    "track": (int | str, "the number of an audio track, counted from 1"),
}
_FIELDS = (*_OPTIONS, "callback_url", "name", "bytes")
_DONE = Response(204, {"Content-Type": "text/plain; charset=utf-8"}, "")
_HEXADECIMAL = re.compile(r"[0-9a-f]{32}")
_MARK = re.compile(r"[0-9]{13}-[0-9a-f]{32}")


class JobsApi:
    """Answers requests about jobs. `language`: the default for clients that name none."""

    def __init__(self, jobs: ClientJobs, *, language: str) -> None:
        self._jobs = jobs
        self._language = language

    def create(self, request: Request, client: Client) -> Response:
        """Create a job and return it with its upload form."""
        fields = {name: value for name, value in _known(body_of(request)).items() if value is not None and str(value).strip()}
        asked, callback_url = self._options(fields), fields.get("callback_url")
        if not isinstance(callback_url, str | None):
            raise _bad("callback_url", "an http or https address")
        name, size_bytes, key = _name(fields.get("name")), _size(fields.get("bytes")), _idempotency_key(request)
        digest = sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
        created = self._jobs.create(
            client, asked, request=digest, idempotency_key=key, callback_url=callback_url, name=name, size_bytes=size_bytes
        )
        body = dict(_shown(self._jobs.status(client, created.job.id)))
        if created.offer is not None:
            body["upload"] = _offered(created.offer)
        return in_json(201 if created.new else 200, body, {"Location": f"/jobs/{created.job.id}"})

    def list(self, request: Request, client: Client) -> Response:
        """Return a page of the client's jobs."""
        limit, after = asked_for(request, "limit") or str(DEFAULT_PAGE), asked_for(request, "after")
        if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MAX_PAGE:
            raise _bad("limit", f"a number from 1 to {MAX_PAGE}")
        if after and not _MARK.fullmatch(after):
            raise _bad("after", "the value of `next` in the page before")
        found, following = self._jobs.page(client, limit=int(limit), after=after)
        return in_json(200, {"jobs": [dict(shown.as_json(job, self._jobs.state(job))) for job in found], "next": following})

    def show(self, request: Request, client: Client) -> Response:
        """Return the state of a job."""
        status = self._jobs.status(client, named(request))
        headers = {"Retry-After": str(retry_after(status.expected_seconds))} if status.state in {shown.QUEUED, shown.WORKING} else None
        return in_json(200, _shown(status), headers)

    def upload(self, request: Request, client: Client) -> Response:
        """Return how a job's audio is uploaded, or what of it is still missing."""
        return in_json(200, _offered(self._jobs.upload(client, named(request))))

    def complete_upload(self, request: Request, client: Client) -> Response:
        """End an upload in parts and return the job."""
        if unknown := sorted(body_of(request)):
            raise _bad(unknown[0], "no body")
        return in_json(200, _shown(self._jobs.complete_upload(client, named(request))))

    def delete(self, request: Request, client: Client) -> Response:
        """Cancel and erase a job."""
        self._jobs.delete(client, named(request))
        return _DONE

    def forget(self, request: Request, _: Client) -> Response:
        """Erase a cached transcript."""
        self._jobs.forget(named(request, "transcript"))
        return _DONE

    def _options(self, fields: Mapping[str, Any]) -> Options:
        for name, (kind, expected) in _OPTIONS.items():
            if isinstance(fields.get(name), bool) or not isinstance(fields.get(name), kind | None):
                raise _bad(name, expected)
        asked = {name: "" if fields.get(name) is None else str(fields[name]) for name in _OPTIONS}
        return options(**asked, default_language=self._language)


def retry_after(expected_seconds: float | None) -> int:
    """Return after how many seconds to ask again."""
    return POLL_SECONDS if expected_seconds is None else max(1, min(60, round(expected_seconds)))


def _shown(status: Status) -> Mapping[str, Any]:
    return shown.as_json(status.job, status.state, position=status.position, expected_seconds=status.expected_seconds)


def _offered(offer: Offer) -> dict[str, Any]:
    expires_at = shown.iso_time(offer.expires_at)
    if isinstance(offer.by, UploadForm):
        return {"url": offer.by.url, "fields": dict(offer.by.fields), "expires_at": expires_at}
    missing = [{"number": number, "bytes": size, "url": url} for number, (size, url) in offer.by.missing.items()]
    return {"part_bytes": offer.by.part_bytes, "parts": missing, "done": list(offer.by.done), "expires_at": expires_at}


def body_of(request: Request) -> Mapping[str, Any]:
    """Return the fields of a JSON body, none without a body. Raises Refused."""
    if not request.body:
        return {}
    if len(request.body) > MAX_BODY_BYTES:
        raise Refused(Problem(413, "too_big", BODY_TOO_BIG))
    if (header(request.headers, "Content-Type") or "").partition(";")[0].strip().lower() != "application/json":
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


def _known(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    check_names(fields, _FIELDS)
    return fields


def _idempotency_key(request: Request) -> str | None:
    key = header(request.headers, "Idempotency-Key")
    if key is not None and not (0 < len(key) <= MAX_IDEMPOTENCY_KEY and key.isascii() and key.isprintable()):
        raise _bad("Idempotency-Key", f"1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters")
    return key


def _name(name: Any) -> str:
    if name is None:
        return ""
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME or not is_one_line(name):
        raise _bad("name", f"1 to {MAX_NAME} characters on one line, such as a file's name")
    return name.strip()


def _size(size: Any) -> int:
    if size is None:
        return 0
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise _bad("bytes", "the file's size, a whole number from 1")
    return size


def asked_for(request: Request, name: str) -> str:
    """Return a parameter of the address, "" for a blank one."""
    text = request.query.get(name, "")
    return text if text.strip() else ""


def named(request: Request, what: str = "job") -> str:
    """Return the id that an address names; raise Rejected(NOT_FOUND) for what can be none."""
    this = request.path.split("/")[2]
    if not _HEXADECIMAL.fullmatch(this):
        raise Rejected(Misuse.NOT_FOUND, {"what": what})
    return this


def _bad(option: str, expected: str) -> Rejected:
    return Rejected(Rejection.BAD_OPTION, {"option": option, "expected": expected})
