"""Signs of life of a Celery worker, for a supervisor: only while it is connected to its broker and its loop turns."""

from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.bootsteps import StartStopStep

BEAT_SECONDS = 5.0


def beat(app: Celery, do: Callable[[], None]) -> None:
    """Have the application's workers call `do` every few seconds; not while the broker is away, and never again once they hang."""

    class Beat(StartStopStep):  # type: ignore[misc]
        # After these: a worker that beats takes tasks.
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, consumer: Any, **_: Any) -> None:
            del consumer
            self._entry: Any = None

        def start(self, consumer: Any) -> None:
            do()
            self._entry = consumer.timer.call_repeatedly(BEAT_SECONDS, do)

        def stop(self, consumer: Any) -> None:
            del consumer
            entry, self._entry = self._entry, None
            if entry is not None:
                entry.cancel()

        shutdown = stop

    app.steps["consumer"].add(Beat)
