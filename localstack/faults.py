"""Faults on request, for the servers of the local cloud.

A test describes the request it wants to spoil; the server asks the book before it carries a request out and again before
it answers. "before" means the request had no effect, "after" means it had its effect and the caller never learns of it:
between the two lie all the moments at which a process can die.
"""

import os
import re
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Literal


class Action(StrEnum):
    """What happens to the request."""

    KILL = "kill"  # SIGKILL to the processes `pids`, then the connection is closed without an answer
    STATUS = "status"  # answered with `status`, `headers` and `body`
    DROP = "drop"  # the connection is closed without an answer
    HANG = "hang"  # no answer for `seconds`, then the connection is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of request to spoil: `times` of those that match, after letting `skip` of them pass.

    `path` is a regular expression searched in the request's path and query (for S3 and Telegram) or, for SQS, in
    "/<queue path> <Action>", e.g. "SendMessage". `caller` is searched in the User-Agent.
    """

    action: Action
    when: Literal["before", "after"] = "before"
    method: str = ".*"
    caller: str = ""
    path: str = ".*"
    skip: int = 0
    times: int = 1
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    pids: tuple[int, ...] = ()


@dataclass(slots=True)
class _Waiting:
    fault: Fault
    skip: int
    times: int


class FaultBook:
    """The faults still to happen; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self.fired: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Ask for a fault."""
        with self._lock:
            self._waiting.append(_Waiting(fault, fault.skip, fault.times))

    def clear(self) -> None:
        """Forget every fault, also those that happened."""
        with self._lock:
            self._waiting.clear()
            self.fired.clear()

    def strike(self, when: Literal["before", "after"], method: str, path: str, caller: str = "") -> Fault | None:
        """Return the fault this request meets now, counting it, or None. A KILL has already been carried out."""
        with self._lock:
            for entry in self._waiting:
                fault = entry.fault
                if fault.when != when or not entry.times or not re.fullmatch(fault.method, method):
                    continue
                if not re.search(fault.path, path) or not re.search(fault.caller, caller):
                    continue
                if entry.skip:
                    entry.skip -= 1
                    continue
                entry.times -= 1
                self.fired.append(fault)
                for pid in fault.pids if fault.action is Action.KILL else ():
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                return fault
        return None
