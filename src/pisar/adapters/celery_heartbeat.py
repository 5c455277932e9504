"""Signs of life of a Celery worker, for a supervisor and the owner: only while it is connected to its broker and its loop turns."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from celery import Celery
from celery.bootsteps import StartStopStep
from celery.worker import state

BEAT_SECONDS = 5.0


def beat(app: Celery, do: Callable[[], None], *, seconds: float | None = None) -> None:
    """Have the application's workers call `do` every few seconds; not while the broker is away, and never again once they hang.

    What `do` takes holds up the worker's loop. May be called for several.
    """
    number = len(app.steps["consumer"])

    class Beat(StartStopStep):  # type: ignore[misc]
        # After these: a worker that beats takes tasks.
        requires = ("celery.worker.consumer.tasks:Tasks",)
        name = f"pisar.beat.{number}"  # steps of one name replace each other

        def __init__(self, consumer: Any, **_: Any) -> None:
            del consumer
            self._entry: Any = None

        def start(self, consumer: Any) -> None:
            do()
            self._entry = consumer.timer.call_repeatedly(BEAT_SECONDS if seconds is None else seconds, do)

        def stop(self, consumer: Any) -> None:
            del consumer
            entry, self._entry = self._entry, None
            if entry is not None:
                entry.cancel()

        shutdown = stop

    app.steps["consumer"].add(Beat)


class Aside:
    """Does something that may take long on a thread of its own, once for each poke; pokes that come meanwhile count as one."""

    def __init__(self, do: Callable[[], None], *, name: str) -> None:
        self._do = do
        self._name = name
        self._poked = Event()
        self._thread: Thread | None = None

    def poke(self) -> None:
        """Have it done, and return at once."""
        self._poked.set()
        if self._thread is None:  # not before: a pool's processes are forked from this one, and take no threads with them
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while self._poked.wait():
            self._poked.clear()
            self._do()


def jobs_in_hand() -> tuple[str, ...]:
    """Return the ids of the jobs that this process's worker works on now, in order."""
    while True:
        try:
            active = list(state.active_requests)
        except RuntimeError:  # the set changed meanwhile
            continue
        return tuple(sorted({str(one.kwargs["job_id"]) for one in active if "job_id" in one.kwargs}))
