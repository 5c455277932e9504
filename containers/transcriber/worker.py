"""Entry point of the self-hosted workers: Celery tasks that do what the serverless functions and container do.

    worker.py errands      fetches, answers, calls back, and looks for new files in the bucket; needs no engine
    worker.py voice        transcribes voice messages
    worker.py lectures     transcribes what takes longer

A task that failed for now is tried again later, each time after a longer wait. What no try can help ends by `pisar.give_up`: the person
is told, or the message is kept for the owner. SIGTERM: nothing new is begun; a job that is not finished within the grace time is
handed back to the queue.
"""

import logging
import multiprocessing
import os
import random
import sys
import warnings
from collections.abc import Callable
from threading import Event, Thread, Timer
from typing import Any, NoReturn, TypeVar

from celery.exceptions import Reject, Retry, SecurityWarning, SoftTimeLimitExceeded, WorkerLostError
from celery.signals import setup_logging, worker_process_init, worker_shutting_down
from celery.worker.request import Request

from pisar import logs
from pisar.errors import Busy, Misconfigured, PisarError, Retryable, Unavailable, Unreadable
from pisar.wiring.worker import ANSWER, CALL_BACK, FETCH, GIVE_UP, TRANSCRIBE_AUDIO, Errands, Role, Worker, build

log = logging.getLogger("worker")

FIRST_WAIT_SECONDS = 1.0
MAX_WAIT_SECONDS = 300.0
MAX_BUSY_WAIT_SECONDS = 15.0
"""Who holds a job may be done soon, or dead: it is looked at often."""

MAX_UNFORESEEN = 8
"""Tries at what nobody foresaw, over some four minutes; then the job is given up."""

ERRANDS_AT_ONCE = 8
HARD_LIMIT_FACTOR = 1.1
"""A process that did not heed its time limit is killed a tenth later, which is before its message comes back to another."""

T = TypeVar("T")


class Tasks:
    """The tasks of a role, over its worker."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._stop = multiprocessing.Event()  # made before the pool's processes, which share it
        self._leaving = Event()
        self._errands: Errands | None = None
        self._engine: Callable[[str], None] | None = None
        limit = worker.plan.limit_seconds[worker.role]
        limits = {"soft_time_limit": limit, "time_limit": HARD_LIMIT_FACTOR * limit}
        self._add(FETCH, self.fetch)
        self._add(ANSWER, self.answer)
        self._add(CALL_BACK, self.call_back, ignore_result=True)
        self._add(GIVE_UP, self.give_up, ignore_result=True)
        self._add(TRANSCRIBE_AUDIO, self.transcribe_audio, Request=_noticing(worker.note_killed), **limits)

    def _add(self, name: str, work: Callable[..., Any], **options: Any) -> None:
        def run(task: Any, *args: Any, **kwargs: Any) -> Any:
            return work(task, *args, **kwargs)

        # As often as it takes: to `retry` None would mean the task's own limit, which is three unless it is told here.
        self._worker.app.task(run, name=name, bind=True, max_retries=None, **options)

    def start(self, **_: Any) -> None:
        """Load what the role needs, in the process that does the work."""
        if self._worker.role is Role.ERRANDS:
            self._errands = self._worker.errands()
        else:
            if self._worker.role is Role.LECTURES:
                _leave_the_cores()
            self._engine = self._worker.engine(self._stop.is_set)

    def stop(self, **_: Any) -> None:
        """Let the running job go on for the grace time, and then have it handed back. New files are for others to find."""
        self._leaving.set()
        timer = Timer(self._worker.grace_seconds, self._stop.set)
        timer.daemon = True
        timer.start()

    def watch(self) -> None:
        """Look for new files in the bucket, on a thread of its own, until the worker is told to stop."""
        look = self._worker.look(self._leaving.is_set)

        def run() -> None:
            while not self._leaving.is_set():
                try:
                    look()
                except Retryable as error:
                    log.warning("could not look for new files", extra={"why": str(error) or type(error).__name__})
                except Exception:
                    log.exception("unforeseen")
                self._leaving.wait(self._worker.look_seconds)

        Thread(target=run, name="looking", daemon=True).start()

    def fetch(self, task: Any, *, job_id: str) -> str:
        """Look at the job's audio; return the lane that it belongs in."""
        return self._try(task, lambda: self._ready.fetch(job_id))

    def transcribe_audio(self, task: Any, lane: str, *, job_id: str) -> str:
        """Make the job's transcript and store it; return the job's id."""
        del lane  # it chose the queue
        engine = self._engine
        if engine is None:
            raise Reject("this worker has no engine", requeue=True)
        self._try(task, lambda: engine(job_id))
        return job_id

    def answer(self, task: Any, *, job_id: str) -> str:
        """Answer with the transcript; return the job's id."""
        self._try(task, lambda: self._ready.answer(job_id))
        return job_id

    def call_back(self, task: Any, *, body: str) -> None:
        """Make the try at a callback that the message names."""
        self._try(task, lambda: self._ready.call_back(_text(body)))

    def give_up(self, task: Any, *, body: str) -> None:
        """End the job of a message that no try could help."""
        self._try(task, lambda: self._ready.give_up(task.request.id, _text(body)))

    @property
    def _ready(self) -> Errands:
        if self._errands is None:
            raise Reject("this worker runs no errands", requeue=True)
        return self._errands

    def _try(self, task: Any, do: Callable[[], T]) -> T:
        logs.begin_call()
        try:
            return do()
        except (Reject, Unreadable):
            raise
        except Retryable as error:
            log.warning("not done", extra={"why": str(error) or type(error).__name__, "retries": task.request.retries})
            if self._stop.is_set():
                raise Reject("this worker was told to stop", requeue=True) from None
            self._again(task, _wait(error, task.request.retries))
        except SoftTimeLimitExceeded:
            log.warning("took too long", extra={"retries": task.request.retries})
            self._again(task, FIRST_WAIT_SECONDS)
        except Exception as error:
            log.exception("unforeseen")
            if task.request.retries >= MAX_UNFORESEEN:
                raise
            self._again(task, _wait(error, task.request.retries))

    def _again(self, task: Any, seconds: float) -> NoReturn:
        # The queue is named: the message that is answered may have come by the broker's queues of delayed ones.
        role = self._worker.role
        try:
            task.retry(countdown=min(seconds, self._worker.plan.longest_wait_seconds(role)), queue=role.queue)
        except Retry:
            raise
        except Exception:
            log.exception("could not be queued again: the broker keeps it")
            raise Reject("the broker did not take it", requeue=True) from None
        raise AssertionError("retry raises")


