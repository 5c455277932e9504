"""Tells API clients by callback that their job is finished: a worker queues the callback, and a function of its own makes the call.

A call names the job and its state, never what was said. It is repeated after every failure, on the schedule of `pisar.domain.callbacks`,
and may come twice: its id (X-Pisar-Delivery) stays the same. Of a client's address only the host is logged.
"""

import json
import logging

from pisar.domain.answer_to import Order
from pisar.domain.callbacks import CallbackMessage, headers
from pisar.domain.destinations import Destination
from pisar.domain.jobs import CURRENT_JOB_ID, Job, Outcome, State
from pisar.errors import Busy, Missing, Rejected, Unavailable
from pisar.formats import jobs as shown
from pisar.formats import refusals
from pisar.ports.callbacks import CallbackQueue, CallbackSender
from pisar.ports.clock import Clock
from pisar.state.api_keys import Keys
from pisar.state.job_records import Records

log = logging.getLogger(__name__)


class Announcements:
    """Queues callbacks, for all code that ends jobs. Without a queue nothing is called."""

    def __init__(self, queue: CallbackQueue | None) -> None:
        self._queue = queue

    def announce(self, job: Job) -> None:
        """Queue the first try if the client asked for a callback. Its delay leaves time for the record, which is final right after this."""
        if self._queue is None or not isinstance(job.answer_to, Order) or job.answer_to.callback_url is None:
            return
        first = CallbackMessage(job.id)
        self._queue.put(first, delay_seconds=first.delay_seconds)
        log.info("announced")


class Callbacks:
    """Makes the calls: the work of the callbacks function."""

    def __init__(self, *, records: Records, keys: Keys, queue: CallbackQueue, sender: CallbackSender, clock: Clock) -> None:
        self._records = records
        self._keys = keys
        self._queue = queue
        self._sender = sender
        self._clock = clock

    def deliver(self, message: CallbackMessage) -> None:
        """Make one try, and queue the next one if it fails. Raises Busy while the job is not finished, and Unavailable: repeat this try."""
        CURRENT_JOB_ID.set(message.job_id)
        try:
            job = self._records.find(message.job_id).job
        except Missing:
            _drop("the job is gone")
            return
        if job.state is not State.FINISHED:
            raise Busy(f"job {job.id} is announced and not finished")
        order = job.answer_to
        if job.outcome is Outcome.CANCELLED:
            _drop("the job was cancelled")
        elif not isinstance(order, Order) or order.callback_url is None:
            _drop("nobody asked for it")
        elif not (client := self._keys.holder(order.client)) or not client.callback_secret:
            _drop("its client is revoked or has no secret")
        else:
            self._try(message, job, order.callback_url, client.callback_secret)

    def _try(self, message: CallbackMessage, job: Job, url: str, secret: str) -> None:
        now = self._clock.now()
        state = shown.state_of(job, now=now, upload_seconds=0)  # nothing is awaited of a finished job
        told = shown.as_json(job, state)
        body = json.dumps({name: told[name] for name in ("id", "state", "finished_at")}).encode()
        this: dict[str, str | int] = {"host": _host(url), "attempt": message.attempt}
        try:
            status = self._sender.send(url, body, headers(secret, job.id, int(now), body))
        except Unavailable as error:
            why = str(error)
        except Rejected as rejection:  # what was public when the job was made is private now, or was taken off the owner's list
            why = refusals.sentence(rejection)
        else:
            if 200 <= status < 300:  # noqa: PLR2004 - HTTP's codes of success
                log.info("called back", extra={**this, "status": status})
                return
            why = f"it was answered {status}"
        self._try_later(message, {**this, "why": why})

    def _try_later(self, message: CallbackMessage, what: dict[str, str | int]) -> None:
        later = message.next()
        if later is None:
            log.warning("callback given up", extra=what)
            return
        self._queue.put(later, delay_seconds=later.delay_seconds)
        log.info("callback failed", extra={**what, "again_in_seconds": later.delay_seconds})


def _drop(why: str) -> None:
    log.info("callback dropped", extra={"why": why})


def _host(url: str) -> str:
    try:
        return Destination.parse(url).host
    except Rejected:
        return ""
