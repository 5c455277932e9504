"""Lists the messages that the dead-letter consumer could not read, and queues them again or drops them at the owner's word.

Only messages that name no known job are kept; of a job that used up its deliveries the person has been told. Queueing again helps where
this version can read a message that an older one could not, or where the job's record has been restored.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pisar.domain.bucket import DEAD_LETTERS
from pisar.domain.jobs import JobMessage
from pisar.errors import Missing, Unreadable
from pisar.ports.queues import JobQueue
from pisar.ports.storage import ObjectStore
from pisar.state.job_records import Records

SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A kept message. `body`: as much of it as is shown; `problem`: why it can't be queued again, None if it can."""

    id: str
    body: str
    problem: str | None


class KeptLetters:
    """The messages under `dead-letters/`."""

    def __init__(self, store: ObjectStore, records: Records) -> None:
        self._store = store
        self._records = records

    def list(self) -> Iterator[KeptLetter]:
        """Yield every kept message, in the order of the ids."""
        for key in self._store.keys(DEAD_LETTERS):
            try:
                body = self._store.get(key).body
            except Missing:  # dropped meanwhile
                continue
            yield KeptLetter(key.removeprefix(DEAD_LETTERS), body.decode(errors="replace")[:SHOWN_CHARACTERS], self._problem(body)[1])

    def retry(self, message_id: str, queue: JobQueue) -> None:
        """Queue the message again and erase it here. Raises Missing, or Unreadable with the reason why it would only come back."""
        body = self._store.get(f"{DEAD_LETTERS}{message_id}").body
        message, problem = self._problem(body)
        if message is None:
            raise Unreadable(f"{message_id} would only come back: {problem}")
        queue.put(message)  # before it is dropped: twice in the queue is harmless, nowhere is a loss
        self._store.delete(f"{DEAD_LETTERS}{message_id}")

    def drop(self, message_id: str) -> None:
        """Erase the message. Raises Missing."""
        self._store.look(f"{DEAD_LETTERS}{message_id}")
        self._store.delete(f"{DEAD_LETTERS}{message_id}")

    def _problem(self, body: bytes) -> tuple[JobMessage | None, str | None]:
        try:
            message = JobMessage.decode(body.decode())
            self._records.find(message.job_id)
        except (Unreadable, UnicodeDecodeError):
            return None, "it is no message of a job"
        except Missing:
            return None, "its job does not exist"
        return message, None
