"""The OpenAI-compatible part of the API: its options, and its errors in the shapes that OpenAI's clients read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from pisar.domain.options import shown
from pisar.errors import Rejected, Rejection
from pisar.formats.openai import FORMATS, GRANULARITIES, SEGMENT, error
from pisar.web.errors import Problem

WRONG_KEY = Problem(401, "invalid_api_key", "Incorrect or missing API key: send it as Authorization: Bearer, or in X-API-Key.")

DO_NOT_RETRY = {"X-Should-Retry": "false"}
"""OpenAI's clients repeat a 429 unless told that it is no use."""


def error_body(problem: Problem, *, param: str | None = None) -> Mapping[str, Any]:
    """Return an error's body."""
    kind = "server_error" if problem.status >= 500 else "insufficient_quota" if problem.status == 429 else "invalid_request_error"  # noqa: PLR2004 - HTTP
    return error(problem.message, kind, param, problem.code)


def error_headers(problem: Problem) -> Mapping[str, str]:
    """Return an error's headers."""
    return {**problem.headers, **(DO_NOT_RETRY if problem.status == 429 else {})}  # noqa: PLR2004 - HTTP


def param_of(rejected: Exception) -> str | None:
    """Return the field an error is about, None if it is about none."""
    return str(rejected.details["option"]) if isinstance(rejected, Rejected) and rejected.code is Rejection.BAD_OPTION else None


def response_format(name: str) -> str:
    """Return the checked name of a format; raise Rejected(BAD_OPTION)."""
    if name and name not in FORMATS:
        raise Rejected(Rejection.BAD_OPTION, {"option": "response_format", "expected": f"one of {', '.join(FORMATS)}"})
    return name or "json"


def granularities(values: Sequence[str], format_name: str) -> tuple[str, ...]:
    """Return what `timestamp_granularities[]` asks for, segments if nothing; raise Rejected(BAD_OPTION)."""
    if unknown := [value for value in values if value not in GRANULARITIES]:
        expected = f"{' or '.join(GRANULARITIES)}, not {shown(unknown[0])!r}"
        raise Rejected(Rejection.BAD_OPTION, {"option": "timestamp_granularities[]", "expected": expected})
    if values and format_name != "verbose_json":
        raise Rejected(Rejection.BAD_OPTION, {"option": "timestamp_granularities[]", "expected": "response_format verbose_json with it"})
    return tuple(dict.fromkeys(values)) or (SEGMENT,)


def yes(value: str, name: str) -> bool:
    """Return a truth value as forms carry it; raise Rejected(BAD_OPTION)."""
    if value.lower() not in {"", "true", "false", "1", "0"}:
        raise Rejected(Rejection.BAD_OPTION, {"option": name, "expected": "true or false"})
    return value.lower() in {"true", "1"}
