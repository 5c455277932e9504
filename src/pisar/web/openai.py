"""The OpenAI-compatible API's options, and its errors in OpenAI's shape; their wording is in `pisar.formats.refusals`. Pure.

`pisar.web.errors.problem` turns an exception into a Problem; `error_body` and `error_headers` here put that into the shape that OpenAI's
clients read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pisar.domain.options import shown
from pisar.errors import Rejected, Rejection
from pisar.formats.openai import FORMATS, GRANULARITIES, SEGMENT, error
from pisar.web.errors import Problem

WRONG_KEY = Problem(401, "invalid_api_key", "Incorrect or missing API key: send it as Authorization: Bearer, or in X-API-Key.")

DO_NOT_RETRY = {"X-Should-Retry": "false"}
"""The header that keeps OpenAI's clients from retrying a 429 in vain."""


def error_body(problem: Problem, *, param: str | None = None) -> Mapping[str, Any]:
    """Return the body of an error in OpenAI's shape; `param`: the field at fault."""
    kind = "server_error" if problem.status >= 500 else "insufficient_quota" if problem.status == 429 else "invalid_request_error"  # noqa: PLR2004 - HTTP
    return error(problem.message, kind, param, problem.code)


def error_headers(problem: Problem) -> Mapping[str, str]:
    """Return the headers of an error for OpenAI's clients."""
    return {**problem.headers, **(DO_NOT_RETRY if problem.status == 429 else {})}  # noqa: PLR2004 - HTTP


def param_of(rejected: Exception) -> str | None:
    """Return the field that an error is about, None if it is about none."""
    return str(rejected.details["option"]) if isinstance(rejected, Rejected) and rejected.code is Rejection.BAD_OPTION else None


def response_format(name: str) -> str:
    """Return the checked name of a response format, "json" for ""; raise Rejected(BAD_OPTION)."""
    if name and name not in FORMATS:
        raise Rejected(Rejection.BAD_OPTION, {"option": "response_format", "expected": f"one of {', '.join(FORMATS)}"})
    return name or "json"


def granularities(values: Sequence[str], format_name: str) -> tuple[str, ...]:
    """Return the checked `timestamp_granularities[]`, segments if none is given; raise Rejected(BAD_OPTION)."""
    if unknown := [value for value in values if value not in GRANULARITIES]:
        expected = f"{' or '.join(GRANULARITIES)}, not {shown(unknown[0])!r}"
        raise Rejected(Rejection.BAD_OPTION, {"option": "timestamp_granularities[]", "expected": expected})
    if values and format_name != "verbose_json":
        raise Rejected(Rejection.BAD_OPTION, {"option": "timestamp_granularities[]", "expected": "response_format verbose_json with it"})
    return tuple(dict.fromkeys(values)) or (SEGMENT,)


def yes(value: str, name: str) -> bool:
    """Return a form's true or false as a bool; raise Rejected(BAD_OPTION) that names the field `name`."""
    if value.lower() not in {"", "true", "false", "1", "0"}:
        raise Rejected(Rejection.BAD_OPTION, {"option": name, "expected": "true or false"})
    return value.lower() in {"true", "1"}