def _noticing(note: Callable[[str, int], None]) -> type[Request]:
    """Return Celery's request of a task whose end by SIGKILL from outside, as the kernel's for want of memory, is noted on its job."""

    class Noticing(Request):  # type: ignore[misc]
        def on_failure(self, exc_info: Any, *args: Any, **kwargs: Any) -> Any:
            # The pool wraps the error, to carry its traceback. A time limit's own SIGKILL comes as another error.
            error = getattr(exc_info.exception, "exc", exc_info.exception)
            if isinstance(error, WorkerLostError) and "signal 9 " in str(error):
                # Aside, for this is the worker's loop; whoever gets the message meanwhile finds the job held.
                Thread(target=self._note, name="killed", daemon=True).start()
            return super().on_failure(exc_info, *args, **kwargs)

        def _note(self) -> None:
            job_id = str((self.kwargs or {}).get("job_id"))
            logs.begin_call(job_id)
            log.warning("killed from outside")
            try:
                note(job_id, self.worker_pid or 0)
            except PisarError as error:
                log.warning("not noted", extra={"why": str(error) or type(error).__name__})

    return Noticing


def _text(body: Any) -> str:
    if not isinstance(body, str):
        raise Unreadable(f"a message's body is {type(body).__name__}, and text was expected")
    return body


def _leave_the_cores() -> None:
    """Have this process run where nobody else wants the cores, so that a voice message goes first.

    Niceness 19 leaves it 15 parts of 1,024, and the idle class 3, which also lets whoever wakes go at once (sched(7)). Between
    containers `cpu_shares` says it (compose.yaml).
    """
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)


def _leave_logs(**_: Any) -> None:
    """Take Celery's logging upon ourselves: while anybody hears this signal, it sets no level and adds no handler."""
    # Its pool's logger passes nothing on to the root: without a handler, that a process died would be told in a line that is no JSON.
    pool = logging.getLogger("multiprocessing")
    pool.handlers = logging.getLogger().handlers
    pool.setLevel(logging.WARNING)


def _wait(error: Exception, retries: int) -> float:
    """Return seconds until the next try: twice as long each time, spread so that many do not come at once."""
    wait = min(FIRST_WAIT_SECONDS * 2 ** min(retries, 16), MAX_BUSY_WAIT_SECONDS if isinstance(error, Busy) else MAX_WAIT_SECONDS)
    asked = (error.after_seconds or 0.0) if isinstance(error, Unavailable) else 0.0
    return float(max(asked, wait)) * random.uniform(1.0, 1.25)  # noqa: S311 - no secret


def main(arguments: list[str]) -> None:
    """Work until SIGTERM."""
    try:
        role = Role(arguments[0]) if len(arguments) == 1 else None
    except ValueError:
        role = None
    if role is None:
        raise SystemExit(f"usage: worker.py {'|'.join(one.value for one in Role)}")
    try:
        worker = build(os.environ, role)
    except Misconfigured as error:
        raise SystemExit(str(error)) from None
    tasks = Tasks(worker)
    worker_shutting_down.connect(tasks.stop, weak=False)
    if role is Role.ERRANDS:
        tasks.start()
        if worker.look_seconds:
            tasks.watch()
        pool = ["--pool=threads", f"--concurrency={ERRANDS_AT_ONCE}"]
    else:
        # The model is loaded in the pool's process, which the time limit can kill.
        worker_process_init.connect(tasks.start, weak=False)
        pool = ["--pool=prefork", "--concurrency=1"]
    # A name of its own: two workers of one name on one machine share a queue of commands, which RabbitMQ lets only one of them have.
    name = f"--hostname={worker.name}@%h"
    # A container is somebody's own already, and what nobody can change is no warning.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    setup_logging.connect(_leave_logs, weak=False)
    quiet = ["--without-mingle", "--without-gossip"]
    try:
        worker.app.worker_main(["--quiet", "worker", name, f"--queues={role.queue}", *quiet, *pool])
    finally:
        worker.leave()


if __name__ == "__main__":
    main(sys.argv[1:])
