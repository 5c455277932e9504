"""`GET /v1/models` as OpenAI's clients expect it: the names they may give as `model`, all of which mean the one model that runs."""

from typing import Any

from pisar.domain.options import shown
from pisar.envelopes import HttpRequest, http_response
from pisar.formats.openai import error

WHISPER = "whisper-1"
CREATED = 1677532384
"""When OpenAI made its model of that name, as its own API tells; clients only want a number here."""


def answer(request: HttpRequest, *, known: bool) -> dict[str, Any]:
    """Return the list of models, or the one that is named. `known`: whether the caller's key is somebody's."""
    if not known:
        return http_response(401, error("Incorrect API key provided.", "invalid_request_error", code="invalid_api_key"))
    name = request.path.rstrip("/").removeprefix("/v1/models").lstrip("/")
    model = {"id": WHISPER, "object": "model", "created": CREATED, "owned_by": "pisar"}
    if not name:
        return http_response(200, {"object": "list", "data": [model]})
    if name == WHISPER:
        return http_response(200, model)
    sentence = f"There is no model {shown(name)!r}; use {WHISPER}."
    return http_response(404, error(sentence, "invalid_request_error", "model", "model_not_found"))
