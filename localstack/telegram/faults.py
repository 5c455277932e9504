"""Faults shaped as Telegram's own answers, for `TelegramStandIn.faults`.

`path` is searched in "/<method>" ("/sendMessage", a GET's query after it) and, for downloads, in "/file/<file_path>".
"""

import json
from typing import Any

from localstack.faults import Action, Fault
from localstack.telegram import known_refusals
from localstack.telegram.refusals import Refusal, bad_request, forbidden, too_many_requests


def flood(path: str, *, retry_after: int = 1, **fault: Any) -> Fault:
    """Return a fault that answers 429 and asks for `retry_after` seconds; other fields of Fault by name."""
    return _shaped(too_many_requests(retry_after), path, fault)


def server_error(path: str, *, code: int = 500, reason: str = "Internal Server Error", **fault: Any) -> Fault:
    """Return a fault that answers 500, or another code of the server's own."""
    return _shaped(Refusal(code, reason), path, fault)


def blocked(path: str, **fault: Any) -> Fault:
    """Return a fault that answers as if the person had blocked the bot."""
    return _shaped(forbidden("bot was blocked by the user"), path, fault)


def known(method: str, reason: str, **fault: Any) -> Fault:
    """Return a fault that refuses a method for a reason that `known_refusals` lists, with the code that belongs to it."""
    return _shaped(known_refusals.known(method, reason).refusal, f"^/{method}$", fault)


def unheard_of(method: str, reason: str = "SOMETHING_OF_TOMORROW", **fault: Any) -> Fault:
    """Return a fault that refuses a method with 400 for a reason that nobody has heard of."""
    return _shaped(bad_request(reason), f"^/{method}$", fault)


def unreadable_result(method: str, result: Any, **fault: Any) -> Fault:
    """Return a fault that carries a method out and answers with a result of another server's version."""
    body = json.dumps({"ok": True, "result": result}).encode()
    return Fault(action=Action.STATUS, when="after", path=f"^/{method}$", status=200, body=body, **fault)


def _shaped(refusal: Refusal, path: str, fault: dict[str, Any]) -> Fault:
    body = json.dumps(refusal.envelope()).encode()
    headers = {"Content-Type": "application/json"} | refusal.headers()
    return Fault(action=Action.STATUS, path=path, status=refusal.code, headers=headers, body=body, **fault)
