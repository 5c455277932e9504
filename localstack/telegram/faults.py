"""Faults shaped as Telegram's own answers, for `TelegramStandIn.faults`.

`path` is searched in "/<method>" ("/sendMessage", a GET's query after it) and, for downloads, in "/file/<file_path>".
"""

import json
from typing import Any

from localstack.faults import Action, Fault
from localstack.telegram.refusals import Refusal, forbidden, too_many_requests


def flood(path: str, *, retry_after: int = 1, **fault: Any) -> Fault:
    """Return a fault that answers 429 and asks for `retry_after` seconds; other fields of Fault by name."""
    return _shaped(too_many_requests(retry_after), path, fault)


def server_error(path: str, *, code: int = 500, reason: str = "Internal Server Error", **fault: Any) -> Fault:
    """Return a fault that answers 500, or another code of the server's own."""
    return _shaped(Refusal(code, reason), path, fault)


def blocked(path: str, **fault: Any) -> Fault:
    """Return a fault that answers as if the person had blocked the bot."""
    return _shaped(forbidden("bot was blocked by the user"), path, fault)


def _shaped(refusal: Refusal, path: str, fault: dict[str, Any]) -> Fault:
    body = json.dumps(refusal.envelope()).encode()
    headers = {"Content-Type": "application/json"} | refusal.headers()
    return Fault(action=Action.STATUS, path=path, status=refusal.code, headers=headers, body=body, **fault)
