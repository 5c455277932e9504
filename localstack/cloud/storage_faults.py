"""Faults as JSON, and the WSGI middleware that makes them happen to a server in another process.

Control, never itself spoilt: POST /_control/faults adds one, GET lists those that happened, DELETE forgets all.
"""

import base64
import io
import json
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from http import HTTPStatus
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from localstack.faults import Action, Fault, FaultBook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTROL_PATH = "/_control/faults"
SQS_ACTION = "localstack.sqs_action"  # where the application finds in its environ what the request asks of SQS, or None


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """Return the fault as JSON data, its body in base64."""
    return {**asdict(fault), "body": base64.b64encode(fault.body).decode()}


def fault_from_json(data: dict[str, Any]) -> Fault:
    """Return the fault that `fault_to_json` wrote."""
    return Fault(
        **{**data, "action": Action(data["action"]), "body": base64.b64decode(data.get("body", "")), "pids": tuple(data.get("pids", ()))}
    )


def _sqs_action(environ: "WSGIEnvironment", body: bytes) -> str | None:
    """Return the SQS action the request asks for, None for a request that is not SQS.

    JSON protocol: header X-Amz-Target "AmazonSQS.SendMessage"; query protocol: form field Action.
    """
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    if target.startswith("AmazonSQS."):
        return target.removeprefix("AmazonSQS.")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(errors="replace")).get("Action", [None])[0]
    return None


def _fault_path(environ: "WSGIEnvironment", body: bytes, action: str | None) -> str:
    """Return what a fault's `path` is searched in: path and query, or "/<queue path> <Action>" for SQS."""
    path: str = environ["PATH_INFO"]
    if action is None:
        return path + ("?" + environ["QUERY_STRING"] if environ.get("QUERY_STRING") else "")
    if path == "/" and environ.get("HTTP_X_AMZ_TARGET"):  # the JSON protocol may name the queue in the body only
        path = urlsplit(json.loads(body or b"{}").get("QueueUrl", "/")).path
    return f"{path} {action}"


def _read_body(environ: "WSGIEnvironment") -> bytes:
    """Read the body whole and lay it back for the application."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        body: bytes = environ["wsgi.input"].read(int(length))
    else:
        body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


class FaultyApplication:
    """The application, its requests spoilt as the book says. Answers are buffered: a fault comes before the first byte."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self._book = FaultBook()
        self._cleared = Event()  # set and replaced by DELETE, so that hanging requests end with their fault

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, or don't."""
        body = _read_body(environ)
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] == CONTROL_PATH:
            return self._control(method, body, start_response)
        environ[SQS_ACTION] = _sqs_action(environ, body)
        path = _fault_path(environ, body, environ[SQS_ACTION])
        caller = environ.get("HTTP_USER_AGENT", "")
        if fault := self._book.strike("before", method, path, caller):
            return self._spoil(fault, environ, start_response)
        status, headers, answer = _carry_out(self._application, environ)
        if fault := self._book.strike("after", method, path, caller):
            return self._spoil(fault, environ, start_response)
        start_response(status, headers)
        return [answer]

    def _control(self, method: str, body: bytes, start_response: "StartResponse") -> Iterable[bytes]:
        if method == "POST":
            self._book.add(fault_from_json(json.loads(body)))
        elif method == "DELETE":
            self._book.clear()
            self._cleared.set()
            self._cleared = Event()
        answer = json.dumps([fault_to_json(fault) for fault in self._book.fired]).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]

    def _spoil(self, fault: Fault, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if fault.action is Action.STATUS:
            headers = {**fault.headers, "Content-Length": str(len(fault.body))}
            start_response(f"{fault.status} {HTTPStatus(fault.status).phrase}", list(headers.items()))
            return [fault.body]
        if fault.action is Action.HANG:
            self._cleared.wait(fault.seconds)
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError  # what werkzeug takes for a client that went away: nothing more is written


def _carry_out(application: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None, /) -> Callable[[bytes], object]:
        started.append((status, headers))
        return bytes  # the write() of old WSGI, which neither Flask nor werkzeug calls

    answer = application(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        if isinstance(answer, Iterator) and hasattr(answer, "close"):
            answer.close()
    status, headers = started[-1]
    return status, headers, body
