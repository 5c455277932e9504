"""Answers `GET /v1/models` for OpenAI's clients: the names they may give as `model`, all of which mean the one model that runs."""

from pisar.domain.clients import Client
from pisar.domain.options import shown
from pisar.formats.openai import error
from pisar.web.http import Request, Response, in_json

WHISPER = "whisper-1"
CREATED = 1677532384
"""When OpenAI made its model of that name, as its own API reports; clients only want a number here."""


def wrong_key(_: Request) -> Response:
    """Return the response to a caller without a valid key, in OpenAI's shape."""
    return in_json(401, error("Incorrect API key provided.", "invalid_request_error", code="invalid_api_key"))


def answer(request: Request, _: Client) -> Response:
    """Return the list of models, or the one that the path names."""
    name = request.path.rstrip("/").removeprefix("/v1/models").lstrip("/")
    model = {"id": WHISPER, "object": "model", "created": CREATED, "owned_by": "pisar"}
    if name in {"", WHISPER} and request.query:
        parameter = shown(min(request.query))
        return in_json(422, error(f"There is no parameter {parameter} here.", "invalid_request_error", parameter, "bad_option"))
    if not name:
        return in_json(200, {"object": "list", "data": [model]})
    if name == WHISPER:
        return in_json(200, model)
    sentence = f"There is no model {shown(name)!r}; use {WHISPER}."
    return in_json(404, error(sentence, "invalid_request_error", "model", "model_not_found"))
