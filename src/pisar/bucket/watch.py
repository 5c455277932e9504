"""Finds new files in the bucket by listing it, on self-hosted machines, whose store sends no events.

Each new object goes to the same intake as an event's, which takes an object once however often it is given. A look costs one listing for a
thousand objects, and nothing for objects that this process knows by key, tag and time of their write: a file that is written again may have
other options. The first look of a process also lists the results: a file that has a later result is not begun again, even if its record has
been erased by age. If file and result bear the same time, the file goes to the intake, whose record decides.
"""

import logging
from collections.abc import Callable

from pisar.domain.bucket import INCOMING, UPLOADS
from pisar.domain.jobs import CURRENT_JOB_ID
from pisar.errors import PisarError, Retryable
from pisar.ports.storage import ListedObject, ObjectStore
from pisar.state import drop_results as results
from pisar.state.waiting_jobs import LineFullError

log = logging.getLogger(__name__)

WATCHED = (UPLOADS, INCOMING)
"""The watched prefixes: where people drop files, and where API clients upload audio through a form."""


class BucketWatch:
    """Looks for new objects in the bucket. `receive`: the intake, called with an object's key. For one thread."""

    def __init__(self, store: ObjectStore, receive: Callable[[str], None]) -> None:
        self._store = store
        self._receive = receive
        self._known: dict[str, ListedObject] | None = None

    def look(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Give every object that is new since the last look to the intake; one that is not taken in counts as new next time.

        Ends early once `stopping` returns true. Raises Unavailable when the bucket can't be listed; then no object was given.
        """
        found = [entry for prefix in WATCHED for entry in self._store.entries(prefix)]
        known = self._known
        if known is None:
            answered = results.last_written(self._store)
            known = {entry.key: entry for entry in found if answered.get(entry.key, 0.0) > entry.written_at}
        full = False
        self._known = {}  # of what is no longer listed nothing is remembered
        for entry in found:
            if stopping():
                return
            if known.get(entry.key) == entry:
                self._known[entry.key] = entry
                continue
            if full and entry.key.startswith(UPLOADS):
                continue  # one by one each would only find the same
            try:
                taken = self._take_in(entry.key)
            except LineFullError:
                log.info("the line is full: the other files wait")
                full = True
            else:
                if taken:
                    self._known[entry.key] = entry

    def _take_in(self, key: str) -> bool:
        """Give an object to the intake; return whether it is done with. Raises LineFullError."""
        try:
            self._receive(key)
        except LineFullError:
            raise
        except Retryable as error:
            log.warning("not received", extra={"why": str(error) or type(error).__name__})
            return False
        except PisarError as error:  # the next look would find the same
            log.error("can't be received", extra={"why": str(error) or type(error).__name__})  # noqa: TRY400 - it says what a trace would
        except Exception:  # one file that nobody foresaw must not keep those after it from being found
            log.exception("unforeseen")
            return False
        finally:
            CURRENT_JOB_ID.set(None)
        return True
